import * as z from 'zod';
import { parseJson } from '../../../lib/record.ts';

export type ReadArguments<T> = { ok: true; value: T } | { ok: false; problem: string };

/** Rounds of repair: a coercion may uncover the next one (a list given as text, with numbers given as text in it). */
const ROUNDS = 3;

/**
 * Reads a tool call's arguments. Harmless slips are fixed (`"10"` for 10, `null` for a missing optional, a list or
 * object written as JSON text, unknown keys); everything else becomes a sentence for the model.
 *
 * @param raw JSON text as the model wrote it; empty text stands for no arguments
 */
export function readArguments<Schema extends z.ZodObject>(
  tool: string,
  schema: Schema,
  raw: string,
): ReadArguments<z.infer<Schema>> {
  let value: unknown;
  try {
    value = raw.trim() === '' ? {} : JSON.parse(raw);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return {
      ok: false,
      problem:
        `The arguments of ${tool} are not valid JSON (${error.message}). ` +
        'Nothing was done. Call it again with one JSON object; if the text was long, write it in smaller pieces.',
    };
  }
  for (let round = 0; ; round += 1) {
    const parsed = schema.safeParse(value);
    if (parsed.success) return { ok: true, value: parsed.data };
    const fixed = round < ROUNDS ? fix(value, parsed.error.issues) : value;
    if (fixed === value) return { ok: false, problem: explain(tool, schema, parsed.error.issues) };
    value = fixed;
  }
}

/** The same value when nothing can be fixed; a changed copy otherwise. */
function fix(value: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  let result = value;
  for (const issue of issues) {
    if (issue.code !== 'invalid_type') continue;
    const found = at(result, issue.path);
    const replacement = coerce(found, issue.expected);
    if (replacement !== found) result = replaced(result, issue.path, replacement);
  }
  return result;
}

function coerce(found: unknown, expected: string): unknown {
  if (found === null) return undefined;
  if (typeof found === 'number' || typeof found === 'boolean') {
    return expected === 'string' ? String(found) : found;
  }
  if (typeof found !== 'string') return found;
  const text = found.trim();
  if (expected === 'number' || expected === 'int') {
    return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : found;
  }
  if (expected === 'boolean') return text === 'true' ? true : text === 'false' ? false : found;
  if (expected === 'array' && text.startsWith('[')) return parseJson(found) ?? found;
  if (expected === 'object' && text.startsWith('{')) return parseJson(found) ?? found;
  return found;
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return undefined;
    current = Reflect.get(current, key);
  }
  return current;
}

/** A copy of `value` with `replacement` at `path`. `undefined` takes the key out: "not given". */
function replaced(value: unknown, path: readonly PropertyKey[], replacement: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return replacement;
  if (Array.isArray(value)) {
    return value.map((item, index) => (index === key ? replaced(item, rest, replacement) : item));
  }
  if (typeof value !== 'object' || value === null) return value;
  const next = replaced(Reflect.get(value, key), rest, replacement);
  const others = Object.entries(value).filter(([name]) => name !== key);
  return Object.fromEntries(next === undefined ? others : [...others, [String(key), next]]);
}

function explain(tool: string, schema: z.ZodObject, issues: readonly z.core.$ZodIssue[]): string {
  const lines = issues.slice(0, 10).map(({ path, message }) => {
    const place = path.length === 0 ? 'arguments' : path.map(String).join('.');
    return `- ${place}: ${message}`;
  });
  const optional = Object.entries(schema.shape).map(([name, field]) =>
    z.safeParse(field, undefined).success ? `${name}?` : name,
  );
  return `The arguments of ${tool} do not fit; nothing was done.\n${lines.join('\n')}\nArguments: ${optional.join(', ')}.`;
}
