/**
 * From the bytes of a document to its value: whole, of a form that this program knows, and with nothing in it that the
 * program would drop when it writes the document again.
 */

import { link } from 'node:fs/promises';
import { dirname } from 'node:path';
import type * as z from 'zod';
import { errorCode } from '../../lib/errno.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import { placeAndProblem } from '../../lib/schema.ts';
import { isPlain, unknownEntry } from '../../lib/unknown-entries.ts';
import { asEnvironmentError, syncFolder, unreadable } from '../files/files.ts';
import { decodeDocument, type EditedBy } from './document-text.ts';
import { type DocumentKind, FORMS, type Forms, formOf, migrate } from './migrations.ts';
import type { Pieces } from './pieces.ts';

export interface DocumentForm<T> {
  file: string;
  schema: z.ZodType<T>;
  edited: EditedBy;
  /** Which column of the migrations counts. Missing: a document of the current form only. */
  kind?: DocumentKind | undefined;
  /** Default: this program's. */
  forms?: Forms | undefined;
}

export interface ReadDocument<T> {
  value: T;
  /** The form it had, when reading it changed more than nothing: then the file is kept aside before it is replaced. */
  migratedFrom?: number;
}

/** Throws `environment`/`state_unreadable`, or `state_newer` for what only a newer program can have written. */
export function parseDocument<T extends object>(
  form: DocumentForm<T>,
  data: Buffer,
  pieces?: Pieces,
): ReadDocument<T> {
  const { file, schema, edited, kind, forms = FORMS } = form;
  const decoded = decodeDocument(data, edited, pieces);
  if (!decoded.ok) throw unreadable(file, decoded.problem, decoded.remedy);
  const before = isPlain(decoded.value) ? decoded.value : null;
  const from = before && formOf(before);
  if (from !== null && from > forms.current)
    throw newer(file, `it has form ${from}, and this program knows forms up to ${forms.current}`);
  const raw = before === null || from === null ? decoded.value : migrate(forms, kind, before, from);
  const parsed = schema.safeParse(raw);
  if (!parsed.success) {
    const remedy = 'Correct that entry, or put a copy of the file back.';
    throw unreadable(file, placeAndProblem(parsed.error.issues[0]), remedy);
  }
  const unknown = unknownEntry(raw, parsed.data);
  if (unknown !== null) {
    const what = `its entry ${unknown.slice(0, 200)} is not known to this program, which would lose it`;
    throw newer(file, what, ' If the entry is a mistake, take it out.');
  }
  return from === null || raw === before
    ? { value: parsed.data }
    : { value: parsed.data, migratedFrom: from };
}

/**
 * Keeps the file as it is now under a second name, `tasks.yaml.v1.bak`, once: the first one stands. To be called before the
 * file is replaced by rename.
 */
export async function keepBackup(file: string, form: number): Promise<void> {
  try {
    await link(file, `${file}.v${form}.bak`);
    await syncFolder(dirname(file));
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw asEnvironmentError(error, file);
  }
}

/** Written by a newer program: read and written by nothing here, so that nothing of it is lost. */
export function newer(file: string, why: string, more = ''): DarkFactoryError {
  return new DarkFactoryError(
    'environment',
    'state_newer',
    `${file}: was written by a newer version of df: ${why}.`,
    `Upgrade this program to the newest version in use on this DF_HOME; the file is left as it is.${more}`,
  );
}
