import { sleepUnless } from '../lib/async/sleep.ts';
import { DarkFactoryError } from '../lib/failure.ts';
import { newUuid } from '../lib/ids.ts';
import { redactText } from '../lib/text/redact.ts';
import { catalogue, type NextJob, type Payload, type QueueName } from '../queues/jobs/catalogue.ts';
import { type JobResult, skipped } from '../queues/jobs/result.ts';
import type { Services } from '../services.ts';
import { afterFailure } from './after-failure.ts';
import { withTries } from './maintenance/tries.ts';
import { obeyStop } from './obey-stop.ts';
import { loadProcessors } from './processors.ts';
import { remedyFor } from './recovery.ts';
import type { JobContext, Processor } from './steps/processor.ts';

/** A wait of at most so many milliseconds is waited for; a longer one is the caller's to wait for. */
const MAX_WAIT_MS = 60_000;

/** Does a job in this process, by the processors and the recovery table of the workers; no queue has a part in it. See `Perform`. */
export async function performHere(services: Services, job: NextJob, asked?: AbortSignal): Promise<JobResult> {
  const nothing = async () => undefined;
  const stop = obeyStop({
    look: () => services.emergencyStop.look(),
    pause: nothing,
    resume: nothing,
    tell: (message) => services.log.warn({}, message),
  });
  try {
    refuseHalted(services);
    const halted = stop.signal();
    return await perform(services, job, asked === undefined ? halted : AbortSignal.any([asked, halted]));
  } finally {
    stop.close();
  }
}

async function perform(
  services: Services,
  { queue, payload }: NextJob,
  signal: AbortSignal,
): Promise<JobResult> {
  const context: JobContext = {
    services,
    job: `here/${newUuid()}`,
    signal,
    log: (line) => services.log.debug({ queue }, redactText(line)),
  };
  for (let attemptsMade = 0; ; ) {
    const result = await attempt(context, queue, catalogue[queue].payload.parse(payload), attemptsMade);
    if (signal.aborted) return result === 'retry' ? CUT : result;
    if (result === 'retry') {
      await sleepUnless(catalogue[queue].options.backoff.delay * 2 ** attemptsMade, signal);
      attemptsMade += 1;
      continue;
    }
    if (result.outcome !== 'parked') return result;
    const wait = result.until.getTime() - services.clock.now().getTime();
    if (wait > MAX_WAIT_MS) return result;
    await sleepUnless(Math.max(0, wait), signal);
    if (signal.aborted) return result;
  }
}

const CUT: JobResult = { outcome: 'interrupted', detail: 'it was cut short' };

async function attempt<Name extends QueueName>(
  context: JobContext,
  queue: Name,
  payload: Payload<Name>,
  attemptsMade: number,
): Promise<JobResult | 'retry'> {
  const { services } = context;
  const processor: Processor<Name> = (await loadProcessors())[queue];
  try {
    return await withTries(queue, payload, context, () => processor(payload, context));
  } catch (error) {
    // What was cut may fail in any way: that says nothing of the job.
    if (context.signal.aborted) return CUT;
    const remedy = remedyFor(error, catalogue[queue].options.attempts - attemptsMade - 1, attemptsMade);
    if (remedy.act === 'drop') return skipped('another worker took it over, or its project is gone');
    services.log.error({ queue, payload, err: error, remedy }, 'job failed');
    if (remedy.act === 'retry') return 'retry';
    await afterFailure(services, payload, error, remedy);
    throw error;
  }
}

function refuseHalted({ emergencyStop }: Pick<Services, 'emergencyStop'>): void {
  const halt = emergencyStop.look();
  if (halt === null) return;
  throw new DarkFactoryError(
    'environment',
    'halted',
    `The factory is halted: ${halt.reason}`,
    'Let it go on with df resume --all.',
  );
}
