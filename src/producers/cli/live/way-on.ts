import type { Project } from '../../../factory/model/project.ts';
import { needOf } from '../../../factory/report/next-step.ts';
import { shortId } from '../render/output.ts';

/**
 * What lets a project go on that was followed, and is paused or waits for a provider. Pure.
 *
 * @param workers processes that live; `null`: not known
 */
export function wayOn(project: Project, workers: number | null, program: string): string {
  const { id, status, waiting } = project;
  const need = needOf(project, null);
  // A probe finds by itself that a provider has credit again.
  if (need !== null && waiting?.for !== 'credits')
    return `Go on with: ${need.do.replace(/^df /, `${program} `)}`;
  const when = status === 'paused' ? '' : ' once a provider can be used again';
  return workers === 0
    ? `It goes on${when}, and with a worker, of which none is running: ${program} up`
    : `It goes on by itself${when}. Look with: ${program} status ${shortId(id)}`;
}
