/** State documents: YAML files that are read whole, replaced whole, and never updated by two writers at once. */

import { dirname } from 'node:path';
import type * as z from 'zod';
import type { DocumentStore } from '../../factory/ports.ts';
import type { Soon } from '../../lib/async/soon.ts';
import { isMissing } from '../../lib/errno.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import {
  type FileKey,
  fileKey,
  makeFolder,
  openToRead,
  readWhole,
  replaceFile,
  sameKey,
} from '../files/files.ts';
import type { HeldLock, Locks } from '../files/lock.ts';
import { createListCheck } from './checked.ts';
import { keepBackup, parseDocument } from './document-form.ts';
import { type EditedBy, encodeDocument, MARK_BYTES } from './document-text.ts';
import type { Freezer } from './freeze.ts';
import type { DocumentKind, Forms } from './migrations.ts';
import { checkBeforeWriting } from './new-document.ts';
import { createPieces } from './pieces.ts';
import { DOCUMENT_LIMITS } from './yaml.ts';

export interface DocumentDeps {
  locks: Locks;
  freeze: Freezer;
  /** Missing: what may be written later is written at once. */
  soon?: Pick<Soon, 'ask'>;
}

export interface DocumentOptions<T> {
  file: string;
  /** Parses what stands in the file and checks what is to be written. */
  schema: z.ZodType<T>;
  /** Default `factory`: only `df` writes it. */
  edited?: EditedBy;
  /** Which column of the migrations counts. Missing: a document of the current form only. */
  kind?: DocumentKind;
  /** Default: this program's. */
  forms?: Forms;
  /** Stands for a missing file; the first update makes it. Without it a missing file is `missing()`. */
  initial?: T;
  /** A long list whose entries are valid each for itself: only new ones are checked before writing. */
  list?: keyof T & string;
  /** What a missing file means. Default: `not_found`/`document_not_found`. */
  missing?: () => DarkFactoryError | Promise<DarkFactoryError>;
  /** Runs `write`, which replaces `previous`, under the document's lock. Without calling it nothing is written. */
  aroundWrite?: (previous: T, write: () => Promise<FileKey>) => Promise<FileKey>;
}

interface Cached<T> {
  key: FileKey;
  /** The last bytes of the file: the end mark, or, in a file of people without one, whatever stands there. */
  tail: Buffer;
  value: T;
  /** The form that the file has, when it is an older one. */
  migratedFrom?: number;
  /**
   * Inode numbers are used again, and time stamps of files come in ticks: a file written within a tick of this one might
   * have the same key. Until the key is older than any tick, the tail is compared too.
   */
  settled: boolean;
}

/** Longer than the tick of any file system's time stamps in use here, in milliseconds. */
const TICK_MS = 50;

interface Versioned {
  version: number;
}

