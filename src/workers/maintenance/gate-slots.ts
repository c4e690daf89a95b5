import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../factory/config/config.ts';
import { gateLimit } from '../../factory/gates/run/limit.ts';
import { memoryNow, totalMemory } from '../../lib/process/machine.ts';
import { GLANCE, LockBusy, withLock } from '../../lib/locks/lock.ts';
import { createProcesses } from '../../lib/process/process.ts';
import type { Services } from '../../services.ts';
import type { JobResult } from '../../queues/jobs/result.ts';

/** When a gate that found no slot looks again, in milliseconds. */
const AGAIN = 2_000;

type Limits = Pick<Config, 'gates' | 'sandbox' | 'limits'>;

/** What `gateLimit` makes of this machine while nothing else needs its memory. */
export function gatesAtOnce(config: Limits): number {
  const memory = totalMemory();
  return gateLimit(config, { cores: availableParallelism(), memory, available: memory });
}

async function gatesNow(config: Limits): Promise<number> {
  const { available, total } = await memoryNow();
  return gateLimit(config, { cores: availableParallelism(), memory: total, available });
}

/**
 * Does a gate's work unless as many gates as this machine bears run already, in whichever workers of this home: then the
 * job is parked, so that it holds no worker and its waiting is nobody's active time.
 */
export async function inGateSlot(
  { home, config, clock }: Pick<Services, 'home' | 'config' | 'clock'>,
  work: () => Promise<JobResult>,
): Promise<JobResult> {
  const folder = join(home.data, 'gates');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const limit = await gatesNow(config);
  const processes = createProcesses();
  for (let slot = 1; slot <= limit; slot++) {
    let entered = false;
    const enter = () => {
      entered = true;
      return work();
    };
    try {
      return await withLock(join(folder, `slot${slot}.lock`), { processes, ...GLANCE }, enter);
    } catch (error) {
      if (entered || !(error instanceof LockBusy)) throw error;
    }
  }
  const until = new Date(clock.now().getTime() + AGAIN);
  return { outcome: 'parked', until, detail: `${limit} gates are running on this machine` };
}
