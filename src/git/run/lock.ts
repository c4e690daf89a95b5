import { setTimeout as wait } from 'node:timers/promises';
import { DarkFactoryError } from '../../lib/failure.ts';
import { type HeldLock, LockBusy, type LockTimings, withLock as underLock } from '../../lib/locks/lock.ts';
import { describeHolder } from '../../lib/locks/lock-links.ts';
import { processesWith, sendSignal } from '../../lib/process/others.ts';
import { type Git, whileHeld, withVariables } from './git.ts';

/**
 * A git started under a lock carries the lock's token in this variable. git outlives a worker that is killed or stopped;
 * whoever takes its lock over finds such a git by it, and ends it before touching what it works on.
 */
export const LOCK_VARIABLE = 'DF_GIT_LOCK';

export interface LockOptions {
  /** What is locked, for the error message. */
  what: string;
  /** Give up after this many milliseconds. */
  patienceMs: number;
  timings?: Partial<LockTimings>;
}

/**
 * Does `work` while nobody else, in this process or any other that shares the file system, holds `file`.
 *
 * Throws `failed`/`git_busy` when the patience ends, and `environment`/`lock_lost` from the git that `work` is given once
 * this process was suspended for so long that it was given up.
 */
export async function withLock<T>(
  git: Git,
  file: string,
  { what, patienceMs, timings = {} }: LockOptions,
  work: (git: Git) => Promise<T>,
): Promise<T> {
  const options = { processes: git.processes, patienceMs, timings, makesFolder: true };
  try {
    return await underLock(file, options, async (lock: HeldLock) => {
      for (const { token } of lock.after) await endOrphans(token);
      return work(whileHeld(withVariables(git, { [LOCK_VARIABLE]: lock.token }), lock.assertHeld));
    });
  } catch (error) {
    if (!(error instanceof LockBusy)) throw error;
    throw new DarkFactoryError(
      'failed',
      'git_busy',
      `${what} is in use by ${describeHolder(error.holder)} for more than ${Math.round(patienceMs / 1_000)} s`,
      'It is tried again; if that process hangs, end it.',
      { cause: error },
    );
  }
}

/** Ends what the former holder left running: first so that git tidies up, then for certain. */
async function endOrphans(token: string): Promise<void> {
  const mark = `${LOCK_VARIABLE}=${token}`;
  for (let round = 0; round < 200; round++) {
    const orphans = processesWith(mark);
    if (orphans.length === 0) return;
    for (const pid of orphans) sendSignal(pid, round < 100 ? 'SIGTERM' : 'SIGKILL');
    await wait(20);
  }
}
