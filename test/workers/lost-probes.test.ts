import { expect, it } from 'vitest';
import { FACTORY } from '../../src/factory/finance/deps.ts';
import type { NewEvent } from '../../src/factory/model/event.ts';
import type { Services } from '../../src/services.ts';
import { sweepReservations } from '../../src/workers/maintenance/sweep.ts';
import { createMemoryState } from '../support/memory-state.ts';
import { sampleProject } from '../support/samples.ts';

it('a probe whose worker was killed is booked as possible, for it has no journal; a request of a step is left to its step', async () => {
  const project = sampleProject();
  const { store } = createMemoryState([project], []);
  const booked: unknown[] = [];
  const told: NewEvent[] = [];
  const expired = [
    { reservationId: 'r1', providerId: 'main', projectId: FACTORY, usd: 0.002 },
    { reservationId: 'r2', providerId: 'main', projectId: project.id, usd: 0.5 },
  ];
  const services = {
    state: store,
    record: async (event: NewEvent) => void told.push(event),
    finance: async () => ({
      expiredReservations: async () => expired.splice(0),
      bookLost: async (...lost: unknown[]) => void booked.push(lost),
    }),
  };
  await sweepReservations(services as unknown as Services);
  expect(booked).toEqual([
    [
      FACTORY,
      { requestId: 'r1', provider: 'main', model: 'unknown', operation: 'noop_probe', reserved: 0.002 },
    ],
  ]);
  expect(told.map(({ projectId, message }) => [projectId, message.split(' for it ')[1]])).toEqual([
    [FACTORY, 'are booked as possible.'],
    [project.id, 'count as spent until its step is taken up.'],
  ]);
});
