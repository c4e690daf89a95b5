import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GLANCE, LockBusy, withLock } from '../../lib/locks/lock.ts';
import type { Processes } from '../../lib/process/process.ts';
import type { Home } from './home.ts';

/** Does work that may cost its worker while no other such work is done on this machine. `null`: other such work is under way. */
export type Isolated = <T>(work: () => Promise<T>) => Promise<T | null>;

export function createIsolation({ data }: Pick<Home, 'data'>, processes: Processes): Isolated {
  const folder = join(data, 'gates');
  return async (work) => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    let entered = false;
    const enter = () => {
      entered = true;
      return work();
    };
    try {
      return await withLock(join(folder, 'suspect.lock'), { processes, ...GLANCE }, enter);
    } catch (error) {
      if (entered || !(error instanceof LockBusy)) throw error;
      return null;
    }
  };
}
