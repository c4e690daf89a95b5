import type * as z from 'zod';
import { placeAndProblem } from '../../lib/schema.ts';
import { unknownEntry } from '../../lib/unknown-entries.ts';
import { encodeDocument } from './document-text.ts';
import { createPieces } from './pieces.ts';

/** The bytes of a first document, for a folder that is made aside. Throws when `value` does not fit its schema. */
export function newDocument<T extends object>(file: string, schema: z.ZodType<T>, value: T): Buffer {
  const known = checkBeforeWriting(file, schema, value) ? value : schema.parse(value);
  return encodeDocument(createPieces().format(known));
}

/** Throws for what could not be read back. `false`: it holds entries that the schema does not know. */
export function checkBeforeWriting<T>(file: string, schema: z.ZodType<T>, value: T): boolean {
  const parsed = schema.safeParse(value);
  // A value that could not be read back is a bug of the caller, so it is a surprise and not a DarkFactoryError.
  if (!parsed.success)
    throw new Error(`refused to write ${file}: ${placeAndProblem(parsed.error.issues[0])}`, {
      cause: parsed.error,
    });
  return unknownEntry(value, parsed.data) === null;
}
