import type * as z from 'zod';
import { parseJson } from '../../lib/record.ts';
import { hasRepeatedKey } from '../../lib/text/repeated-keys.ts';

export type ReadAnswer<T> = { ok: true; value: T } | { ok: false; problem: string };

/**
 * Reads a judge's answer: one JSON object, alone or as the only thing in one fenced block. Words around it are refused, for
 * an object among words may be quoted from what was judged; so is a key that stands there twice, for nobody knows which of
 * its values was meant.
 */
export function readAnswer<T>(schema: z.ZodType<T>, answer: string): ReadAnswer<T> {
  const text = answer.trim();
  const json = /^```(?:json)?\s*\n([\s\S]*?)\n?```$/.exec(text)?.[1] ?? text;
  const value = parseJson(json);
  if (value === undefined)
    return { ok: false, problem: text === '' ? 'it is empty' : 'it is not one JSON object and nothing else' };
  if (hasRepeatedKey(json)) return { ok: false, problem: 'it names a key twice' };
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const issue = parsed.error.issues[0];
  const place = issue?.path.join('.');
  return { ok: false, problem: `${place ? `${place}: ` : ''}${issue?.message ?? 'it does not fit'}` };
}
