import type { FactoryEvent } from '../../../factory/model/event.ts';
import { ENDED, exploresDecision, type Project, pausesForATime } from '../../../factory/model/project.ts';
import { sleepUnless } from '../../../lib/async/sleep.ts';
import { readNews } from './news.ts';
import { createWorkLook, type LookDeps, lookAtBranches, type WorkLook } from './work-look.ts';

/** One look at a project while it is followed. */
export interface Look extends WorkLook {
  /** Those that it waits for. */
  branches: readonly WorkLook[];
  /** What was logged since the last look. */
  events: readonly FactoryEvent[];
}

export type FollowEnd = 'ended' | 'paused' | 'credits' | 'interrupted';

export interface FollowOptions {
  /** Go on while the project waits for credits. */
  waitForCredits: boolean;
  /** Cut when the person has seen enough; the project goes on. */
  signal: AbortSignal;
  onLook(look: Look): void;
}

/** Milliseconds between two looks. State is read from files, so following needs no Redis. */
const INTERVAL = 200;

/** A project that was ended by hand gets its last commit and its final figures from a worker, if there is one. Milliseconds. */
const SETTLING = 10_000;

/**
 * Follows a project through its state files until it has ended, is paused, or the person has seen enough.
 *
 * A project that is paused because it forked goes on through its children and is followed further.
 */
export async function follow(
  deps: LookDeps,
  id: string,
  { waitForCredits, signal, onLook }: FollowOptions,
): Promise<{ end: FollowEnd; project: Project }> {
  const look = createWorkLook(deps);
  const log = deps.state.events(id);
  let endedAt: number | undefined;
  let { offset } = await readNews(log, 0);
  for (;;) {
    // State before events: what led to the state that is seen is then among the events that are read.
    const seen = await look(id);
    const { project } = seen;
    const branches = await lookAtBranches(look, project);
    const news = await readNews(log, offset);
    offset = news.offset;
    onLook({ ...seen, branches, events: news.entries });

    if (ENDED.has(project.status)) {
      endedAt ??= performance.now();
      if (project.settled || performance.now() - endedAt > SETTLING) return { end: 'ended', project };
    }
    if (project.status === 'paused' && !goesOnByItself(project, waitForCredits))
      return { end: 'paused', project };
    if (project.status === 'waiting_for_credits' && !waitForCredits) return { end: 'credits', project };
    if (signal.aborted) return { end: 'interrupted', project };
    await sleepUnless(INTERVAL, signal);
  }
}

/** Whoever follows a pause that ends by itself, perhaps with a worker of its own, stays for that. */
function goesOnByItself(project: Project, waitForCredits: boolean): boolean {
  const isAnsweredInTime = project.waiting?.question !== undefined && project.waiting.until !== undefined;
  return exploresDecision(project) || isAnsweredInTime || (waitForCredits && pausesForATime(project));
}
