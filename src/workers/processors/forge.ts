import { pollIntake } from '../../factory/intake/poll.ts';
import { watchPull } from '../../factory/watching/watch.ts';
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
  const found = await services.state.oneAtATime(`intake-${forge}`, () => pollIntake(deps, source));
  return done(found ?? `the forge ${forge} may not be asked now`);
}

async function watch(projectId: string, { services }: JobContext): Promise<JobResult> {
  // What is told of it from now on is looked for from here.
  await (await services.notifications()).scan(projectId);
  const deps = { ...forgeDeps(services), config: services.config.publish };
  return done(await services.state.oneAtATime(`watch-${projectId}`, () => watchPull(deps, projectId)));
}
