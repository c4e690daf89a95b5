/** The symbolic links that a lock of `lock.ts` is made of, and who stands in them. */

import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readlinkSync, symlinkSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import { errorCode, isMissing, orNullSync } from '../errno.ts';
import { DarkFactoryError } from '../failure.ts';
import { shortHost } from '../process/process.ts';
import { parseJson } from '../record.ts';

const holderName = z.object({
  nonce: z.string(),
  host: z.string(),
  pid: z.number().int(),
  startedAt: z.string(),
});
export type LockHolder = z.infer<typeof holderName>;

export interface Link {
  path: string;
  content: string;
}

/** Who holds a lock now, and for how long it has given no sign; `null` when it is free. */
export function lookAtLock(path: string): { holder: LockHolder | null; silentMs: number } | null {
  const last = rowAt(path).at(-1);
  if (last === undefined) return null;
  const modified = modifiedAt(last.path);
  return modified === null ? null : { holder: parseHolder(last.content), silentMs: Date.now() - modified };
}

/** A link that is younger may belong to somebody who is about to look at the first one again. */
const MOMENT_MS = 1_000;

/** Removes what those that died as they let go left beside a lock: links of a row whose first one is gone. */
export function removeLeftLinks(path: string): void {
  const row = new Set(rowAt(path).map((link) => link.path));
  for (const name of namesIn(dirname(path))) {
    const beside = join(dirname(path), name);
    const isLink =
      name.startsWith(`${basename(path)}.`) && /^[0-9a-f]{16}$/.test(name.slice(basename(path).length + 1));
    if (isLink && !row.has(beside) && Date.now() - (modifiedAt(beside) ?? Date.now()) > MOMENT_MS)
      removeQuietly(beside);
  }
}

export function describeHolder(holder: LockHolder | null): string {
  return holder === null ? 'another program' : `process ${holder.pid} on ${holder.host.split('/')[0]}`;
}

/** The first link and those that follow it; empty when the lock is free. */
export function rowAt(path: string): Link[] {
  const row: Link[] = [];
  for (let at = path; ; ) {
    const content = contentOf(at);
    if (content === null) return row;
    row.push({ path: at, content });
    at = successorOf(path, content);
  }
}

export function successorOf(path: string, content: string): string {
  return `${path}.${createHash('sha256').update(content).digest('hex').slice(0, 16)}`;
}

/** @returns `false` when it exists already */
export function make(path: string, content: string, makesFolder = false): boolean {
  try {
    symlinkSync(content, path);
    return true;
  } catch (error) {
    const code = errorCode(error);
    // A network file system may repeat a request whose answer was lost: then the lock that exists is ours.
    if (code === 'EEXIST') return contentOf(path) === content;
    if (code === 'ENOENT' && makesFolder) {
      mkdirSync(dirname(path), { recursive: true });
      return false;
    }
    if (code === 'ENOSYS' || code === 'EOPNOTSUPP') throw noLinks(path, error);
    throw error;
  }
}

/** @returns `null` when there is no lock (any more) */
export function contentOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (isMissing(error)) return null;
    // An ordinary file: of an older program, or of nobody. It holds for as long as somebody renews it.
    if (errorCode(error) === 'EINVAL') return 'a file';
    throw error;
  }
}

export function modifiedAt(path: string): number | null {
  return orNullSync(() => lstatSync(path).mtimeMs);
}

export function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

function namesIn(folder: string): string[] {
  return orNullSync(() => readdirSync(folder)) ?? [];
}

/**
 * What stands in a link. Under sixty characters: file systems keep those with the file itself. A longer one takes a block of the
 * disk, and removing it then waits for the disk.
 */
export function holderText({ nonce, host, pid, startedAt }: LockHolder): string {
  return `${nonce} ${pid} ${startedAt} ${shortHost(host)}`;
}

export function parseHolder(content: string): LockHolder | null {
  const [, nonce, pid, startedAt, host] = /^([0-9a-f]{16}) (\d+) (.+) (\S*\/\S+)$/.exec(content) ?? [];
  const short = { nonce, pid: Number(pid), startedAt, host };
  // Of an older program. Anything else was made by something else, so only its age counts.
  return holderName.safeParse(nonce === undefined ? parseJson(content) : short).data ?? null;
}

function noLinks(path: string, cause: unknown): DarkFactoryError {
  return new DarkFactoryError(
    'environment',
    'lock_unsupported',
    `${path}: cannot be made, for this file system has no symbolic links.`,
    'Move DF_HOME to a file system with symbolic links.',
    { cause },
  );
}
