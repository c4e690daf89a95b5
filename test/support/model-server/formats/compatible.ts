import { createHash } from 'node:crypto';
import type { Dialect } from '../script.ts';
import { asArray, asObject, asText, type Json, pieces, type RenderRequest } from './format.ts';

/** Google's own word for calls that its models did not make. */
const STAND_IN = 'skip_thought_signature_validator';

const seal = (model: string, text: string) =>
  createHash('sha256').update(`${model}\0${text}`).digest('base64').slice(0, 32);

/** Thoughts and signatures beside an answer, as each kind of endpoint gives them. */
export interface BesideAnswer {
  message: Json;
  firstCall: Json;
  deltas: Json[];
}

export function besideAnswer({ dialect, answer, model, newId }: RenderRequest): BesideAnswer {
  const { thinking } = answer;
  if (dialect === 'gemini') {
    const signature = (of: string) => {
      const nonce = newId('ts-');
      return { extra_content: { google: { thought_signature: `${nonce}.${seal(model, nonce + of)}` } } };
    };
    const [first] = answer.toolCalls ?? [];
    if (first !== undefined) return { message: {}, firstCall: signature(first.name), deltas: [] };
    const message = thinking === undefined ? {} : signature('');
    return { message, firstCall: {}, deltas: thinking === undefined ? [] : [message] };
  }
  if (thinking === undefined) return { message: {}, firstCall: {}, deltas: [] };
  if (dialect === 'openrouter') return openrouterThinking(model, thinking);
  const deltas = pieces(thinking).map((piece) => ({ reasoning_content: piece }));
  return { message: { reasoning_content: thinking }, firstCall: {}, deltas };
}

function openrouterThinking(model: string, thinking: string): BesideAnswer {
  const text = { type: 'reasoning.text', format: 'vendor-v1', index: 0 };
  const hidden = Buffer.from(thinking).toString('base64');
  const encrypted = { type: 'reasoning.encrypted', data: `${hidden}.${seal(model, hidden)}`, index: 1 };
  const signature = seal(model, thinking);
  return {
    message: { reasoning: thinking, reasoning_details: [{ ...text, text: thinking, signature }, encrypted] },
    firstCall: {},
    deltas: [
      ...pieces(thinking).map((piece) => ({
        reasoning: piece,
        reasoning_details: [{ ...text, text: piece }],
      })),
      { reasoning_details: [{ ...text, signature }] },
      { reasoning_details: [encrypted] },
    ],
  };
}

/** The message of the 400 to thoughts that are missing, changed or not wanted, or `undefined`. */
export function compatibleRefusal(
  body: Json,
  messages: readonly Json[],
  dialect: Dialect,
): string | undefined {
  const model = asText(body.model);
  const turn = messages.findLastIndex((message) => message.role === 'user');
  for (const [index, message] of messages.entries()) {
    if (message.role !== 'assistant') continue;
    const refusal =
      strangeField(message, dialect, index) ?? refusalOf(dialect, model, message, index, index > turn);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

const OF_VENDORS = [
  'reasoning_content',
  'reasoning',
  'reasoning_details',
  'thinking_blocks',
  'extra_content',
];
const TAKEN: Readonly<Record<Dialect, readonly string[]>> = {
  openai: ['reasoning_content'],
  openrouter: ['reasoning', 'reasoning_details'],
  gemini: ['extra_content'],
  deepseek: ['reasoning_content'],
  'deepseek-r1': [],
  kimi: ['reasoning_content'],
};

function strangeField(message: Json, dialect: Dialect, index: number): string | undefined {
  const strange = OF_VENDORS.find((name) => message[name] !== undefined && !TAKEN[dialect].includes(name));
  return strange && `messages[${index}]: property '${strange}' is unsupported`;
}

function refusalOf(dialect: Dialect, model: string, message: Json, index: number, inTurn: boolean) {
  const calls = asArray(message.tool_calls).map(asObject);
  const reasoning = asText(message.reasoning_content);
  switch (dialect) {
    case 'gemini':
      return geminiRefusal(model, message, calls, inTurn);
    case 'openrouter':
      return openrouterRefusal(model, message, index);
    case 'deepseek':
      return inTurn && calls.length > 0 && reasoning === ''
        ? 'The `reasoning_content` in the thinking mode must be passed back to the API.'
        : undefined;
    case 'kimi':
      return calls.length > 0 && reasoning === ''
        ? `thinking is enabled but reasoning_content is missing in assistant tool call message at index ${index}`
        : undefined;
    default:
      return undefined;
  }
}

const signatureOf = (holder: Json | undefined) =>
  asText(asObject(asObject(holder?.extra_content).google).thought_signature);

function geminiRefusal(model: string, message: Json, calls: readonly Json[], inTurn: boolean) {
  const [first] = calls;
  if (inTurn && first !== undefined && signatureOf(first) === '') {
    return 'Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly.';
  }
  for (const holder of [message, ...calls]) {
    const signature = signatureOf(holder);
    if (signature === '' || (signature === STAND_IN && holder !== message)) continue;
    const [nonce = '', sealed] = signature.split('.');
    const of = holder === message ? '' : asText(asObject(holder.function).name);
    if (sealed !== seal(model, nonce + of)) return 'Thought signature is not valid.';
  }
  return undefined;
}

function openrouterRefusal(model: string, message: Json, index: number): string | undefined {
  if (message.reasoning_details === undefined) return undefined;
  const [text, encrypted, ...more] = asArray(message.reasoning_details).map(asObject);
  const [hidden = '', sealed] = asText(encrypted?.data).split('.');
  const whole =
    more.length === 0 &&
    text?.signature === seal(model, asText(text?.text)) &&
    sealed === seal(model, hidden) &&
    Buffer.from(hidden, 'base64').toString() === text?.text;
  return whole ? undefined : `messages[${index}].reasoning_details were modified`;
}
