/**
 * A derived file that makes listing fast: a line for each project that was read. It may be deleted at any time, lag behind,
 * or hold damaged lines; whoever finds no line reads the document and adds one. The later of two lines counts.
 *
 * A line counts while its key is that of the file, so a document that was cut or edited by hand is read, and told of. Whoever
 * looks for open projects alone believes a line about a closed one without looking at the file, because there are many of
 * these. Therefore:
 * - whoever changes a closed project's document first adds a mark, on disk, that ends the line, and holds the index's lock
 *   from there until the document is replaced;
 * - whoever adds a line does so under the same lock, after comparing the key again.
 * A closed project that is opened by hand is at work when the index is deleted.
 */

import { rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Project } from '../../factory/model/project.ts';
import { errorCode } from '../../lib/errno.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import { type FileKey, openToRead, syncFolder, writeNewFile } from '../files/files.ts';
import type { Locks } from '../files/lock.ts';
import { openToAppend } from '../logs/lines.ts';
import {
  formatLine,
  formatMark,
  type IndexLine,
  type Kept,
  keptOf,
  keyOf,
  parseLine,
  projectForm,
  projectOf,
} from './project-line.ts';

export interface ProjectIndex {
  /** The newest line of every project; reads only what was added since the last call. */
  read(): Promise<ReadonlyMap<string, IndexLine>>;
  /** Adds lines whose document still has the key. A failure is not reported: the index only saves time. */
  add(found: readonly { project: Project; closed: boolean; key: FileKey }[]): Promise<void>;
  /** Runs `write`, which replaces the document of a closed project. Throws what it throws, and when no mark can be made. */
  marked<T>(id: string, write: () => Promise<T>): Promise<T>;
  /** Are most of the lines that were read outdated? */
  isWorn(): boolean;
  /** Writes it anew, from what was read, if it is worn. Does nothing where less than projects is kept. A failure is not reported. */
  compact(): Promise<void>;
}

export interface ProjectIndexOptions {
  file: string;
  locks: Locks;
  /** The key of a project's document now. */
  keyNow(id: string): FileKey | null;
  /** What lines give; less is read faster and takes less memory. */
  keep: Kept;
}

interface Content {
  inode: bigint;
  /** The first bytes of the file. With the inode, which may be used again, they tell whether it is still the same file. */
  start: Buffer;
  end: number;
  /** All lines, also those that do not count. */
  count: number;
  lines: Map<string, IndexLine>;
}

const START_BYTES = 128;
const LINE_END = 0x0a;
/** How long a lock is waited for only to save time, in milliseconds. */
const PATIENCE_MS = 1_000;

export function createProjectIndex(options: ProjectIndexOptions): ProjectIndex {
  const { file, locks, keyNow, keep } = options;
  let content = emptyContent();
  let form: string | undefined;
  const ownForm = (): string => {
    form ??= projectForm();
    return form;
  };

  const isWorn = () => content.count >= 1_000 && content.count >= content.lines.size * 2;

  /** @param bytes whole lines */
  function take(bytes: Buffer): void {
    let end = -1;
    for (let at = 0; at < bytes.length; at = end + 1) {
      end = bytes.indexOf(LINE_END, at);
      if (end === at) continue;
      content.count += 1;
      const line = parseLine(keptOf(bytes.subarray(at, end), keep), ownForm(), keep);
      if (typeof line === 'string') content.lines.delete(line);
      else if (line !== null) content.lines.set(line.id, line);
    }
  }

  async function read(): Promise<ReadonlyMap<string, IndexLine>> {
    const open = openToRead(file);
    if (open === null) {
      content = emptyContent();
      return content.lines;
    }
    try {
      const { inode, size } = open.key();
      const start = await open.read(0, Math.min(START_BYTES, size));
      const isSame =
        inode === content.inode &&
        size >= content.end &&
        start.subarray(0, content.start.length).equals(content.start);
      if (!isSame) content = { ...emptyContent(), inode };
      const added = await open.read(content.end, size - content.end);
      const stop = added.lastIndexOf('\n') + 1;
      content.end += stop;
      content.start = start.subarray(0, Math.min(START_BYTES, content.end));
      take(added.subarray(0, stop));
      return content.lines;
    } finally {
      open.close();
    }
  }

  return {
    read,
    add: (found) =>
      onlyToSaveTime(async () => {
        if (found.length === 0) return;
        await locks.withLock(
          file,
          async () => {
            const same = found.filter(({ project, key }) => {
              const now = keyNow(project.id);
              return now !== null && now.inode === key.inode && now.modifiedNs === key.modifiedNs;
            });
            await append(
              file,
              same.map(({ project, closed, key }) => formatLine(project, ownForm(), closed, key)).join(''),
            );
          },
          PATIENCE_MS,
        );
      }),
    marked: (id, write) =>
      locks.withLock(file, async () => {
        await append(file, formatMark(id), 'durably');
        return write();
      }),
    isWorn,
    async compact() {
      if (keep !== 'projects' || !isWorn()) return;
      await onlyToSaveTime(() =>
        locks.withLock(
          file,
          async (lock) => {
            const lines = [...(await read()).values()];
            const text = lines.flatMap((line) => {
              const project = projectOf(line);
              return project === null ? [] : [formatLine(project, ownForm(), line.closed, keyOf(line))];
            });
            await writeNewFile(lock.temporary, text.join(''));
            await rename(lock.temporary, file);
            // Marks go to the new file from here on, so after a power cut it must not be the old one that is there.
            await syncFolder(dirname(file));
          },
          PATIENCE_MS,
        ),
      );
    },
  };
}

function emptyContent(): Content {
  return { inode: -1n, start: Buffer.alloc(0), end: 0, count: 0, lines: new Map() };
}

async function append(file: string, text: string, how?: 'durably'): Promise<void> {
  if (text === '') return;
  const open = openToAppend(file);
  try {
    // The line end in front closes a line that a writer left torn.
    await open.write(Buffer.from(`\n${text}`));
    if (how === undefined) return;
    await open.sync('data');
    await syncFolder(dirname(file));
  } finally {
    open.close();
  }
}

/** A full disk, a read-only folder, a busy lock: listing stays slow, and whatever matters fails elsewhere with a message. */
async function onlyToSaveTime(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof DarkFactoryError) && errorCode(error) === undefined) throw error;
  }
}
