import { expect, it } from 'vitest';
import { processor } from '../../../src/workers/processors/notifications.ts';
import { NOW } from '../../support/samples.ts';
import { createWorld } from './world.ts';

it.each([
  ['delivered', { outcome: 'done', detail: 'delivered' }, { outcome: 'done', detail: 'delivered' }],
  [
    'parked until it may be tried again',
    { outcome: 'later', until: NOW, detail: '503' },
    { outcome: 'parked', until: NOW, detail: '503' },
  ],
] as const)('a message is %s, under the signal of its job', async (_how, delivery, result) => {
  const { context } = createWorld();
  const seen: unknown[] = [];
  const deliver = async (...given: unknown[]) => {
    seen.push(...given);
    return delivery;
  };
  Object.assign(context.services, { notifications: async () => ({ deliver }) });
  const payload = { id: 'm1', target: 'slack' } as never;
  expect(await processor(payload, context)).toEqual(result);
  expect(seen).toEqual([payload, context.signal]);
});
