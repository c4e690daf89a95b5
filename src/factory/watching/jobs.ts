import type { NextJob } from '../../queues/jobs/catalogue.ts';
import { isWatched } from '../model/forge/publication.ts';
import { ENDED, type Project } from '../model/project.ts';

/** What looks at the pull requests of published projects: named again and again, it is added once in each interval. */
export function watchJobs(open: readonly Project[], { interval }: { interval: number }): NextJob[] {
  return open
    .filter((project) => ENDED.has(project.status) && project.settled && isWatched(project))
    .map(({ id }) => ({
      queue: 'forge',
      payload: { action: 'watch', project: id },
      deduplicationId: `${id}.watch`,
      throttle: interval,
    }));
}
