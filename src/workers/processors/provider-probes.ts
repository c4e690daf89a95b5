import { HEALTH_TTL_MS } from '../../factory/finance/health/polling.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import { done } from '../../queues/jobs/result.ts';
import type { Services } from '../../services.ts';
import type { Processor } from '../steps/processor.ts';

/** Between two probes of one provider at the least, whatever its schedule says. */
const MIN_PAUSE_MS = 250;

type Needed = Pick<Services, 'state' | 'projectService' | 'clock' | 'finance'>;

/**
 * Asks a provider for a token. A good answer wakes what waits for credits, each project once, and lets parked steps try
 * again. After a bad one the job itself comes back when the next probe is due.
 */
export const processor: Processor<'provider-probes', Needed> = async ({ providerId }, { services, log }) => {
  const { projectService, clock } = services;
  const finance = await services.finance();
  let answer: Awaited<ReturnType<typeof finance.probeProvider>>;
  try {
    answer = await finance.probeProvider(providerId, HEALTH_TTL_MS);
  } catch (error) {
    if (error instanceof DarkFactoryError && error.kind === 'not_found') return done('It was removed.');
    throw error;
  }
  log(answer.detail);
  if (!answer.unasked) {
    const waiting = (await services.state.listOpenProjects()).filter(
      ({ status }) => status === 'waiting_for_credits',
    );
    await finance.noteProbe(waiting.map(({ id }) => id));
  }
  if (answer.healthy) {
    const woken = await projectService.wake(`The provider ${providerId} answers again.`);
    const hastened = await projectService.hasten();
    return done(`${providerId} is healthy (${answer.detail}); ${woken + hastened} projects woken`);
  }
  const next = (await finance.probeSchedule()).find((each) => each.providerId === providerId);
  const detail = `${providerId} is not usable (${answer.detail})`;
  if (next === undefined) return done(detail);
  const now = clock.now().getTime();
  const wait = Math.max(next.delay, MIN_PAUSE_MS, (answer.notBefore?.getTime() ?? now) - now);
  const until = new Date(now + wait);
  return { outcome: 'parked', until, detail };
};
