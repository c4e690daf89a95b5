import { isOfFuture } from '../../lib/clock.ts';
import type { NewEvent } from '../model/event.ts';
import { pause, resume } from '../model/lifecycle.ts';
import { ENDED, type Project, pausesForATime } from '../model/project.ts';
import type { Waiting } from '../model/waiting.ts';
import type { StateStore } from '../ports.ts';

export interface WaitingDeps {
  state: Pick<StateStore, 'project'>;
  now(): Date;
  record(event: NewEvent): Promise<void>;
}

/** What keeps a project from moving, put down where people and `nextJobs` see it. */
export interface ProjectWaiting {
  /**
   * `paused` until its owner resumes it.
   *
   * @param until when it goes on by itself: nobody has to do anything. For a provider, or a cap that is too small, the owner is told all
   *   the same, once, until a step has gone well again
   * @param more the question whose answer lets it go on, too; or that a cap is too small
   */
  pauseFor(
    projectId: string,
    cause: Waiting['for'],
    detail: string,
    until?: Date,
    more?: Pick<Waiting, 'question' | 'tooSmall'>,
  ): Promise<void>;
  /** Still `active`, but its next step is parked: until a known moment, or until what it waits for is there. */
  showWaiting(projectId: string, cause: Waiting['for'], detail: string, until?: Date): Promise<void>;
  /**
   * Still `active`: a disk that it needs is away, or cannot be written, and is tried again. The owner is told once, until a step has
   * gone well again; of a project that has ended, while it is not settled, as well.
   *
   * @param counts whether what it waits for may never come
   * @returns how often in a row that was so, until a step has gone well
   */
  waitForDisk(projectId: string, detail: string, counts?: boolean): Promise<number>;
  /**
   * `waiting_for_credits`, which is the specification's word for a project without any provider: probes look for one. The owner
   * is told once, until a step has gone well again.
   */
  waitForProvider(
    projectId: string,
    cause: Extract<Waiting['for'], 'provider' | 'credits' | 'key'>,
    detail: string,
    until?: Date,
  ): Promise<void>;
  /** A step has gone well: the next trouble is news. Costs nothing when there was none. */
  wentWell(projectId: string): Promise<void>;
  /** The wait of a project at work is over. Costs nothing when it does not wait. */
  goOn(projectId: string): Promise<void>;
  /**
   * Sets a project to work again that waits for credits, or whose pause ends by itself and is over.
   *
   * @returns whether this call did; of several one does
   */
  wakeOne(projectId: string, reason: string): Promise<boolean>;
}

