import type { Processor } from '../steps/processor.ts';
import { done } from '../../queues/jobs/result.ts';

/** Tries to bring one message to one target. Work never waits for it: messages have a queue of their own. */
export const processor: Processor<'notifications'> = async (payload, { services, signal, log }) => {
  const { notifications: post } = services;
  const delivery = await (await post()).deliver(payload, signal);
  log(delivery.detail);
  return delivery.outcome === 'done'
    ? done(delivery.detail)
    : { outcome: 'parked', until: delivery.until, detail: delivery.detail };
};
