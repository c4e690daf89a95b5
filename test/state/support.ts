import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { createProcesses } from '../../src/lib/process/process.ts';
import { documentHead } from '../../src/lib/schema.ts';
import { createFreezer, type Freezer } from '../../src/state/documents/freeze.ts';
import { createLocks, type Locks, type LockTimings } from '../../src/state/files/lock.ts';
import type { ChainPlace } from '../../src/state/logs/chain.ts';

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

/** A document of the tests with processes. */
export const pile = z.object({ ...documentHead, stones: z.array(z.string()).default([]) });
export type Pile = z.infer<typeof pile>;
export const EMPTY_PILE: Pile = { schemaVersion: 1, version: 0, stones: [] };

/** A log entry of the tests with processes. */
export const stone = z.object({ n: z.number(), text: z.string() });

/** A log of stones that carries hashes. */
export const stoneChain = (file: string): ChainPlace => ({
  file: `${file}.jsonl`,
  headFile: `${file}.head`,
  start: 'stones',
});