export function createDocument<T extends Versioned>(
  deps: DocumentDeps,
  options: DocumentOptions<T>,
): DocumentStore<T> {
  const { file, schema, edited = 'factory', kind, forms } = options;
  const pieces = createPieces();
  const check = (value: T) => checkBeforeWriting(file, schema, value);
  const lists = options.list === undefined ? undefined : createListCheck<T>(options.list, check);
  let cached: Cached<T> | undefined;
  let waiting: ((current: T) => T)[] = [];
  /** What comes of the first of them. */
  let shown: { stored: T; changes: number; value: T } | undefined;

  /** The present content: from the cache when the file is the one it was read from. */
  async function load(): Promise<Cached<T> | null> {
    const key = fileKey(file);
    if (key === null) return null;
    if (cached !== undefined && sameKey(cached.key, key)) {
      if (cached.settled) return cached;
      const known = cached;
      const tail = await readTail(file);
      if (tail?.equals(known.tail)) {
        known.settled = isSettled(key);
        return known;
      }
    }
    const found = await readWhole(file, DOCUMENT_LIMITS.maxBytes);
    if (found === null) return null;
    const read = deps.freeze(parseDocument({ file, schema, edited, kind, forms }, found.data, pieces));
    lists?.known(read.value);
    cached = { ...read, key: found.key, tail: tailOf(found.data), settled: isSettled(found.key) };
    return cached;
  }

  async function contentOf(found: Cached<T> | null): Promise<T> {
    if (found !== null) return found.value;
    if (options.initial !== undefined) return deps.freeze(options.initial);
    throw (await options.missing?.()) ?? notFound(file);
  }

  async function replace(lock: HeldLock, found: Cached<T> | null, before: T, next: T): Promise<T> {
    const wanted = deps.freeze({ ...next, version: before.version + 1 });
    // What the schema does not know would be taken for a newer program's when it is read.
    const value = (lists?.check ?? check)(wanted) ? wanted : deps.freeze(schema.parse(wanted));
    const data = encodeDocument(pieces.format(value));
    if (data.length > DOCUMENT_LIMITS.maxBytes) throw tooLarge(file, data.length);
    const write = (): Promise<FileKey> =>
      replaceFile(file, data, lock.temporary, async () => {
        lock.assertHeld();
        if (!(await isStill(file, found))) {
          // Suspended since it was asked, this process may have been given up: then it was its successor that wrote.
          lock.assertHeld();
          throw changedMeanwhile(file);
        }
        if (found?.migratedFrom !== undefined) await keepBackup(file, found.migratedFrom);
      });
    const key = await (options.aroundWrite?.(before, write) ?? write());
    cached = { key, tail: tailOf(data), value, settled: false };
    return value;
  }

  /** The present content as this process knows it. */
  function withWaiting(stored: T): T {
    if (shown?.stored !== stored) shown = { stored, changes: 0, value: stored };
    for (; shown.changes < waiting.length; shown.changes += 1) {
      shown.value = deps.freeze(waiting[shown.changes]?.(shown.value) ?? shown.value);
    }
    return shown.value;
  }

  /** @param unless what must come of it for nothing to be written */
  async function write(change: (current: T) => T | Promise<T>, unless: 'shown' | 'stored'): Promise<T> {
    if (options.initial !== undefined) await makeFolder(dirname(file));
    try {
      return await deps.locks.withLock(file, async (lock) => {
        const found = await load();
        const stored = await contentOf(found);
        const before = withWaiting(stored);
        const taken = waiting.length;
        const next = await change(before);
        if (next === before && unless === 'shown') return before;
        const value = next === stored ? stored : await replace(lock, found, stored, next);
        waiting = waiting.slice(taken);
        shown = undefined;
        return value;
      });
    } catch (error) {
      // Without its folder not even the lock can be made: nothing of this document is there.
      if (isMissing(error) && fileKey(dirname(file)) === null)
        throw (await options.missing?.()) ?? notFound(file);
      throw error;
    }
  }

  async function writeWaiting(): Promise<void> {
    try {
      await write((current) => current, 'stored');
    } catch (error) {
      if (!(error instanceof DarkFactoryError) || error.kind !== 'not_found') throw error;
      waiting = [];
    }
  }

  return {
    async get() {
      return withWaiting(await contentOf(await load()));
    },
    update: (change) => write(change, 'shown'),
    async later(change) {
      if (deps.soon === undefined) {
        await write(change, 'shown');
        return;
      }
      waiting.push(change);
      deps.soon.ask(file, writeWaiting);
    },
  };
}

/** Is the file still the one that was read? The last question before it is replaced. */
async function isStill<T>(file: string, found: Cached<T> | null): Promise<boolean> {
  const key = fileKey(file);
  if (key === null || found === null) return key === null && found === null;
  if (!sameKey(key, found.key)) return false;
  return found.settled || ((await readTail(file))?.equals(found.tail) ?? false);
}

function isSettled(key: FileKey): boolean {
  return Date.now() - Number(key.modifiedNs / 1_000_000n) > TICK_MS;
}

function tailOf(data: Buffer): Buffer {
  return Buffer.from(data.subarray(Math.max(0, data.length - MARK_BYTES)));
}

async function readTail(file: string): Promise<Buffer | null> {
  const open = openToRead(file);
  if (open === null) return null;
  try {
    const { size } = open.key();
    return await open.read(Math.max(0, size - MARK_BYTES), Math.min(size, MARK_BYTES));
  } finally {
    open.close();
  }
}

function notFound(file: string): DarkFactoryError {
  return new DarkFactoryError('not_found', 'document_not_found', `${file}: is not there.`, 'Check the id.');
}

function tooLarge(file: string, bytes: number): DarkFactoryError {
  return new DarkFactoryError(
    'failed',
    'document_too_large',
    `${file}: would have ${bytes} bytes; at most ${DOCUMENT_LIMITS.maxBytes} are kept.`,
    'Split the project into smaller ones.',
  );
}

function changedMeanwhile(file: string): DarkFactoryError {
  return new DarkFactoryError(
    'environment',
    'state_conflict',
    `${file}: was changed by another program while df held its lock; nothing was written.`,
    'Close editors that have it open and try again.',
  );
}
