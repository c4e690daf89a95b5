import { isOfFuture } from '../../lib/clock.ts';
import type { NextJob } from '../../queues/jobs/catalogue.ts';
import { closedUntil, type WorkHours } from '../config/work-hours.ts';
import { FACTORY } from '../finance/deps.ts';
import { afterChange } from '../finance/health/setbacks.ts';
import type { NewEvent } from '../model/event.ts';
import { openFork } from '../model/fork.ts';
import { exploresDecision, type Project, pausesForATime } from '../model/project.ts';
import type { FinanceManager, JobQueue, StateStore } from '../ports.ts';
import { lostJobEvent } from './lost-jobs.ts';
import { nextJobs } from './next-jobs.ts';
import { loadSnapshot } from './snapshot.ts';
import { isPauseOver, type ProjectWaiting } from './waiting.ts';

export interface PollingDeps {
  state: StateStore;
  config: { auditInterval: number } & WorkHours;
  now(): Date;
  queue(): Promise<JobQueue>;
  finance(): Promise<Pick<FinanceManager, 'probeSchedule' | 'wakeUps'>>;
  record(event: NewEvent): Promise<void>;
}

/** What brings projects back that wait for money, for room below a cap, or for a provider. */
export interface ProjectPolling {
  /** Asks for the next probe of each provider that needs one; what was asked for already is not added again. */
  requestProbes(): Promise<void>;
  /**
   * Asks for a real call to this provider now, if any project waits for one.
   *
   * @param isNew what was known of it no longer holds: projects that are paused until a provider is tried again are tried in their turn
   * @returns whether it asked
   */
  requestProbeNow(providerId: string, isNew?: boolean): Promise<boolean>;
  /** Asks for a real call to each of these providers after so many milliseconds. */
  requestProbesIn(ms: number, providerIds: readonly string[]): Promise<void>;
  /**
   * Sets the projects that wait for credits to work again, as far as there is news for them: each once, over all workers,
   * and spread over some seconds. @returns how many this call woke
   */
  wake(reason: string): Promise<number>;
  /** Lets what is parked until a known moment try again, spread likewise; for when a provider came back. */
  hasten(): Promise<number>;
  /**
   * The part of a reconcile that concerns money: probes that were lost, and waits that are over.
   *
   * @param patience milliseconds that a project must have waited before a probe that is in no queue counts as lost
   */
  poll(patience: number): Promise<void>;
}

const ROOM_AGAIN = 'There may be room again below the budget of the factory.';
const TRIED_AGAIN = 'What its provider failed at is tried once more.';

/** Projects handled side by side. */
const PARALLEL = 16;

