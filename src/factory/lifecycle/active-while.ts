import { activeTime } from '../model/active-time.ts';
import { loadSnapshot } from './snapshot.ts';
import type { Project } from '../model/project.ts';
import type { JobContext } from '../../workers/steps/processor.ts';
import type { JobResult } from '../../queues/jobs/result.ts';

/** How often running work looks whether its project still wants it, in milliseconds. */
const LOOK = 500;

export type Watched<T> =
  /** `ms` is active time that the caller still has to save, together with what else it saves. */
  { stopped: false; value: T; ms: number } | { stopped: true; result: JobResult };

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
  context: JobContext,
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
  }, LOOK);
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
  if (signal.aborted)
    return { stopped: true, result: { outcome: 'interrupted', detail: 'the worker is going down' } };
  await services.desk.dispatch(project.id);
  return { stopped: true, result: { outcome: 'done', detail: 'the project ended or its time is up' } };
}

/** Between two looks of a process that runs pass a few milliseconds more than it asked for; after more than this it was suspended. */
const SUSPENDED = 5_000;

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
    awake += passed > SUSPENDED ? LOOK : passed;
    last = now;
    return Math.round(awake);
  };
  const timer = setInterval(ms, LOOK);
  timer.unref();
  return { ms, stop: () => clearInterval(timer) };
}

/** Adds active time to a project. */
export async function countTime({ services }: JobContext, projectId: string, ms: number): Promise<void> {
  await services.state
    .project(projectId)
    .update((current) => ({ ...current, activeMs: current.activeMs + ms, updatedAt: services.clock.now() }));
}
