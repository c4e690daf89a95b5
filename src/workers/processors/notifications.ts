import { done } from '../../queues/jobs/result.ts';
import type { Services } from '../../services.ts';
import type { Processor } from '../steps/processor.ts';

/** Tries to bring one message to one target. Work never waits for it: messages have a queue of their own. */
export const processor: Processor<'notifications', Pick<Services, 'notifications'>> = async (
  payload,
  { services, signal, log },
) => {
  const delivery = await (await services.notifications()).deliver(payload, signal);
  log(delivery.detail);
  return delivery.outcome === 'done'
    ? done(delivery.detail)
    : { outcome: 'parked', until: delivery.until, detail: delivery.detail };
};
