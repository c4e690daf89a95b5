/** Append-only logs of JSON lines: durable, safe with several writing processes, read incrementally. */

import { dirname } from 'node:path';
import type * as z from 'zod';
import type { LogStore, Piece } from '../../factory/ports.ts';
import { isMissing } from '../../lib/errno.ts';
import type { DarkFactoryError } from '../../lib/failure.ts';
import { createTurn } from '../../lib/turns.ts';
import type { Freezer } from '../documents/freeze.ts';
import { asEnvironmentError, fileKey, openToRead } from '../files/files.ts';
import type { Locks } from '../files/lock.ts';
import type { OpenFile } from '../files/open-file.ts';
import {
  decryptLine,
  encryptLines,
  isEncrypted,
  type NumberedLine,
  type Privacy,
} from '../secrets/privacy.ts';
import { type ChainPlace, createChain } from './chain.ts';
import { checkLine, joinLines, parseLine } from './line-form.ts';
import { appendDurably, cutTornLine, MAX_LINE_BYTES, openToAppend, readLines } from './lines.ts';

export interface LogDeps {
  locks: Locks;
  freeze: Freezer;
}

export interface LogOptions<T> {
  file: string;
  schema: z.ZodType<T>;
  /** Its lines carry hashes of all before them. */
  chain?: ChainPlace;
  /** Its lines are encrypted where the owner wants that. Missing: they never are. */
  privacy?: Privacy;
  /** What a missing folder means to a writer. (A missing file is an empty log.) */
  missing?: () => DarkFactoryError;
}

/** A log held exclusively. */
export interface OpenLog<T> {
  /** All entries that stand in the file now. */
  entries(): Promise<readonly T[]>;
  /** One write, forced to disk. A torn last line is cut off before. Throws for an entry that does not fit the schema. */
  append(entries: readonly T[]): Promise<void>;
}

export interface JsonLog<T> {
  /** All entries, frozen, in an array that later reads extend: only what was added is read and parsed. */
  entries(): Promise<readonly T[]>;
  /** Holds the log against all other writers while `work` runs. */
  exclusively<R>(work: (log: OpenLog<T>) => Promise<R>): Promise<R>;
  /** What stands from byte `offset` on, and where to go on from. Does not use the cache. */
  readFrom(offset: number): Promise<Piece<T>>;
  /** How long the file is, in bytes, and when it was last written; `null` where there is none. */
  size(): { bytes: number; changedAt: Date } | null;
}

interface Cache<T> {
  inode: bigint | null;
  /** When that inode was last written, as far as `entries` knows it. */
  modifiedNs: bigint | null;
  /** Length up to which the file is in `entries`. */
  end: number;
  lines: number;
  entries: T[];
  /** Of encrypted lines, all of which have the same one. */
  id: Buffer | null;
}

function emptyCache<T>(inode: bigint | null): Cache<T> {
  return { inode, modifiedNs: null, end: 0, lines: 0, entries: [], id: null };
}

