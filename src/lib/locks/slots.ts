import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Processes } from '../process/process.ts';
import { GLANCE, LockBusy, type LockTimings, type Sightings, withLock } from './lock.ts';

/**
 * Does work in the first of several places that is free, over all processes of this machine.
 *
 * @param folder of the locks; made where it is missing
 * @returns `null` when none is free
 */
export type InFreeSlot = <T>(
  folder: string,
  names: readonly string[],
  work: () => Promise<T>,
) => Promise<{ value: T } | null>;

/** Who finds none free looks again soon: what one look saw of a holder, the next one goes on from. */
export function createSlots(processes: Processes, timings: Partial<LockTimings> = {}): InFreeSlot {
  const sightings: Sightings = new Map();
  const glance = { ...GLANCE, processes, sightings, timings: { ...GLANCE.timings, ...timings } };
  return async (folder, names, work) => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const name of names) {
      let entered = false;
      const enter = async () => {
        entered = true;
        return { value: await work() };
      };
      try {
        return await withLock(join(folder, `${name}.lock`), glance, enter);
      } catch (error) {
        if (entered || !(error instanceof LockBusy)) throw error;
      }
    }
    return null;
  };
}
