import * as z from 'zod';
import { isRecord } from '../../lib/record.ts';

/*
 * Fields of what came over a wire, whatever their documented type. None of these schemas ever refuses: what cannot be
 * understood is as if it were missing.
 */

/** A text; a number where a text was meant is one too (ids). */
export const text = z
  .unknown()
  .optional()
  .transform((value) =>
    typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined,
  );

/** What a model says: a text, parts with a text each, or one such part. */
export const words = z.unknown().optional().transform(wordsOf);

function wordsOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(wordsOf).join('');
  if (!isRecord(value) || value.type === 'thinking' || value.type === 'reasoning') return '';
  return typeof value.text === 'string' ? value.text : '';
}

/** A place in a list. */
export const index = z
  .unknown()
  .optional()
  .transform((value) => {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    return typeof number === 'number' && Number.isInteger(number) && number >= 0 ? number : undefined;
  });

/** A list, or the one thing that stands in its place; what is no object in it is left out. */
export const objects = z
  .unknown()
  .optional()
  .transform((value) => (Array.isArray(value) ? value : [value]).filter(isRecord));

export const object = z
  .unknown()
  .optional()
  .transform((value) => (isRecord(value) ? value : undefined));

/** More tokens than this are no count but a slip of whoever counted: no model reads or writes a tenth of it in one call. */
const MOST_TOKENS = 1e8;

/** A token count: whole, never negative, never NaN; written as a text it counts as well. */
export function count(value: unknown): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  const sane = typeof number === 'number' && number > 0 && number <= MOST_TOKENS;
  return sane ? Math.round(number) : 0;
}
