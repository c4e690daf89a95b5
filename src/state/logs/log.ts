/** Append-only logs of JSON lines: durable, safe with several writing processes, read incrementally. */

import { dirname } from 'node:path';
import { createTurn } from '../../lib/async/turns.ts';
import { isMissing } from '../../lib/errno.ts';
import { asEnvironmentError, type FileKey, fileKey, openToRead, putCopyInPlace } from '../files/files.ts';
import type { HeldLock } from '../files/lock.ts';
import type { OpenFile } from '../files/open-file.ts';
import { decryptLine, encryptLines, isEncrypted, type NumberedLine } from '../secrets/privacy.ts';
import { createChain } from './chain.ts';
import { readFrom } from './follow.ts';
import { checkLine, joinLines, parseLine } from './line-form.ts';
import { appendLines, cutTornLine, type Forced, forceLines, openToAppend, readLines } from './lines.ts';
import type { JsonLog, LogDeps, LogOptions, OpenLog } from './log-types.ts';

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

  /** Is all of a file with this key in the cache? */
  const isKnown = (key: FileKey | null): boolean =>
    key !== null &&
    key.inode === cache.inode &&
    key.size === cache.end &&
    key.modifiedNs === cache.modifiedNs;

  /** The lines as they are to stand in the file. */
  async function inPrivate(open: OpenFile, length: number, texts: string[]): Promise<string[]> {
    if (!privacy?.on) return texts;
    // All lines of a file have one id, so it must be known.
    if (cache.end < length || cache.inode !== open.key().inode) await readAdded(open);
    const encrypted = await encryptLines(privacy, file, texts, cache.id);
    cache.id = encrypted.id;
    return encrypted.texts;
  }

  /** @param length of the file, all of it whole lines */
  async function put(
    open: OpenFile,
    length: number,
    entries: readonly T[],
    forced: Forced,
    assertHeld: () => void,
  ): Promise<void> {
    const checked = entries.map((entry) => deps.freeze(checkLine(file, schema, entry)));
    const { inode } = open.key();
    const texts = await inPrivate(
      open,
      length,
      checked.map((entry) => JSON.stringify(entry)),
    );
    const extension = await chain?.extend(open, length, texts);
    const data = joinLines(file, extension?.lines ?? texts);
    assertHeld();
    await appendLines(file, open, length, data, forced);
    // Written by a process that was suspended meanwhile, it stands in a file that nobody reads any more.
    assertHeld();
    await extension?.done(length + data.length);
    // Kept only where somebody reads this log and has everything before: a log that is only written costs no memory.
    if (inode !== cache.inode || length !== cache.end) return;
    for (const entry of checked) cache.entries.push(entry);
    cache.end = length + data.length;
    cache.modifiedNs = open.key().modifiedNs;
    cache.lines += checked.length;
  }

  function holdLog(first: OpenFile, lock: HeldLock): OpenLog<T> & { close(): void } {
    let open = first;
    return {
      entries: () =>
        inTurn(async () => {
          await readAdded(open);
          return cache.entries;
        }),
      append: (entries, forced) =>
        inTurn(async () => {
          const length = await cutTornLine(open, open.key().size);
          await put(open, length, entries, forced, lock.assertHeld);
        }),
      async replace() {
        lock.assertHeld();
        await putCopyInPlace(file, lock.temporary);
        const before = open;
        open = openToAppend(file);
        // What came while it was copied. Whoever writes later than this finds the copy in the file's place.
        const { size } = open.key();
        const more = await before.read(size, Math.max(0, before.key().size - size));
        if (more.length > 0) await open.write(more);
        before.close();
      },
      close: () => open.close(),
    };
  }

  return {
    known: () => (isKnown(fileKey(file)) ? cache.entries : null),
    entries: () =>
      inTurn(async () => {
        const key = fileKey(file);
        if (isKnown(key)) return cache.entries;
        const open = key === null ? null : openToRead(file);
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
          const held = holdLog(openToAppend(file), lock);
          try {
            return await work(held);
          } finally {
            held.close();
          }
        });
      } catch (error) {
        if (isMissing(error) && fileKey(dirname(file)) === null) throw options.missing?.() ?? error;
        throw error;
      }
    },
    appendAlone: (entries, forced, isMine) =>
      inTurn(async () => {
        // First the lock: whoever takes it from now on puts a copy in the place of the file that is opened here.
        if (!deps.locks.isFree(file) || fileKey(file) === null || !isMine(cache.entries)) return 'unknown';
        const open = openToAppend(file);
        try {
          if (!isKnown(open.key())) return 'unknown';
          await put(open, cache.end, entries, forced, () => {});
          return fileKey(file)?.inode === open.key().inode ? 'written' : 'replaced';
        } finally {
          open.close();
        }
      }),
    force: () => forceLines(file),
    readFrom: (offset) => readFrom(file, schema, offset),
    size() {
      const key = fileKey(file);
      return key && { bytes: key.size, changedAt: new Date(Number(key.modifiedNs / 1_000_000n)) };
    },
  };
}
