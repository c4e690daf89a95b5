/** Locks on files, for callers: one at a time in this process, and one process at a time. */
import { lstatSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DarkFactoryError } from '../../lib/failure.ts';
import {
  type HeldLock as Held,
  LockBusy,
  type Sightings,
  type LockTimings as Timings,
  takeLock,
} from '../../lib/locks/lock.ts';
import { describeHolder, type LockHolder, removeLeftLinks } from '../../lib/locks/lock-links.ts';
import type { Processes } from '../../lib/process/process.ts';
import { asEnvironmentError, fileKey, putCopyInPlace, removeQuietly } from './files.ts';

export interface HeldLock extends Pick<Held, 'assertHeld'> {
  /**
   * A path beside the file for writing aside. Whoever takes the lock over removes this file first: nothing is left over, and a
   * holder that was given up can no longer rename it into place.
   */
  readonly temporary: string;
}

export interface LockTimings extends Timings {
  /** How long to wait for a lock before giving up. */
  timeoutMs: number;
}

export interface Locks {
  /**
   * Runs `work` while nobody else holds the lock on `file`. Not reentrant.
   * Throws `environment`/`lock_timeout` when the lock is not free in time, `lock_lost`, and what `work` throws.
   */
  withLock<T>(file: string, work: (lock: HeldLock) => Promise<T>, timeoutMs?: number): Promise<T>;
  /** Does nobody hold the lock on `file` at this moment? */
  isFree(file: string): boolean;
}

const TIMEOUT_MS = 30_000;
const SUFFIX = '.lock';

export function createLocks(processes: Processes, timings: Partial<LockTimings> = {}): Locks {
  // Within this process callers queue here, so that one process contends once, in order of arrival.
  const tails = new Map<string, Promise<void>>();
  // Of callers that come one after the other each has only what the one before left of its time.
  const sightings: Sightings = new Map();

  async function underFileLock<T>(
    file: string,
    patienceMs: number,
    work: (lock: HeldLock) => Promise<T>,
  ): Promise<T> {
    const { release, ...held } = await take(file, { processes, patienceMs, timings, sightings });
    try {
      const lock = { assertHeld: held.assertHeld, temporary: temporaryOf(file, held.token) };
      await makeVoid(file, lock.temporary, held.after);
      return await work(lock);
    } catch (error) {
      // Whatever a process that was given up stumbles over, such as what its successor removed: that it is, is what happened.
      if (!(error instanceof DarkFactoryError)) held.assertHeld();
      throw error;
    } finally {
      release();
    }
  }

  return {
    isFree: (file) => lstatSync(`${file}${SUFFIX}`, { throwIfNoEntry: false }) === undefined,
    async withLock(file, work, timeoutMs = timings.timeoutMs ?? TIMEOUT_MS) {
      const deadline = performance.now() + timeoutMs;
      const before = tails.get(file);
      const { promise: finished, resolve: finish } = deferred();
      const tail = before === undefined ? finished : before.then(() => finished);
      tails.set(file, tail);
      try {
        if (before !== undefined) await settledBefore(before, deadline, file);
        return await underFileLock(file, deadline - performance.now(), work);
      } finally {
        finish();
        if (tails.get(file) === tail) tails.delete(file);
      }
    },
  };
}

async function take(file: string, options: Parameters<typeof takeLock>[1]): ReturnType<typeof takeLock> {
  const path = `${file}${SUFFIX}`;
  try {
    return await takeLock(path, options);
  } catch (error) {
    if (error instanceof LockBusy) throw lockTimeout(file, error.holder);
    throw asEnvironmentError(error, path);
  }
}

/**
 * Takes away what holders that were given up had written aside. One that lives may also have the file open, and a write to it
 * under way: such a file goes on as a copy, so that what still comes reaches nobody.
 */
async function makeVoid(file: string, temporary: string, former: Held['after']): Promise<void> {
  if (former.length === 0) return;
  for (const { token } of former) await removeQuietly(temporaryOf(file, token));
  if (!former.some(({ was }) => was === 'silent') || fileKey(file) === null) return;
  await putCopyInPlace(file, temporary);
}

/** Longest wait for a lock that is only to be cleared away. */
const GLANCE_MS = 500;

/**
 * Takes and releases every lock that lies below a folder: one of a dead process goes, with what it had written aside, and so does
 * what was written aside without a lock. One that is held stays as it is.
 */
export async function clearDeadLocks(folder: string, locks: Locks, patienceMs = GLANCE_MS): Promise<void> {
  const names = await readdir(folder, { recursive: true });
  const glance = async (file: string, work: () => Promise<void>) => {
    try {
      await locks.withLock(join(folder, file), work, patienceMs);
    } catch (error) {
      if (!(error instanceof DarkFactoryError)) throw error;
    }
  };
  for (const name of names) {
    if (name.endsWith(SUFFIX)) await glance(name.slice(0, -SUFFIX.length), async () => {});
    const beside = /^(.+\.lock)\.[0-9a-f]{16}$/s.exec(name)?.[1];
    if (beside !== undefined) removeLeftLinks(join(folder, beside));
    const file = writtenAside(name);
    // Only the holder of the lock writes aside: under it, whatever lies there is nobody's.
    if (file !== null) await glance(file, () => removeQuietly(join(folder, name)));
  }
}

/** @returns the file that a name beside it is a temporary of; `null` for any other name */
function writtenAside(name: string): string | null {
  return /^(.+)\.[0-9a-f]{16}\.tmp$/s.exec(name)?.[1] ?? null;
}

function temporaryOf(file: string, token: string): string {
  return `${file}.${token}.tmp`;
}

/** @param holder `null` when another caller of this process holds it, or something that gave no name */
function lockTimeout(file: string, holder: LockHolder | null): DarkFactoryError {
  return new DarkFactoryError(
    'environment',
    'lock_timeout',
    `${file}: is locked by ${describeHolder(holder)}, which does not let go.`,
    `A process that gives no sign for a minute loses the lock ${file}${SUFFIX} by itself; df health names it.`,
  );
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

async function settledBefore(before: Promise<void>, deadline: number, file: string): Promise<void> {
  const timer = new AbortController();
  const late = sleep(Math.max(0, deadline - performance.now()), 'late' as const, { signal: timer.signal });
  const outcome = await Promise.race([before, late]);
  timer.abort();
  late.catch(() => {}); // the aborted timer
  if (outcome === 'late') throw lockTimeout(file, null);
}