export function createProjectWaiting({ state, now, record }: WaitingDeps): ProjectWaiting {
  /** @returns whether the change was made by this call */
  const apply = async (
    projectId: string,
    change: (project: Project) => Project,
    alsoEnded = false,
  ): Promise<boolean> => {
    let changed = false;
    await state.project(projectId).update((current) => {
      const next = ENDED.has(current.status) && !alsoEnded ? current : change(current);
      changed = next !== current;
      return next;
    });
    return changed;
  };
  return {
    async pauseFor(projectId, cause, detail, until, more = {}) {
      const end = until === undefined ? {} : { until };
      const waiting = { for: cause, detail, since: now(), ...end, ...more };
      let told = until !== undefined;
      const changed = await apply(projectId, (current) => {
        const next = pause(current, now(), waiting);
        if (next === current || (cause !== 'provider' && !more.tooSmall)) return next;
        told &&= current.toldOfPause === cause;
        return { ...next, toldOfPause: cause };
      });
      const level = told ? 'info' : 'warn';
      if (changed) {
        await record({
          projectId,
          type: 'project.paused',
          level,
          message: detail,
          data: { for: cause },
        });
      }
    },
    async showWaiting(projectId, cause, detail, until) {
      const changed = await apply(projectId, (current) => {
        // A pause has a reason of its own, which decides how it ends.
        if (!isMoving(current)) return current;
        const { waiting: before } = current;
        if (before?.for === cause && before.until?.getTime() === until?.getTime()) return current;
        const end = until === undefined ? {} : { until };
        return { ...current, waiting: { for: cause, detail, since: before?.since ?? now(), ...end } };
      });
      if (changed)
        await record({
          projectId,
          type: 'project.waiting',
          level: 'info',
          message: detail,
          data: { for: cause },
        });
    },
    async waitForDisk(projectId, detail, counts = false) {
      let told = false;
      let waits = 0;
      const wait = (current: Project): Project => {
        const isEnding = ENDED.has(current.status) && !current.settled && current.toldOf !== 'disk';
        if (isEnding) return { ...current, toldOf: 'disk' };
        if (!isMoving(current) || current.waiting?.for === 'disk') return current;
        told = current.toldOf === 'disk';
        if (counts) waits = (current.waits ?? 0) + 1;
        const counted = counts ? { waits } : {};
        return { ...current, ...counted, waiting: { for: 'disk', detail, since: now() }, toldOf: 'disk' };
      };
      const changed = await apply(projectId, wait, true);
      const level = told ? 'info' : 'warn';
      const message = `${detail} It is tried again by itself.`;
      if (changed)
        await record({ projectId, type: 'project.waiting', level, message, data: { for: 'disk' } });
      return waits;
    },
    async waitForProvider(projectId, cause, detail, until) {
      let told = false;
      const changed = await apply(projectId, (current) => {
        if (current.status !== 'active') return current;
        // A provider that is tried once an hour, and fails each time, is no news.
        told = current.toldOf === cause || (cause === 'provider' && current.toldOfPause === cause);
        const waiting: Waiting = {
          for: cause,
          detail,
          since: now(),
          ...(until === undefined ? {} : { until }),
        };
        return {
          ...current,
          ...{ status: 'waiting_for_credits', statusReason: detail, waiting },
          ...(told ? {} : { toldOf: cause }),
          updatedAt: now(),
        };
      });
      const level = told ? 'info' : 'warn';
      const data = { for: cause };
      if (changed)
        await record({ projectId, type: 'project.waiting_for_credits', level, message: detail, data });
    },
    async wentWell(projectId) {
      const { toldOf, toldOfPause } = await state.project(projectId).get();
      if (toldOf === undefined && toldOfPause === undefined) return;
      await apply(projectId, ({ toldOf: _told, toldOfPause: _of, waits: _waits, ...rest }) => rest);
    },
    async goOn(projectId) {
      if ((await state.project(projectId).get()).waiting === undefined) return;
      const changed = await apply(projectId, (current) => {
        if (!isMoving(current) || current.waiting === undefined) return current;
        const { waiting: _waiting, ...rest } = current;
        return rest;
      });
      if (changed)
        await record({ projectId, type: 'project.went_on', level: 'debug', message: 'The wait is over.' });
    },
    async wakeOne(projectId, reason) {
      // Two that wake at the same time go through the same list: whoever is behind need not take each lock.
      const stays = (project: Project) =>
        project.status !== 'waiting_for_credits' && !isPauseOver(project, now());
      if (stays(await state.project(projectId).get())) return false;
      const changed = await apply(projectId, (current) => {
        // Its owner may have paused it, or the meter refused it anew, since whoever wakes it looked.
        if (stays(current)) return current;
        const { toldOf, toldOfPause } = current;
        const known = {
          ...(toldOf === undefined ? {} : { toldOf }),
          ...(toldOfPause === undefined ? {} : { toldOfPause }),
        };
        if (current.status === 'paused') return { ...resume(current, now()), ...known };
        const { waiting: _waiting, statusReason: _reason, ...rest } = current;
        return { ...rest, status: 'active', updatedAt: now() };
      });
      if (changed) await record({ projectId, type: 'project.woken', level: 'info', message: reason });
      return changed;
    },
  };
}

/**
 * There may be room again for it below a cap over all projects, or its provider may take its work again. After the clock was set back
 * the moment that was named is as far away as it went, so they are asked again.
 */
export function isPauseOver(project: Project, now: Date): boolean {
  const { waiting } = project;
  if (!pausesForATime(project) || waiting?.until === undefined) return false;
  return waiting.until <= now || isOfFuture(waiting.since, now);
}

/** Nothing but what it waits for for the moment keeps it from moving. */
function isMoving({ status }: Project): boolean {
  return status === 'active' || status === 'initializing';
}
