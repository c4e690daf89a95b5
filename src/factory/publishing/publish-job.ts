import { isFailure } from '../../lib/failure.ts';
import { done, doneWith, type JobResult, skipped } from '../../queues/jobs/result.ts';
import type { Config } from '../config/config.ts';
import { isIssueClosed } from '../model/forge/issue-origin.ts';
import { isWatchWanted } from '../model/forge/publication.ts';
import { ForgeNotNow } from '../ports.ts';
import { type PublishDeps, publishProject } from './publish.ts';

/** A disk that is away, or does not let us read or write just now. */
const DISK_AWAY = new Set(['disk_failure', 'not_permitted', 'not_a_repository']);
/** What is away is tried again after a share of the time that it has been waited for, between these. Milliseconds. */
const SHORTEST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 15 * 60_000;
/** A remote or a repository that was away all night may as well be none: its owner is told. Milliseconds. */
const LONGEST_ABSENCE_MS = 12 * 60 * 60_000;
/** Failures of the machine, which the table of recovery knows better. */
const ELSEWHERE = new Set([
  ...['lock_timeout', 'lock_lost', 'disk_full', 'machine_exhausted', 'state_newer', 'redis_unreachable'],
  ...['git_busy', 'git_locked', 'git_aborted', 'git_timeout'],
]);

/** Publishes what the settings say is to be published. What a person has to do something about is told once, and given up. */
export async function publishJob(
  deps: PublishDeps & { config: Pick<Config, 'publish'> },
  projectId: string,
): Promise<JobResult> {
  const project = await deps.state.project(projectId).get();
  const { toPublish: wish, name, publication } = project;
  if (wish === undefined) return skipped('it is published, or is not to be any more');
  const settings = deps.config.publish;
  const isOff =
    settings.auto === 'off' && !(publication !== undefined && isWatchWanted(publication, settings));
  if (isOff || isIssueClosed(project)) {
    // Nothing leaves the machine by a word that was taken back.
    await deps.state.project(projectId).update(({ toPublish: _wish, ...current }) => current);
    return skipped(
      isOff ? 'the settings say by now that nothing is published by itself' : 'its issue was closed',
    );
  }
  try {
    const { url } = await publishProject(deps, projectId, { ...wish, unattended: true });
    return done(url);
  } catch (error) {
    if (!isFailure(error) || ELSEWHERE.has(error.code)) throw error;
    const now = deps.now();
    const waited = now.getTime() - wish.since.getTime();
    const pause = Math.min(LONGEST_PAUSE_MS, waited / 4);
    const again = new Date(now.getTime() + Math.max(SHORTEST_PAUSE_MS, pause));
    if (error instanceof ForgeNotNow)
      return { outcome: 'parked', until: again > error.until ? again : error.until, detail: error.message };
    const isDisk = DISK_AWAY.has(error.code);
    if ((isDisk || error.code === 'push_unreachable') && waited < LONGEST_ABSENCE_MS)
      return { outcome: 'parked', until: again, detail: error.message };
    // That it goes on by itself is true no more.
    const reason = `${error.message}. ${isDisk ? 'Look after the disk, then publish it with df publish.' : error.hint}`;
    await deps.state.project(projectId).update(({ toPublish: _wish, ...current }) => ({
      ...current,
      unpublished: { reason, at: now },
    }));
    const message = `${name} could not be published: ${reason}`;
    await deps.record({
      projectId,
      type: 'project.unpublished',
      level: 'warn',
      message,
      data: { by: deps.by },
    });
    return doneWith(false, reason);
  }
}
