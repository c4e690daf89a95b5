import { done, type JobResult } from '../../../queues/jobs/result.ts';
import type { NotNow } from '../../agent/turn/turn-types.ts';
import type { ProjectService } from '../project-service.ts';

/**
 * Puts down why the project waits, and parks or ends the job. No attempt is spent and no worker is held.
 *
 * - `wait`: the job itself comes back at the stated moment.
 * - `no_provider`: `waiting_for_credits`, whatever of a provider is waited for; probes run, and the first good one wakes the project.
 * - `budget`: a cap of the owner; `paused` until `df resume --budget`, or until there is room again below one over all projects.
 * - `not_permitted`: a limit of the owner's on who may be asked; `paused` until `df resume`.
 * - `refused`: `paused`; where the provider only failed, or a cap over all projects is too small, it is tried again at the stated
 *   moment, else after `df resume`.
 * - `ledger`: nothing goes on by itself; `paused` until `df resume`.
 */
export async function waitForMoney(
  projects: ProjectService,
  projectId: string,
  outcome: NotNow,
): Promise<JobResult> {
  switch (outcome.kind) {
    case 'wait':
      await projects.showWaiting(projectId, outcome.for, outcome.detail, outcome.until);
      return { outcome: 'parked', until: outcome.until, detail: outcome.detail };
    case 'no_provider':
      await projects.waitForProvider(projectId, outcome.for, outcome.detail, outcome.until);
      await projects.requestProbes();
      return done(`waiting for ${outcome.for}: ${outcome.detail}`);
    case 'budget':
      await projects.pauseFor(projectId, 'budget', outcome.detail, outcome.until);
      break;
    case 'refused':
      if (outcome.cap) {
        const detail = `${outcome.detail} ${CAP_HINT}`;
        await projects.pauseFor(projectId, 'budget', detail, outcome.until, { tooSmall: true });
        break;
      }
      await projects.pauseFor(
        projectId,
        'provider',
        `${outcome.detail} ${outcome.until === undefined ? REFUSED_HINT : FAILED_HINT}`,
        outcome.until,
      );
      break;
    case 'not_permitted':
    case 'ledger':
      await projects.pauseFor(projectId, 'owner', outcome.detail);
      break;
  }
  await projects.dispatchParent(projectId);
  return done(`paused: ${outcome.detail}`);
}

const REFUSED_HINT =
  'Nothing more is tried by itself: add another provider (df provider add), or let it try again with df resume.';

const FAILED_HINT =
  'It is tried once more every hour. Add another provider (df provider add), or let it try at once with df resume.';

const CAP_HINT =
  'Raise that (df config set): whether it was is looked at every hour, or at once with df resume.';

/** The project of a tie waits for the decision all the while, so it is the job that comes back. */
export async function comeBack(
  projects: Pick<ProjectService, 'requestProbes'>,
  notNow: NotNow,
  usual: Date,
): Promise<JobResult> {
  if (notNow.kind === 'no_provider') await projects.requestProbes();
  const asked = 'until' in notNow ? notNow.until : undefined;
  return { outcome: 'parked', until: asked ?? usual, detail: notNow.detail };
}
