import { join } from 'node:path';
import type { InFreeSlot } from '../../lib/locks/slots.ts';
import type { Home } from './home.ts';

/** Does work that may cost its worker while no other such work is done on this machine. `null`: other such work is under way. */
export type Isolated = <T>(work: () => Promise<T>) => Promise<T | null>;

export function createIsolation({ data }: Pick<Home, 'data'>, inFreeSlot: InFreeSlot): Isolated {
  return async (work) => (await inFreeSlot(join(data, 'gates'), ['suspect'], work))?.value ?? null;
}
