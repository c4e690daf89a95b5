import { isRecord } from '../../lib/record.ts';
import { type AssistantTurn, told, type WireTurn } from './normalise.ts';
import { merge } from './openai-opaque.ts';

/** What an endpoint wants back with each turn that called tools, also with turns of other models, which have nothing of it. */
export interface Wants {
  wants: 'nothing' | 'signature' | 'reasoning';
  /** What is done for turns without it: a stand-in, or the calls are told as text. */
  lacking: 'stand_in' | 'told';
  /** Thoughts go back only as long as the user has said nothing new. */
  thisTurnOnly: boolean;
}

/** Google's own word for calls that its models did not make. */
const NO_SIGNATURE = { extra_content: { google: { thought_signature: 'skip_thought_signature_validator' } } };
const NO_REASONING = { reasoning_content: 'Not kept.' };

/** The turns as the endpoint wants them. Pure. */
export function asWanted(turns: readonly WireTurn[], form: Wants): WireTurn[] {
  const lastUser = turns.findLastIndex((turn) => turn.role === 'user');
  return turns.flatMap((turn, index) => {
    if (turn.role === 'user') return [turn];
    const over = form.thisTurnOnly && index < lastUser;
    const kept = over ? { ...turn, parts: turn.parts.filter((part) => part.type !== 'thinking') } : turn;
    const lacks = form.wants === 'reasoning' ? !over && !hasReasoning(kept) : !isSigned(kept);
    if (form.wants === 'nothing' || kept.results.length === 0 || !lacks) return [kept];
    if (form.lacking === 'told') return told(kept);
    return [form.wants === 'reasoning' ? reasoned(kept) : signed(kept)];
  });
}

const hasReasoning = ({ parts }: AssistantTurn): boolean =>
  parts.some(
    (part) =>
      part.type === 'thinking' && isRecord(part.data) && typeof part.data.reasoning_content === 'string',
  );

/** Of several calls at once the first one is signed. */
function isSigned({ parts }: AssistantTurn): boolean {
  const { opaque } = parts.find((part) => part.type === 'tool_call') ?? {};
  return isRecord(opaque) && Object.keys(opaque).some((name) => name !== 'id');
}

const reasoned = (turn: AssistantTurn): AssistantTurn => ({
  ...turn,
  parts: [{ type: 'thinking', data: NO_REASONING }, ...turn.parts],
});

function signed(turn: AssistantTurn): AssistantTurn {
  const first = turn.parts.findIndex((part) => part.type === 'tool_call');
  const parts = turn.parts.map((part, index) =>
    index === first && part.type === 'tool_call'
      ? { ...part, opaque: merge(isRecord(part.opaque) ? part.opaque : {}, NO_SIGNATURE) }
      : part,
  );
  return { ...turn, parts };
}
