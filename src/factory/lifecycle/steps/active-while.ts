import type { Clock } from '../../../lib/clock.ts';
import type { Log } from '../../../lib/log.ts';
import type { JobResult } from '../../../queues/jobs/result.ts';
import type { Config } from '../../config/config.ts';
import { activeTime } from '../../model/active-time.ts';
import { ENDED, type Project } from '../../model/project.ts';
import type { StateStore, Watched } from '../../ports.ts';
import { loadSnapshot } from '../snapshot.ts';

/** How often running work looks whether its project still wants it. */
const LOOK_INTERVAL_MS = 500;

/** The work of a job, and what is needed to see that it is still wanted. */
export interface ActiveContext {
  services: {
    state: StateStore;
    config: Pick<Config, 'auditInterval' | 'workers'>;
    clock: Clock;
    log: Pick<Log, 'warn'>;
    projectService: { dispatch(projectId: string): Promise<void> };
  };
  /** Aborted when the worker goes down. */
  signal: AbortSignal;
}

/**
 * Does work for a project, with its active time counted and its end in sight: the signal is cut when the worker goes
 * down, when the owner stops the project, or when its maximum runtime is used up.
 *
 * The time counts from the first moment and is saved at every heartbeat, so that a killed worker takes at most one
 * heartbeat of it to the grave.
 *
 * @param count saves milliseconds at a heartbeat; by default with the project (gates, audits)
 */
export async function activeWhile<T>(
  context: ActiveContext,
  project: Project,
  work: (signal: AbortSignal) => Promise<T>,
  count: (ms: number) => Promise<void> = (ms) => countTime(context, project.id, ms),
): Promise<Watched<T>> {
  const { services, signal } = context;
  const { config, state } = services;
  const { agents } = await loadSnapshot(state, project.id, config);
  const left = project.maxRuntime - activeTime(project, agents);
  const cut = new AbortController();
  const watch = startStopwatch();
  let counted = 0;
  const save = async () => {
    const passed = watch.ms() - counted;
    counted += passed;
    if (passed > 0) await count(passed);
  };
  let looking = Promise.resolve();
  const look = async () => {
    if (watch.ms() >= left) cut.abort();
    if (watch.ms() - counted >= config.workers.heartbeat) await save();
    const { status } = await state.project(project.id).get();
    if (status === 'failed' || status === 'timeout' || status === 'completed') cut.abort();
  };
  const timer = setInterval(() => {
    looking = looking.then(look).catch((error: unknown) => {
      services.log.warn({ projectId: project.id, err: error }, 'a running job could not look at its project');
    });
  }, LOOK_INTERVAL_MS);
  let finished: { value: T } | null = null;
  try {
    const value = await work(AbortSignal.any([signal, cut.signal]));
    if (!signal.aborted && !cut.signal.aborted) finished = { value };
  } finally {
    clearInterval(timer);
    watch.stop();
    await looking;
    if (finished === null) await save();
  }
  if (finished !== null) return { stopped: false, ...finished, ms: watch.ms() - counted };
  if (signal.aborted) return { stopped: true, result: GOING_DOWN };
  await services.projectService.dispatch(project.id);
  return { stopped: true, result: { outcome: 'done', detail: 'the project ended or its time is up' } };
}

/**
 * The same for an audit. Beside working agents it costs no time: theirs is counted already. One that the owner asks for after the
 * end runs without a look at the project, which would cut it off for having ended.
 */
export async function activeAudit<T>(
  context: ActiveContext,
  project: Project,
  busy: boolean,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<Watched<T>> {
  if (!ENDED.has(project.status)) {
    const watched = await activeWhile(context, project, work, busy ? async () => {} : undefined);
    return busy && !watched.stopped ? { ...watched, ms: 0 } : watched;
  }
  const value = await work(context.signal);
  return context.signal.aborted ? { stopped: true, result: GOING_DOWN } : { stopped: false, value, ms: 0 };
}

const GOING_DOWN: JobResult = { outcome: 'interrupted', detail: 'the worker is going down' };

/** Between two looks of a process that runs pass a few milliseconds more than it asked for; after more than this it was suspended. */
const SUSPENDED_MS = 5_000;

/**
 * Whole milliseconds in which this process was at work, by a clock that is never set: when that of the machine jumps nobody has
 * worked for hours, nor for less than nothing, and what a process sleeps through, stopped or with its machine, is no work.
 */
export function startStopwatch(time: () => number = () => performance.now()): { ms(): number; stop(): void } {
  let last = time();
  let awake = 0;
  const ms = () => {
    const now = time();
    const passed = now - last;
    awake += passed > SUSPENDED_MS ? LOOK_INTERVAL_MS : passed;
    last = now;
    return Math.round(awake);
  };
  const timer = setInterval(ms, LOOK_INTERVAL_MS);
  timer.unref();
  return { ms, stop: () => clearInterval(timer) };
}

/** Adds active time to a project. */
export async function countTime(
  { services }: Pick<ActiveContext, 'services'>,
  projectId: string,
  ms: number,
): Promise<void> {
  await services.state
    .project(projectId)
    .update((current) => ({ ...current, activeMs: current.activeMs + ms, updatedAt: services.clock.now() }));
}
