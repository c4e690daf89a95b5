import { mkdir } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../factory/config.ts';
import { gateLimit } from '../../factory/gates/limit.ts';
import { memoryNow } from '../../lib/machine.ts';
import { LockTimeout, withProcessLock } from '../../lib/process-lock.ts';
import type { Services } from '../../services.ts';
import type { JobResult } from '../processor.ts';

/** Milliseconds: how long one slot is looked at, and when a gate that found none looks again. */
const LOOK = 25;
const AGAIN = 2_000;
/** No gate takes as long. A slot of a dead process is free at once; this is for another process with its id. */
const LONGEST = 12 * 60 * 60 * 1_000;

type Limits = Pick<Config, 'gates' | 'sandbox' | 'limits'>;

/** What `gateLimit` makes of this machine while nothing else needs its memory. */
export function gatesAtOnce(config: Limits): number {
  const memory = totalmem();
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
  for (let slot = 1; slot <= limit; slot++) {
    let entered = false;
    const enter = () => {
      entered = true;
      return work();
    };
    try {
      return await withProcessLock(folder, `slot${slot}`, enter, { deadline: LOOK, maxHold: LONGEST });
    } catch (error) {
      if (entered || !(error instanceof LockTimeout)) throw error;
    }
  }
  const until = new Date(clock.now().getTime() + AGAIN);
  return { outcome: 'parked', until, detail: `${limit} gates are running on this machine` };
}
