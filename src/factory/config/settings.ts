import * as z from 'zod';
import { parseDuration } from '../../lib/duration.ts';

/*
 * The kinds of keys that config.yaml has. Each takes its default and its meaning, from which `df setup` and the page of the
 * documents are written.
 */

/** `12h`, `30s`, `500ms`. Parsed to milliseconds. */
export const duration = (fallback: string, meaning = '') =>
  z
    .string()
    .default(fallback)
    .transform((text, context) => {
      const value = parseDuration(text);
      if (value !== null) return value;
      context.addIssue({ code: 'custom', message: `"${text}" is no duration; write 12h, 30m, 45s or 500ms` });
      return z.NEVER;
    })
    .describe(meaning);

/** A whole number, at least 1 if nothing else is said. */
export const count = (fallback: number, meaning: string, { min = 1, max = Number.MAX_SAFE_INTEGER } = {}) =>
  z.number().int().min(min).max(max).default(fallback).describe(meaning);

/** An empty one would be all addresses of the machine. */
export const address = (fallback: string, meaning: string) =>
  z.string().trim().min(1, 'name an address, or take the key out').default(fallback).describe(meaning);

export const share = (fallback: number, meaning: string, { min = 0, max = 1 } = {}) =>
  z.number().min(min).max(max).default(fallback).describe(meaning);

export const flag = (fallback: boolean, meaning: string) => z.boolean().default(fallback).describe(meaning);

export const oneOf = <const Values extends readonly [string, ...string[]]>(
  values: Values,
  fallback: Values[number],
  meaning: string,
) => z.enum(values).default(fallback).describe(meaning);

export const list = <Item extends z.ZodType>(item: Item, meaning: string) =>
  z.array(item).default([]).describe(meaning);

/** A key that is not set unless somebody sets it; the example is shown in its place. */
export const unset = <Value extends z.ZodType>(value: Value, example: z.input<Value>, meaning: string) =>
  value.optional().meta({ description: meaning, examples: [example] });

/** Keys below a key. All of them have defaults, so the group may be missing. */
export const group = <Shape extends z.ZodRawShape>(meaning: string, shape: Shape) =>
  z
    .object(shape)
    .prefault({} as z.input<z.ZodObject<Shape>>)
    .describe(meaning);