export function createJsonLog<T>(deps: LogDeps, options: LogOptions<T>): JsonLog<T> {
  const { file, schema, privacy } = options;
  const chain = options.chain && createChain(options.chain);
  let cache = emptyCache<T>(null);
  // Readers take turns, so that one addition is not parsed and added twice.
  const inTurn = createTurn();

  async function readAdded(open: OpenFile): Promise<void> {
    const { inode, size, modifiedNs } = open.key();
    const rewritten = size === cache.end && modifiedNs !== cache.modifiedNs;
    if (inode !== cache.inode || size < cache.end || rewritten) cache = emptyCache(inode);
    if (size > cache.end) {
      const found: NumberedLine[] = [];
      const added: T[] = [];
      const parse = ({ text, number }: NumberedLine) =>
        added.push(deps.freeze(parseLine(file, schema, text, number)));
      const range = { from: cache.end, to: size, lineBefore: cache.lines };
      const { end, lines } = await readLines(file, open, range, (text, number) => {
        if (privacy === undefined) parse({ text, number });
        else found.push({ text, number });
      });
      let { id } = cache;
      for (const line of found) {
        if (privacy === undefined || !isEncrypted(line.text)) parse(line);
        else {
          const clear = await decryptLine(privacy, file, line, id);
          id = clear.id;
          parse({ ...line, text: clear.text });
        }
      }
      cache.id = id;
      for (const entry of added) cache.entries.push(entry);
      cache.end = end;
      cache.lines = lines;
    }
    cache.modifiedNs = modifiedNs;
  }

  /** The lines as they are to stand in the file. */
  async function inPrivate(open: OpenFile, length: number, texts: string[]): Promise<string[]> {
    if (!privacy?.on) return texts;
    // All lines of a file have one id, so it must be known.
    if (cache.end < length || cache.inode !== open.key().inode) await readAdded(open);
    const encrypted = await encryptLines(privacy, file, texts, cache.id);
    cache.id = encrypted.id;
    return encrypted.texts;
  }

  function holdLog(open: OpenFile, assertHeld: () => void): OpenLog<T> {
    return {
      entries: () =>
        inTurn(async () => {
          await readAdded(open);
          return cache.entries;
        }),
      append: (entries) =>
        inTurn(async () => {
          const checked = entries.map((entry) => deps.freeze(checkLine(file, schema, entry)));
          const { inode, size } = open.key();
          const length = await cutTornLine(open, size);
          const texts = await inPrivate(
            open,
            length,
            checked.map((entry) => JSON.stringify(entry)),
          );
          const extension = await chain?.extend(open, length, texts);
          const data = joinLines(file, extension?.lines ?? texts);
          assertHeld();
          await appendDurably(file, open, length, data);
          // Written by a process that was suspended meanwhile, it stands in a file that nobody reads any more.
          assertHeld();
          await extension?.done(length + data.length);
          // Kept only where somebody reads this log and has everything before: a log that is only written costs no memory.
          if (inode !== cache.inode || length !== cache.end) return;
          for (const entry of checked) cache.entries.push(entry);
          cache.end = length + data.length;
          cache.modifiedNs = open.key().modifiedNs;
          cache.lines += checked.length;
        }),
    };
  }

  return {
    entries: () =>
      inTurn(async () => {
        const open = openToRead(file);
        if (open === null) return [];
        try {
          await readAdded(open);
          return cache.entries;
        } catch (error) {
          throw asEnvironmentError(error, file);
        } finally {
          open.close();
        }
      }),
    async exclusively(work) {
      try {
        return await deps.locks.withLock(file, async (lock) => {
          const open = openToAppend(file);
          try {
            return await work(holdLog(open, lock.assertHeld));
          } finally {
            open.close();
          }
        });
      } catch (error) {
        if (isMissing(error) && fileKey(dirname(file)) === null) throw options.missing?.() ?? error;
        throw error;
      }
    },
    readFrom: (offset) => readFrom(file, schema, offset),
    size() {
      const key = fileKey(file);
      return key && { bytes: key.size, changedAt: new Date(Number(key.modifiedNs / 1_000_000n)) };
    },
  };
}

export function createLog<T>(
  deps: LogDeps,
  options: LogOptions<T>,
): LogStore<T> & Pick<JsonLog<T>, 'readFrom' | 'size'> {
  const log = createJsonLog(deps, options);
  return {
    async append(...entries) {
      if (entries.length > 0) await log.exclusively((held) => held.append(entries));
    },
    readAll: async () => [...(await log.entries())],
    readFrom: log.readFrom,
    size: log.size,
  };
}

/** Bytes that one `readFrom` looks at; the next call goes on behind them. */
const FOLLOW_BYTES = MAX_LINE_BYTES * 2;

async function readFrom<T>(file: string, schema: z.ZodType<T>, offset: number): Promise<Piece<T>> {
  const open = openToRead(file);
  if (open === null) return { entries: [], ends: [], offset: 0 };
  try {
    const { size } = open.key();
    // Shorter than before: another file stands there now (or a torn line was cut off before anything was appended).
    const from = Math.min(offset, size);
    const entries: T[] = [];
    const ends: number[] = [];
    const range = { from, to: Math.min(size, from + FOLLOW_BYTES), lineBefore: 0 };
    const { end } = await readLines(file, open, range, (line, number, lineEnd) => {
      entries.push(parseLine(file, schema, line, number));
      ends.push(lineEnd);
    });
    return { entries, ends, offset: end };
  } finally {
    open.close();
  }
}
