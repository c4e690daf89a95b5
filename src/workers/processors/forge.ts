import { FACTORY } from '../../factory/finance/deps.ts';
import { pollIntake } from '../../factory/intake/poll.ts';
import { watchPull } from '../../factory/watching/watch.ts';
import { isFailure } from '../../lib/failure.ts';
import { uuidFrom } from '../../lib/ids.ts';
import type { Payload } from '../../queues/jobs/catalogue.ts';
import { done, type JobResult, skipped } from '../../queues/jobs/result.ts';
import { episodesOf } from '../../state/home/episodes.ts';
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
  const look = () => services.state.oneAtATime(`intake-${forge}`, () => pollIntake(deps, source));
  const what = `No issues (${label}) are taken, though intake in config.yaml names the forge ${forge}`;
  return tellOnce(services, { what, forge, episode: `intake-${uuidFrom(`${forge}\0${label}`)}` }, look);
}

/** What a forge cannot be asked for is told once, and asked for again with the next look. */
async function tellOnce(
  services: JobContext['services'],
  { what, forge, episode }: { what: string; forge: string; episode: string },
  look: () => Promise<string | null>,
): Promise<JobResult> {
  const episodes = episodesOf(services);
  try {
    const found = await look();
    if (found === null) return done(`the forge ${forge} may not be asked now`);
    await episodes.end(episode);
    return done(found);
  } catch (error) {
    if (!isFailure(error) || !error.code.startsWith('forge_')) throw error;
    const message = `${what}: ${error.message}. ${error.hint}`;
    if (await episodes.begin(episode))
      await services.record({
        ...{ projectId: FACTORY, type: 'forge.refused', level: 'warn', message },
        data: { forge },
      });
    return skipped(message);
  }
}

async function watch(projectId: string, { services }: JobContext): Promise<JobResult> {
  // What is told of it from now on is looked for from here.
  await (await services.notifications()).scan(projectId);
  const deps = { ...forgeDeps(services), config: services.config.publish };
  const { name, publication } = await services.state.project(projectId).get();
  const look = () => services.state.oneAtATime(`watch-${projectId}`, () => watchPull(deps, projectId));
  const trouble = {
    what: `The checks of ${name} cannot be looked at`,
    ...{ forge: publication?.forge ?? '', episode: `watch-${projectId}` },
  };
  return tellOnce(services, trouble, look);
}
