import { describe, expect, it } from 'vitest';
import type { ProbeResult } from '../../../src/factory/ports.ts';
import { DarkFactoryError } from '../../../src/lib/failure.ts';
import { processor } from '../../../src/workers/processors/provider-probes.ts';
import { NOW } from '../../support/samples.ts';
import { createWorld } from './world.ts';

const job = { providerId: 'main' };

function probing(probe: () => Promise<ProbeResult>, status = 'active') {
  const world = createWorld({ project: { status: status as never } });
  Object.assign(world.finance, { probeProvider: probe });
  return world;
}

describe('a job of provider-probes', () => {
  it('wakes what waits for a provider that answers again', async () => {
    const world = probing(async () => ({ healthy: true, detail: 'fine', cost: 0 }), 'waiting_for_credits');
    expect(await processor(job, world.context)).toMatchObject({
      outcome: 'done',
      detail: expect.stringContaining('1 projects woken'),
    });
    expect(await world.project()).toMatchObject({ status: 'active' });
    expect(world.jobs).toMatchObject([{ queue: 'agent-steps', payload: { step: 1 } }]);
  });

  it('comes back when the next probe is due, and never at once', async () => {
    const world = probing(async () => ({ healthy: false, detail: 'no credits', cost: 0 }));
    expect(await processor(job, world.context)).toMatchObject({
      outcome: 'parked',
      until: new Date(NOW.getTime() + 250),
    });
  });

  it('comes back when it may be asked again, and notes no probe, where nothing was sent', async () => {
    const notBefore = new Date(NOW.getTime() + 3_600_000);
    const world = probing(
      async () => ({ healthy: false, detail: 'the budget is spent', cost: 0, unasked: true, notBefore }),
      'waiting_for_credits',
    );
    const noted: string[] = [];
    Object.assign(world.finance, { noteProbe: async (ids: string[]) => void noted.push(...ids) });
    expect(await processor(job, world.context)).toMatchObject({ outcome: 'parked', until: notBefore });
    expect(noted).toEqual([]);
  });

  it('ends when the provider needs no further probe, or is gone', async () => {
    const bad = probing(async () => ({ healthy: false, detail: 'off', cost: 0 }));
    expect(await processor({ providerId: 'other' }, bad.context)).toMatchObject({ outcome: 'done' });
    const gone = probing(async () => {
      throw new DarkFactoryError('not_found', 'provider_not_found', 'none', 'See df provider list.');
    });
    expect(await processor(job, gone.context)).toEqual({ outcome: 'done', detail: 'It was removed.' });
  });

  it('hides no other failure', async () => {
    const world = probing(() => Promise.reject(new Error('Redis went')));
    await expect(processor(job, world.context)).rejects.toThrow('Redis went');
  });
});
