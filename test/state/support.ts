import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFreezer, type Freezer } from '../../src/state/freeze.ts';
import { createLocks, type Locks, type LockTimings } from '../../src/state/lock.ts';
import { createProcesses } from '../../src/state/process.ts';

/** A folder for one test, removed when the test is over. */
export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'df-state-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function stateDeps(timings: Partial<LockTimings> = {}): { locks: Locks; freeze: Freezer } {
  return { locks: createLocks(createProcesses(), timings), freeze: createFreezer() };
}

/** Asks until the answer is not `undefined`; fails after ten seconds. */
export async function eventually<T>(ask: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error('did not come about within ten seconds');
    await new Promise((done) => setTimeout(done, 5));
  }
}
