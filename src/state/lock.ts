/** Locks on files, for callers: one at a time in this process, and one process at a time. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DarkFactoryError } from '../lib/failure.ts';
import { removeQuietly } from './files.ts';
import {
  createFileLocks,
  type HeldLock,
  type LockTimings,
  lockTimeout,
  SUFFIX,
  writtenAside,
} from './lock-file.ts';
import type { Processes } from './process.ts';

export type { HeldLock, LockTimings } from './lock-file.ts';

export interface Locks {
  /**
   * Runs `work` while nobody else holds the lock on `file`. Not reentrant.
   * Throws `environment`/`lock_timeout` when the lock is not free in time, and what `work` throws.
   */
  withLock<T>(file: string, work: (lock: HeldLock) => Promise<T>, timeoutMs?: number): Promise<T>;
}

export const TIMINGS: LockTimings = {
  timeoutMs: 30_000,
  refreshMs: 10_000,
  staleMs: 60_000,
  observeMs: 15_000,
};

export function createLocks(processes: Processes, timings: Partial<LockTimings> = {}): Locks {
  const files = createFileLocks(processes, { ...TIMINGS, ...timings });
  // Within this process callers queue here, so that one process contends once, in order of arrival.
  const tails = new Map<string, Promise<void>>();
  return {
    async withLock(file, work, timeoutMs = timings.timeoutMs ?? TIMINGS.timeoutMs) {
      const deadline = performance.now() + timeoutMs;
      const before = tails.get(file);
      const { promise: finished, resolve: finish } = deferred();
      const tail = before === undefined ? finished : before.then(() => finished);
      tails.set(file, tail);
      try {
        if (before !== undefined) await settledBefore(before, deadline, file);
        const held = await files.take(file, deadline);
        try {
          return await work(held);
        } finally {
          await held.release();
        }
      } finally {
        finish();
        if (tails.get(file) === tail) tails.delete(file);
      }
    },
  };
}

/** Longest wait for a lock that is only to be cleared away, in milliseconds. */
const GLANCE = 500;

/**
 * Takes and releases every lock that lies below a folder: one of a dead process goes, with what it had written aside, and so does
 * what was written aside without a lock. One that is held stays as it is.
 */
export async function clearDeadLocks(folder: string, locks: Locks): Promise<void> {
  const names = await readdir(folder, { recursive: true });
  const glance = async (file: string, work: () => Promise<void>) => {
    try {
      await locks.withLock(join(folder, file), work, GLANCE);
    } catch (error) {
      if (!(error instanceof DarkFactoryError)) throw error;
    }
  };
  for (const name of names) {
    if (name.endsWith(SUFFIX)) await glance(name.slice(0, -SUFFIX.length), async () => {});
    const file = writtenAside(name);
    // Only the holder of the lock writes aside: under it, whatever lies there is nobody's.
    if (file !== null) await glance(file, () => removeQuietly(join(folder, name)));
  }
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