export function createProjectPolling(deps: PollingDeps, waiting: ProjectWaiting): ProjectPolling {
  const { state, now } = deps;

  /** The jobs that a project needs next, not before `at`. */
  async function jobsFor(projectId: string, at: number) {
    const jobs = nextJobs(await loadSnapshot(state, projectId, deps.config), now());
    return jobs.map((job) => ({ ...job, delay: Math.max(0, at - now().getTime()) }));
  }

  async function spread(
    projects: readonly Project[],
    act: (projectId: string, at: number) => Promise<boolean>,
  ): Promise<number> {
    if (projects.length === 0) return 0;
    const finance = await deps.finance();
    const plan = await finance.wakeUps(
      projects.map(({ id, waiting: reason, updatedAt }) => ({
        projectId: id,
        since: reason?.since ?? updatedAt,
        ...(reason?.until === undefined ? {} : { until: reason.until }),
      })),
    );
    const from = now().getTime();
    let count = 0;
    for (let at = 0; at < plan.length; at += PARALLEL) {
      const some = plan.slice(at, at + PARALLEL);
      const acted = await Promise.all(some.map(({ projectId, delay }) => act(projectId, from + delay)));
      count += acted.filter((each) => each).length;
    }
    return count;
  }

  async function wakeThese(projects: readonly Project[], reason: string): Promise<number> {
    const queue = await deps.queue();
    return spread(projects.filter(waitsForCredits), async (projectId, at) => {
      if (!(await waiting.wakeOne(projectId, reason))) return false;
      await queue.enqueue(...(await jobsFor(projectId, at)));
      return true;
    });
  }

  /** The hours were changed, or the clock: what waits for another moment goes on now. */
  async function openEarlier(open: readonly Project[]): Promise<void> {
    const isOpen = closedUntil(deps.config, now()) === null;
    for (const project of open) {
      const { waiting: reason } = project;
      if (reason === undefined || !isParked(project, now())) continue;
      if (!(reason.for === 'hours' ? isOpen : isOfFuture(reason.since, now()))) continue;
      await waiting.goOn(project.id);
      await (await deps.queue()).hasten(...(await jobsFor(project.id, now().getTime())));
    }
  }

  async function endPauses(open: readonly Project[]): Promise<void> {
    for (const { id, waiting: reason } of pausesOver(open, now())) {
      const why = reason?.for === 'provider' ? TRIED_AGAIN : ROOM_AGAIN;
      if (!(await waiting.wakeOne(id, why))) continue;
      await (await deps.queue()).enqueue(...(await jobsFor(id, now().getTime())));
    }
  }

  /** Lets the pauses for a provider be over now, and has this one asked again: its owner has done something about it. */
  async function hastenPauses(providerId: string): Promise<void> {
    for (const { id } of (await state.listOpenProjects()).filter(isPausedForProvider)) {
      await state
        .finance(id)
        .update((current) => ({ ...current, setbacks: afterChange(current.setbacks, providerId) }));
      await state.project(id).update((current) => {
        const { waiting: reason } = current;
        if (reason === undefined || !isPausedForProvider(current)) return current;
        return { ...current, waiting: { ...reason, until: now() } };
      });
    }
    await endPauses(await state.listOpenProjects());
  }

  const probeIn = (delay: number, providerId: string): NextJob => ({
    queue: 'provider-probes',
    payload: { providerId },
    deduplicationId: `probe.${providerId}`,
    delay,
  });

  async function probes(): Promise<NextJob[]> {
    const due = await (await deps.finance()).probeSchedule();
    return due.map(({ providerId, delay }) => probeIn(delay, providerId));
  }

  const polling: ProjectPolling = {
    async requestProbes() {
      await (await deps.queue()).enqueue(...(await probes()));
    },
    async requestProbeNow(providerId, isNew = false) {
      if (isNew) await hastenPauses(providerId);
      const open = await state.listOpenProjects();
      const waits = (project: Project) =>
        waitsForCredits(project) || isParked(project, now()) || awaitsJudge(project);
      if (!open.some(waits)) return false;
      await (await deps.queue()).hasten({
        ...probeIn(0, providerId),
        ifBegun: {
          ...{ queue: 'provider-probes', payload: { providerId, ordered: true } },
          deduplicationId: `probe.${providerId}.ordered.${now().getTime()}`,
        },
      });
      return true;
    },
    async requestProbesIn(ms, providerIds) {
      await (await deps.queue()).enqueue(...providerIds.map((id) => probeIn(ms, id)));
    },
    wake: async (reason) => wakeThese(await state.listOpenProjects(), reason),
    async hasten() {
      const queue = await deps.queue();
      const parked = (await state.listOpenProjects()).filter(
        (project) => awaitsJudge(project) || (isParked(project, now()) && project.waiting?.for !== 'hours'),
      );
      return spread(parked, async (projectId, at) => {
        const project = await state.project(projectId).get();
        const until = project.waiting?.until?.getTime() ?? 0;
        if (until <= at && !awaitsJudge(project)) return false;
        await queue.hasten(...(await jobsFor(projectId, at)));
        return true;
      });
    },
    async poll(patience) {
      const open = await state.listOpenProjects();
      if (
        open.some((project) => project.started && (project.status === 'active' || waitsForCredits(project)))
      ) {
        const queue = await deps.queue();
        const due = await probes();
        // A probe that finds no money puts itself back: for one that waits for a while there is always one.
        const since = now().getTime() - patience;
        const lasts = open.some((project) => waitsForCredits(project) && project.updatedAt.getTime() < since);
        const lost = lasts ? await queue.missing(...due) : [];
        await queue.ensure(...due);
        for (const probe of lost) await deps.record(lostJobEvent(probe, FACTORY));
      }
      await openEarlier(open);
      await endPauses(open);
      await wakeThese(open, 'What it waited for may be over.');
    },
  };
  return polling;
}

/**
 * Which projects are woken with one look, of those whose pause is over by itself: as many as are at work, and one where none is. Whoever
 * wakes finds out how much room there is, or whether its provider is well; all at once would be sent back by the first one's call.
 */
export function pausesOver(open: readonly Project[], now: Date): Project[] {
  const since = ({ waiting }: Project) => waiting?.since.getTime() ?? 0;
  const due = open.filter((project) => isPauseOver(project, now)).sort((a, b) => since(a) - since(b));
  const working = open.filter(({ status, waiting }) => status === 'active' && waiting === undefined);
  return due.slice(0, Math.max(1, working.length));
}

function waitsForCredits({ status }: Project): boolean {
  return status === 'waiting_for_credits';
}

function isPausedForProvider(project: Project): boolean {
  return pausesForATime(project) && project.waiting?.for === 'provider';
}

/** A judge is asked between branches of its decision. Where none can be, the job is parked, and the project does not say until when. */
function awaitsJudge(project: Project): boolean {
  return exploresDecision(project) && openFork(project)?.phase === 'judging';
}

/** At work, but its next job stands in the queue with a delay: until then there is nothing to do for it. */
export function isParked({ status, waiting }: Project, now: Date): boolean {
  const parked = waiting?.for === 'rate' || waiting?.for === 'provider' || waiting?.for === 'hours';
  return status === 'active' && parked && waiting.until !== undefined && waiting.until > now;
}
