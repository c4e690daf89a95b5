import type { Effort } from '../../factory/model/money/finance.ts';
import { isRecord } from '../../lib/record.ts';
import { told, type WireTurn } from './normalise.ts';

export type ThinkingMode = 'adaptive' | 'budget';

/** As the SDK's `ThinkingConfigParam` has them. */
export type ThinkingParam = { type: 'adaptive' } | { type: 'enabled'; budget_tokens: number };

/** How an endpoint takes thinking. */
export interface ThinkingForm {
  /** Ways in which it may take a wish for thinking, the first of them now. None: it is not asked for. */
  modes: readonly ThinkingMode[];
  /** On the scale for all vendors: how large a budget is. */
  budgetFor: Effort;
  keepThinking: boolean;
  /**
   * Turns with calls that must begin with thinking, or are refused: another vendor's turns have none. `last` holds for every
   * model whose thinking has a budget.
   */
  leading: 'none' | 'last' | 'all';
}

/** The least that the vendor takes. */
const LEAST_BUDGET = 1_024;
/** Thinking counts into the output limit: so much of it (a share) is left for the reply itself. */
const LEFT_FOR_REPLY = 0.5;
const BUDGETS: Readonly<Record<Effort, number>> = {
  minimal: LEAST_BUDGET,
  low: 4_096,
  medium: 10_240,
  high: 20_480,
  max: 49_152,
};

/** What is asked for, or `undefined`: nothing, also where the output limit leaves no room for a budget. */
export function askThinking(
  form: ThinkingForm & { plain: boolean },
  maxOutputTokens: number,
): ThinkingParam | undefined {
  const [mode] = form.modes;
  if (mode === undefined) return undefined;
  // Without thinking in the history no turn with calls could lead with it.
  if (!form.keepThinking && !form.plain && leads(form, mode) !== 'none') return undefined;
  if (mode === 'adaptive') return { type: 'adaptive' };
  const budget = Math.min(BUDGETS[form.budgetFor], Math.floor(maxOutputTokens * (1 - LEFT_FOR_REPLY)));
  return budget < LEAST_BUDGET ? undefined : { type: 'enabled', budget_tokens: budget };
}

const leads = (form: ThinkingForm, mode: ThinkingMode | undefined) =>
  form.leading === 'none' && mode === 'budget' ? 'last' : form.leading;

/**
 * Turns that should begin with thinking and do not (they are another model's) have their calls told as text. The next turn
 * begins with thinking of its own, so only one request has the newest turn in this form.
 */
export function withLeadingThinking(
  turns: readonly WireTurn[],
  form: ThinkingForm,
  asked: ThinkingParam | undefined,
): WireTurn[] {
  const which = leads(form, form.modes[0]);
  if (which === 'none' || (which === 'last' && asked === undefined)) return [...turns];
  const last = turns.findLastIndex((turn) => turn.role === 'assistant');
  return turns.flatMap((turn, index) => {
    if (turn.role !== 'assistant' || turn.results.length === 0) return [turn];
    // A turn that was paused and its continuation are one to the vendor.
    const before = turns
      .slice(0, index)
      .findLastIndex((each) => each.role !== 'assistant' || each.results.length > 0);
    const unled = !beginsWithThinking(turns[before + 1] ?? turn);
    return unled && (which === 'all' || index === last) ? told(turn) : [turn];
  });
}

function beginsWithThinking(turn: WireTurn): boolean {
  const first = turn.role === 'assistant' ? turn.parts[0] : undefined;
  return (
    first?.type === 'thinking' &&
    isRecord(first.data) &&
    (first.data.type === 'thinking' || first.data.type === 'redacted_thinking')
  );
}
