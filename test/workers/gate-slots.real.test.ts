import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { config } from '../../src/factory/config/config.ts';
import { createSlots } from '../../src/lib/locks/slots.ts';
import { createProcesses } from '../../src/lib/process/process.ts';
import { done } from '../../src/queues/jobs/result.ts';
import type { Services } from '../../src/services.ts';
import { inGateSlot } from '../../src/workers/maintenance/gate-slots.ts';

it('a gate beyond the limit is parked, and its place is free again after an end or a failure', async () => {
  const data = await mkdtemp(join(tmpdir(), 'df-slots-'));
  try {
    const services = {
      home: { data } as Services['home'],
      config: config.parse({ gates: { concurrency: 2 } }),
      clock: { now: () => new Date(1_000) },
      inFreeSlot: createSlots(createProcesses()),
    };
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let running = 0;
    const busy = async () => {
      running += 1;
      await held;
      return done('ran');
    };
    const first = [inGateSlot(services, busy), inGateSlot(services, busy)];
    while (running < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await inGateSlot(services, busy)).toMatchObject({
      outcome: 'parked',
      until: new Date(3_000),
      detail: '2 gates are running on this machine',
    });
    release();
    await Promise.all(first);
    const fails = inGateSlot(services, () => Promise.reject(new Error('broken')));
    await expect(fails).rejects.toThrow('broken');
    for (let run = 0; run < 3; run++)
      expect(await inGateSlot(services, async () => done('ran'))).toEqual(done('ran'));
  } finally {
    await rm(data, { recursive: true, force: true });
  }
});
