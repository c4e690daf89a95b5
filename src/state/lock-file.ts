/**
 * How a file is locked, across processes and machines that share its folder.
 *
 * The lock is a symbolic link `<file>.lock` whose target is the holder's name: one system call makes it, exclusively and
 * with its content, so no half-written lock exists at any moment. It ends when its holder removes it. A holder that died
 * leaves it behind, and then it is cleared away:
 *
 * - On the same machine only when that very process (pid and start time) is gone. A stopped process still holds.
 * - On another machine when it was not refreshed for `staleMs` by its time stamp and was also seen unchanged for
 *   `observeMs`, so that a clock that goes wrong does not alone break a lock.
 *
 * Clearing away is itself exclusive: whoever clears the lock with content C first makes `<file>.lock.<hash of C>`. Only its
 * maker may remove C, and only after looking again, so nobody removes the lock of a successor.
 */
import { createHash, randomBytes } from 'node:crypto';
import { lstatSync, readlinkSync } from 'node:fs';
import { lutimes, symlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { DarkFactoryError } from '../lib/failure.ts';
import { asEnvironmentError, errorCode, isMissing, removeQuietly } from './files.ts';
import type { Processes } from './process.ts';

export interface HeldLock {
  /**
   * A path beside the file for writing aside. When the holder dies, whoever clears its lock away removes this file first:
   * nothing is left over, and a holder that was wrongly given up can no longer rename it into place.
   */
  readonly temporary: string;
  /** Throws `environment`/`lock_lost` when another machine took the lock over (this process was suspended for long). */
  assertHeld(): Promise<void>;
}

export interface LockTimings {
  /** How long to wait for a lock before giving up. */
  timeoutMs: number;
  /** A holder renews its lock this often. */
  refreshMs: number;
  /** Another machine's lock that was not renewed for this long may be taken over. */
  staleMs: number;
  /** … once it was also seen unchanged for this long. */
  observeMs: number;
}

const holderName = z.object({
  nonce: z.string(),
  host: z.string(),
  pid: z.number().int(),
  startedAt: z.string(),
});

export interface FileLocks {
  /** Waits for the lock. Throws `environment`/`lock_timeout` after `deadline` (by `performance.now()`). */
  take(file: string, deadline: number): Promise<HeldLock & { release(): Promise<void> }>;
}

/** What a waiter has seen of a foreign lock, and since when it looks like that. */
interface Sighting {
  content: string;
  modified: number;
  since: number;
}

export function createFileLocks(processes: Processes, timings: LockTimings): FileLocks {
  async function isStale(path: string, content: string, sightings: Map<string, Sighting>): Promise<boolean> {
    const name = parseHolder(content);
    if (name !== null) {
      const liveness = await processes.liveness(name);
      if (liveness !== 'foreign') return liveness === 'dead';
    }
    const modified = modifiedAt(path);
    if (modified === null) return false;
    const now = performance.now();
    const last = sightings.get(path);
    if (last === undefined || last.content !== content || last.modified !== modified) {
      sightings.set(path, { content, modified, since: now });
      return false;
    }
    return Date.now() - modified > timings.staleMs && now - last.since > timings.observeMs;
  }

  /** Removes a stale lock, unless somebody else is at it. */
  async function clear(
    path: string,
    content: string,
    me: string,
    sightings: Map<string, Sighting>,
  ): Promise<void> {
    const guard = `${path}.${createHash('sha256').update(content).digest('hex').slice(0, 16)}`;
    if (!(await make(guard, me))) {
      const other = contentOf(guard);
      // Its maker died while clearing: clear after it, by the same rule, and come back.
      if (other !== null && (await isStale(guard, other, sightings)))
        await clear(guard, other, me, sightings);
      return;
    }
    try {
      if (contentOf(path) !== content) return;
      const nonce = parseHolder(content)?.nonce;
      if (nonce !== undefined && path.endsWith(SUFFIX)) await removeQuietly(temporaryOf(path, nonce));
      await removeQuietly(path);
    } finally {
      await removeQuietly(guard);
    }
  }

  return {
    async take(file, deadline) {
      const path = `${file}${SUFFIX}`;
      const nonce = randomBytes(8).toString('hex');
      const me = JSON.stringify({ nonce, ...(await processes.self()) });
      const sightings = new Map<string, Sighting>();
      for (let attempt = 0; !(await make(path, me)); attempt += 1) {
        const content = contentOf(path);
        if (content === null) continue;
        if (await isStale(path, content, sightings)) await clear(path, content, me, sightings);
        if (performance.now() >= deadline) throw lockTimeout(file, content);
        // Random, so that waiters do not march in step; growing, so that many of them do not keep the disk busy.
        await sleep(1 + Math.random() * Math.min(12, 2 + attempt));
      }
      return hold(file, path, me, temporaryOf(path, nonce), timings);
    },
  };
}

export const SUFFIX = '.lock';

/** @returns the file that a name beside it is a temporary of; `null` for any other name */
export function writtenAside(name: string): string | null {
  return /^(.+)\.[0-9a-f]{16}\.tmp$/s.exec(name)?.[1] ?? null;
}

function temporaryOf(lockPath: string, nonce: string): string {
  return `${lockPath.slice(0, -SUFFIX.length)}.${nonce}.tmp`;
}

function hold(
  file: string,
  path: string,
  me: string,
  temporary: string,
  timings: LockTimings,
): HeldLock & { release(): Promise<void> } {
  const since = { steady: performance.now(), wall: Date.now() };
  let lost = false;
  const refresh = setInterval(() => {
    const now = new Date();
    lutimes(path, now, now).catch(() => {
      lost = true;
    });
  }, timings.refreshMs);
  refresh.unref();
  // Only after a long time can another machine have given us up; until then asking the disk is not needed. The steady clock
  // may stand still while the machine sleeps, so both are asked.
  const mayBeLost = (): boolean =>
    lost || Math.max(performance.now() - since.steady, Date.now() - since.wall) > timings.staleMs / 2;
  const isOurs = (): boolean => !mayBeLost() || contentOf(path) === me;
  return {
    temporary,
    async assertHeld() {
      if (isOurs()) return;
      throw new DarkFactoryError(
        'environment',
        'lock_lost',
        `${file}: its lock was taken over while this process was suspended; nothing was written.`,
        'Try again.',
      );
    },
    async release() {
      clearInterval(refresh);
      if (isOurs()) await removeQuietly(path);
    },
  };
}

/** @returns `false` when the lock exists already */
async function make(path: string, content: string): Promise<boolean> {
  try {
    await symlink(content, path);
    return true;
  } catch (error) {
    const code = errorCode(error);
    // A network file system may repeat a request whose answer was lost: then the lock that exists is ours.
    if (code === 'EEXIST') return contentOf(path) === content;
    if (code === 'ENOSYS' || code === 'EOPNOTSUPP') throw noLocks(path, error);
    throw asEnvironmentError(error, path);
  }
}

/** @returns `null` when there is no lock (any more) */
function contentOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (isMissing(error)) return null;
    if (errorCode(error) === 'EINVAL') throw noLocks(path, error);
    throw asEnvironmentError(error, path);
  }
}

