import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../factory/config/config.ts';
import { gateLimit } from '../../factory/gates/run/limit.ts';
import { memoryNow, totalMemory } from '../../lib/process/machine.ts';
import type { JobResult } from '../../queues/jobs/result.ts';
import type { Services } from '../../services.ts';

/** After which a gate that found no slot looks again. */
const RETRY_MS = 2_000;

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
  { home, config, clock, inFreeSlot }: Pick<Services, 'home' | 'config' | 'clock' | 'inFreeSlot'>,
  work: () => Promise<JobResult>,
): Promise<JobResult> {
  const limit = await gatesNow(config);
  const names = Array.from({ length: limit }, (_, index) => `slot${index + 1}`);
  const done = await inFreeSlot(join(home.data, 'gates'), names, work);
  if (done !== null) return done.value;
  const until = new Date(clock.now().getTime() + RETRY_MS);
  return { outcome: 'parked', until, detail: `${limit} gates are running on this machine` };
}
