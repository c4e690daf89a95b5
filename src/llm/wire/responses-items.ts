import * as z from 'zod';
import { isRecord } from '../../lib/record.ts';
import { text } from './doubt.ts';
import { wellFormed } from './text.ts';

type Json = Record<string, unknown>;

/*
 * What only the vendor of a Responses model understands, kept as thinking of the conversation: its reasoning items, and the phase of
 * a text (a remark on the way, or the final answer), which newer models want back.
 */

/** A reasoning item as it may be sent back, or `undefined`: without its content the vendor, who stores nothing, cannot know it. */
export function keptReasoning(item: Json): Json | undefined {
  const { encrypted_content: encrypted, content } = item;
  const known = (typeof encrypted === 'string' && encrypted !== '') || hasEntries(content);
  if (!known) return undefined;
  // A null stands for "not there"; as an input field it is refused.
  const said = Object.entries(item).filter(([, value]) => value !== null);
  return { ...Object.fromEntries(said), summary: Array.isArray(item.summary) ? item.summary : [] };
}

const hasEntries = (value: unknown) => Array.isArray(value) && value.length > 0;

export const isReasoning = (data: unknown): data is Json => isRecord(data) && data.type === 'reasoning';

/** By what a reasoning item is known again after a refusal. */
export function reasoningKey(data: unknown): string | undefined {
  if (!isReasoning(data)) return undefined;
  return text.parse(data.id) ?? text.parse(data.encrypted_content);
}

const phase = z.object({ type: z.literal('phase'), phase: z.string() });

export const phasePart = (value: string): z.infer<typeof phase> => ({ type: 'phase', phase: value });

export function phaseOf(data: unknown): string | undefined {
  const parsed = phase.safeParse(data);
  return parsed.success ? wellFormed(parsed.data.phase) : undefined;
}