function modifiedAt(path: string): number | null {
  try {
    return lstatSync(path).mtimeMs;
  } catch (error) {
    if (isMissing(error)) return null;
    throw asEnvironmentError(error, path);
  }
}

function parseHolder(content: string): z.infer<typeof holderName> | null {
  try {
    return holderName.safeParse(JSON.parse(content)).data ?? null;
  } catch {
    return null; // not JSON: made by something else, so only its age counts
  }
}

function noLocks(path: string, cause: unknown): DarkFactoryError {
  return new DarkFactoryError(
    'environment',
    'lock_unsupported',
    `${path}: cannot be used as a lock (it is no symbolic link, or this file system has none).`,
    'Remove the file if it is a left-over, or move DF_HOME to a file system with symbolic links.',
    { cause },
  );
}

/** @param content of the lock, `null` when another caller of this process holds it */
export function lockTimeout(file: string, content: string | null): DarkFactoryError {
  const name = content === null ? null : parseHolder(content);
  const holder = name === null ? 'another caller' : `process ${name.pid} on ${name.host.split('/')[0]}`;
  return new DarkFactoryError(
    'environment',
    'lock_timeout',
    `${file}: is locked by ${holder}, which does not let go.`,
    `If that process hangs or is suspended, continue or end it; its lock ${file}${SUFFIX} then goes by itself.`,
  );
}
