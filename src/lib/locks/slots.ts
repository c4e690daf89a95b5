import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Processes } from '../process/process.ts';
import { GLANCE, LockBusy, withLock } from './lock.ts';

/**
 * Does work in the first of several places that is free, over all processes of this machine.
 *
 * @param folder of the locks; made where it is missing
 * @returns `null` when none is free
 */
export async function inFreeSlot<T>(
  folder: string,
  names: readonly string[],
  processes: Processes,
  work: () => Promise<T>,
): Promise<{ value: T } | null> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of names) {
    let entered = false;
    const enter = async () => {
      entered = true;
      return { value: await work() };
    };
    try {
      return await withLock(join(folder, `${name}.lock`), { processes, ...GLANCE }, enter);
    } catch (error) {
      if (entered || !(error instanceof LockBusy)) throw error;
    }
  }
  return null;
}
