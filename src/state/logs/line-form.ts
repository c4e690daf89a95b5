/** One line of a log: from its text to an entry, and back. */
import * as z from 'zod';
import { DarkFactoryError } from '../../lib/failure.ts';
import { newer } from '../documents/document-form.ts';
import { corrupt, MAX_LINE_BYTES } from './lines.ts';

/**
 * The form of lines that this program reads. A line says `"v":2` when an older program must not read it as if it were of
 * the first form, which has no `v`; a field that may be missed by it takes no new number. Lines are never written again,
 * so a program goes on reading all older forms.
 */
const LINE_FORM = 1;
const marked = z.object({ v: z.number().int() });
const typed = z.object({ type: z.string() });

/** Throws `environment`/`state_newer` for what a newer program wrote, else `state_unreadable`; both name file and line. */
export function parseLine<T>(file: string, schema: z.ZodType<T>, line: string, number: number): T {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw corrupt(file, number, 'it is no JSON', error);
  }
  const form = line.includes('"v":') ? (marked.safeParse(value).data?.v ?? LINE_FORM) : LINE_FORM;
  if (form > LINE_FORM)
    throw newer(file, `line ${number} has form ${form}, and this program knows forms up to ${LINE_FORM}`);
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const type = unknownType(issue, value);
  if (type !== null)
    throw newer(file, `line ${number} is of a type that this program does not know (${type.slice(0, 80)})`);
  throw corrupt(file, number, `${issue?.path.join('.') || 'entry'}: ${issue?.message ?? 'is not valid'}`);
}

/** The entry's `type`, when a union looked for it in vain. */
function unknownType(issue: z.core.$ZodIssue | undefined, value: unknown): string | null {
  if (issue?.code !== 'invalid_union' || issue.errors.length > 0 || issue.path.join('.') !== 'type')
    return null;
  return typed.safeParse(value).data?.type ?? null;
}

export function checkLine<T>(file: string, schema: z.ZodType<T>, entry: T): T {
  const parsed = schema.safeParse(entry);
  // A line that could not be read back is a bug of the caller, so it is a surprise and not a DarkFactoryError.
  if (!parsed.success) throw new Error(`refused to append to ${file}: ${parsed.error.message}`);
  return parsed.data;
}

/** Lines as bytes. Throws `failed`/`entry_too_large`. */
export function joinLines(file: string, texts: readonly string[]): Buffer {
  const lines = texts.map((text) => Buffer.from(`${text}\n`));
  const longest = lines.reduce((most, line) => Math.max(most, line.length), 0);
  if (longest <= MAX_LINE_BYTES) return Buffer.concat(lines);
  throw new DarkFactoryError(
    'failed',
    'entry_too_large',
    `${file}: an entry of ${longest} bytes was refused; at most ${MAX_LINE_BYTES} are kept.`,
    'Keep the content in a file below output/ and refer to it.',
  );
}
