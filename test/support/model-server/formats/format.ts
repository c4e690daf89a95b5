import type { Usage } from '../../../../src/factory/model/money/finance.ts';
import type { PromptBlock } from '../billing.ts';
import type { Answer, Dialect, ScriptMessage, Turn } from '../script.ts';

/** What a wire format makes of a request body. */
export interface ParsedRequest {
  model: string;
  stream: boolean;
  system: string;
  tools: Turn['tools'];
  conversation: ScriptMessage[];
  blocks: PromptBlock[];
  /** Requests with the same key share a prompt cache. */
  cacheKey?: string;
  /** Why the vendor would refuse it: the message of a 400, or more of the answer. */
  refusal?: string | Refusal;
}

/** What stands in the answer to a request that is refused. */
export interface Refusal {
  message: string;
  /** Default 400. */
  status?: number;
  code?: string | null;
  param?: string | null;
}

/** An answer in the vendor's words: whole, and as the events of a stream. */
export interface RenderedAnswer {
  whole: unknown;
  /** Complete server-sent events with their blank line. */
  events: string[];
}

export interface RenderRequest {
  /** Of compatible endpoints. Default `openai`. */
  dialect?: Dialect;
  answer: Answer;
  usage: Usage;
  model: string;
  /** The client asked for usage in the stream. */
  includeUsage: boolean;
  /** Unique ids for the reply and its calls. */
  newId(prefix: string): string;
  createdSeconds: number;
}

export type Json = Record<string, unknown>;

export const asObject = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
export const asArray = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
export const asText = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Text of a string or of a list of text blocks. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  return asArray(content)
    .map((part) => asText(asObject(part).text))
    .join('');
}

/** Cuts a text into stream deltas: about fifty at most, never inside a surrogate pair. */
export function pieces(text: string): string[] {
  const size = Math.max(12, Math.ceil(text.length / 50));
  const result: string[] = [];
  for (let from = 0; from < text.length; ) {
    let to = Math.min(text.length, from + size);
    const last = text.charCodeAt(to - 1);
    if (last >= 0xd800 && last <= 0xdbff && to < text.length) to += 1;
    result.push(text.slice(from, to));
    from = to;
  }
  return result;
}

export const argumentsText = (value: Json | string): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

export function stopOf(answer: Answer): NonNullable<Answer['stop']> {
  const called = answer.toolCalls?.length || answer.blocks?.some((block) => 'call' in block);
  return answer.stop ?? (called ? 'tool_calls' : 'end');
}
