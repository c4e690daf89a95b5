import { FACTORY } from '../../factory/finance/deps.ts';
import { pollIntake } from '../../factory/intake/poll.ts';
import type { NewEvent } from '../../factory/model/event.ts';
import { watchPull } from '../../factory/watching/watch.ts';
import { isFailure } from '../../lib/failure.ts';
import type { Payload } from '../../queues/jobs/catalogue.ts';
import { done, type JobResult, skipped } from '../../queues/jobs/result.ts';
import { forgeDeps } from '../steps/forge-deps.ts';
import type { JobContext, Processor } from '../steps/processor.ts';

/** Tells forges what the settings say they are to know, and asks them for news. */
export const processor: Processor<'forge'> = async (payload, context) => {
  switch (payload.action) {
    case 'publish':
      return context.services.publishing.publishWished(payload.project);
    case 'watch':
      return watch(payload.project, context);
    case 'intake':
      return intake(payload, context);
  }
};

async function intake(
  { forge, label }: Extract<Payload<'forge'>, { action: 'intake' }>,
  { services }: JobContext,
): Promise<JobResult> {
  const source = services.config.intake.find((each) => each.forge === forge && each.label === label);
  if (source === undefined) return skipped('it is not configured any more');
  const deps = forgeDeps(services);
  // Of several workers one looks at a time: the comment is looked for and written under this lock.
  const episode = `forge-missing-${forge}`;
  try {
    const found = await services.state.oneAtATime(`intake-${forge}`, () => pollIntake(deps, source));
    await deps.episodes.end(episode);
    return done(found ?? `the forge ${forge} may not be asked now`);
  } catch (error) {
    if (!isFailure(error, 'forge_unknown')) throw error;
    if (await deps.episodes.begin(episode)) await deps.record(missing(forge, label));
    return skipped(error.message);
  }
}

/** Its owner has removed it, and left it in the settings. */
const missing = (forge: string, label: string): NewEvent => ({
  ...{ projectId: FACTORY, type: 'forge.refused', level: 'warn', data: { forge } },
  message: `No issues (${label}) are taken: intake in config.yaml names the forge ${forge}, which is not there. Add it (df forge add --id ${forge}), or take it out.`,
});

async function watch(projectId: string, { services }: JobContext): Promise<JobResult> {
  // What is told of it from now on is looked for from here.
  await (await services.notifications()).scan(projectId);
  const deps = { ...forgeDeps(services), config: services.config.publish };
  const found = services.state.oneAtATime(`watch-${projectId}`, () => watchPull(deps, projectId));
  return found.then(done, (error: unknown) => {
    if (isFailure(error, 'forge_unknown')) return skipped(error.message);
    throw error;
  });
}
