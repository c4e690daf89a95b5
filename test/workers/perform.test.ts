import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LeaseLost } from '../../src/factory/ports.ts';
import type { NextJob } from '../../src/queues/jobs/catalogue.ts';
import type { Services } from '../../src/services.ts';
import { performHere } from '../../src/workers/perform.ts';

const PROBE: NextJob = { queue: 'provider-probes', payload: { providerId: 'a' }, deduplicationId: 'probe.a' };

/** Services of which a probe needs no more than this: it answers, fails, or comes back after `delay` milliseconds. */
async function services(
  probe: () => Promise<boolean>,
  { delay = 0, halted = false } = {},
): Promise<Services> {
  const data = await mkdtemp(join(tmpdir(), 'perform-'));
  onTestFinished(() => rm(data, { recursive: true, force: true }));
  const quiet = () => undefined;
  const fakes = {
    home: { data },
    config: { limits: { crashes: 3 } },
    clock: { now: () => new Date() },
    log: { debug: quiet, warn: quiet, error: quiet },
    emergencyStop: { look: () => (halted ? { file: '/STOP', since: null, reason: 'Enough.' } : null) },
    holder: async () => ({ host: 'here', pid: 1, startedAt: 'now' }),
    liveness: async () => 'alive',
    state: { listOpenProjects: async () => [] },
    projectService: { wake: async () => 0, hasten: async () => 0 },
    finance: async () => ({
      probeProvider: async () => ({ healthy: await probe(), detail: 'it said so', cost: 0 }),
      noteProbe: async () => undefined,
      probeSchedule: async () => [{ providerId: 'a', delay }],
    }),
  };
  return fakes as unknown as Services;
}

describe('a job that is done in the process of its caller', () => {
  it('is done by the processor of its queue', async () => {
    const result = await performHere(await services(async () => true), PROBE);
    expect(result).toMatchObject({ outcome: 'done', detail: expect.stringContaining('a is healthy') });
  });

  it('is taken up again after a short wait, and given back with a long one', async () => {
    let asked = 0;
    const soon = await services(async () => {
      asked += 1;
      return asked > 1;
    });
    expect(await performHere(soon, PROBE)).toMatchObject({ outcome: 'done' });
    expect(asked).toBe(2);
    const late = await services(async () => false, { delay: 3_600_000 });
    expect(await performHere(late, PROBE)).toMatchObject({ outcome: 'parked' });
  });

  it('throws what a worker would call a failure, and skips what another one took over', async () => {
    const failing = await services(async () => {
      throw new Error('a surprise');
    });
    await expect(performHere(failing, PROBE)).rejects.toThrow('a surprise');
    const overtaken = await services(async () => {
      throw new LeaseLost('taken');
    });
    expect(await performHere(overtaken, PROBE)).toMatchObject({ outcome: 'skipped' });
  });

  it('is not begun while the factory is halted, and put down when its caller says so', async () => {
    let asked = 0;
    const halted = await services(
      async () => {
        asked += 1;
        return true;
      },
      { halted: true },
    );
    await expect(performHere(halted, PROBE)).rejects.toMatchObject({ code: 'halted' });
    expect(asked).toBe(0);
    const cut = new AbortController();
    const failing = await services(async () => {
      cut.abort();
      throw new Error('it was killed');
    });
    expect(await performHere(failing, PROBE, cut.signal)).toMatchObject({ outcome: 'interrupted' });
  });
});
