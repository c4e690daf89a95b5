import { DarkFactoryError, EXIT_CODE } from '../../../lib/failure.ts';
import type { NextJob } from '../../../queues/jobs/catalogue.ts';
import { stoppedLooking, warnWithoutWorkers } from '../commands/machine/worker-count.ts';
import type { CommandContext } from '../framework/context.ts';
import { INTERRUPTED } from '../framework/interrupts.ts';
import { type Invocation, switchedOff } from '../framework/options.ts';
import { poll } from '../framework/poll.ts';
import { jsonText, shortId, type Text } from '../render/output.ts';

/** Looks at the files between two looks at the queue: about two seconds. */
const LOOKS = 8;

/** What was asked for by hand, and how its outcome is told. */
interface Asked<T> {
  job: NextJob;
  projectId: string;
  /** `gate`, `audit`. */
  what: string;
  /** The document of one that is not waited for. */
  asked: object;
  /** What the job leaves behind, `undefined` as long as it is not there. */
  look(): Promise<T | undefined>;
  lines(outcome: T): readonly Text[];
}

/** Waits for the outcome unless told otherwise; the exit code says what it is. */
export async function tellOutcome<T extends { passed: boolean }>(
  context: CommandContext,
  invocation: Invocation,
  { job, projectId, what, asked, look, lines }: Asked<T>,
): Promise<number> {
  await warnWithoutWorkers(context);
  if (switchedOff(invocation, 'wait')) {
    if (context.json) context.out.raw(jsonText({ projectId, ...asked }));
    return 0;
  }
  const outcome = await awaitJob(context, { job, projectId, what }, look);
  if (outcome === undefined) {
    context.err.line(await stoppedLooking(context, `the ${what}`));
    context.err.line(`Look with: ${context.program} status ${shortId(projectId)}`);
    return INTERRUPTED;
  }
  if (context.json) context.out.raw(jsonText(outcome));
  else for (const line of lines(outcome)) context.out.line(line);
  return outcome.passed ? 0 : EXIT_CODE.failed;
}

/**
 * Waits for what a job that was asked for by hand leaves behind. State files name no such job, so one that failed, or that
 * Redis forgot, does not come back: waiting for it would never end.
 *
 * @param look what the job leaves behind, `undefined` as long as it is not there
 * @returns `undefined` after Ctrl-C
 * @throws DarkFactoryError `failed`/`not_run` when the job is gone and left nothing
 */
async function awaitJob<T>(
  context: CommandContext,
  { job, projectId, what }: { job: NextJob; projectId: string; what: string },
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  let looks = 0;
  return poll(async () => {
    const found = await look();
    looks += 1;
    if (found !== undefined || looks % LOOKS !== 0 || (await isThere(context, job))) return found;
    // It may have ended between the two looks.
    const late = await look();
    if (late !== undefined) return late;
    const id = shortId(projectId);
    throw new DarkFactoryError(
      'failed',
      'not_run',
      `The ${what} was not run to its end`,
      `Why stands in ${context.program} status ${id} or ${context.program} logs. Then ask for it again`,
    );
  });
}

/** While Redis is away nothing is known, and the job may well be there. */
async function isThere(context: CommandContext, job: NextJob): Promise<boolean> {
  const services = await context.services();
  try {
    return (await (await services.queues()).missing(job)).length === 0;
  } catch (error) {
    if ((await services.explain(error)) instanceof DarkFactoryError) return true;
    throw error;
  }
}
