import { expecting } from '../../lib/errno.ts';
import { isFailure } from '../../lib/failure.ts';
import type { Config } from '../config/config.ts';
import { projectOrNull } from '../decisions/tree/tree.ts';
import { type DispatchDeps, dispatchIfThere } from '../lifecycle/dispatch.ts';
import type { NewEvent } from '../model/event.ts';
import type { Project } from '../model/project.ts';
import type { JobQueue, StateStore } from '../ports.ts';
import { inBacklog, planTurns, type TurnChange } from './plan-turns.ts';

export interface TurnDeps extends DispatchDeps {
  state: StateStore;
  config: DispatchDeps['config'] & { limits: Pick<Config['limits'], 'openProjects'> };
  queue(): Promise<JobQueue>;
  record(event: NewEvent): Promise<void>;
}

/**
 * Lets projects of the backlog begin whose turn has come, and puts down what the others wait for. Safe to ask at any moment, from any
 * process: the state files decide, and one at a time. Without Redis their first jobs follow when it is there again.
 *
 * @param open what is known of the open projects already
 */
export async function giveTurns(deps: TurnDeps, open?: readonly Project[]): Promise<void> {
  // Mostly there is nothing to do, and nobody need wait for that.
  if ((await look(deps, open)).length === 0) return;
  const begun = await deps.state.oneAtATime('turns', async () => {
    const ids: string[] = [];
    for (const change of await look(deps)) {
      if (change.becomes === 'rest') await askToRest(deps, change.id);
      else if ((await carryOut(deps, change)) && change.becomes === 'open') ids.push(change.id);
    }
    return ids;
  });
  await begin(deps, begun);
}

/** Tells of projects whose turn has come, and asks for their first jobs. */
export async function begin(deps: TurnDeps, projectIds: readonly string[]): Promise<void> {
  for (const projectId of projectIds)
    await deps.record({ projectId, type: 'project.turn', level: 'info', message: 'Its turn has come.' });
  await dispatchIfThere(deps, ...projectIds);
}

/** What would change now. @param known the open projects */
export async function look(
  { state, config, now }: Pick<TurnDeps, 'state' | 'config' | 'now'>,
  known?: readonly Project[],
): Promise<TurnChange[]> {
  const open = known ?? (await state.listOpenProjects());
  const waiting = open.filter(inBacklog);
  if (waiting.length === 0) return [];
  const there = new Set(open.map(({ id }) => id));
  const others = new Set(waiting.flatMap(({ after = [] }) => after).filter((id) => !there.has(id)));
  const ended = new Map<string, Project | 'unreadable' | null>();
  for (const id of others)
    ended.set(id, await projectOrNull(state, id).catch(expecting(isFailure, 'unreadable' as const)));
  return planTurns({ open, ended, limit: config.limits.openProjects }, now());
}

/** Without Redis it is asked at the next look. */
async function askToRest({ queue }: TurnDeps, projectId: string): Promise<void> {
  const payload = { action: 'rest', projectId } as const;
  const asked = queue().then((jobs) =>
    jobs.ensure({ queue: 'projects', payload, deduplicationId: `${projectId}.rest` }),
  );
  await asked.catch(expecting((error) => isFailure(error, 'redis_unreachable'), undefined));
}

type OwnChange = Exclude<TurnChange, { becomes: 'rest' }>;
type Wait = Extract<TurnChange, { waiting: unknown }>;

async function carryOut({ state, now, record }: TurnDeps, change: OwnChange): Promise<boolean> {
  let changed = false;
  await state.project(change.id).update((current) => {
    const next = withTurn(current, change, now());
    changed = next !== current;
    return next;
  });
  if (changed && change.becomes !== 'open') await record(waitEvent(change));
  return changed;
}

/** What is told of one that waits. */
export function waitEvent({ id: projectId, becomes, waiting }: Wait): NewEvent {
  const { detail: message, for: cause } = waiting;
  const data = { for: cause };
  return becomes === 'paused'
    ? { projectId, type: 'project.paused', level: 'warn', message, data }
    : { projectId, type: 'project.waiting', level: 'info', message, data };
}

/** The project after the change; the same object where it is not in the backlog (any more). */
export function withTurn(project: Project, change: TurnChange | undefined, now: Date): Project {
  if (change === undefined || change.becomes === 'rest' || !inBacklog(project)) return project;
  const { waiting: before, statusReason: _reason, ...rest } = project;
  if (change.becomes === 'open') return { ...rest, status: 'initializing', turn: now, updatedAt: now };
  const waiting = { ...change.waiting, since: before?.since ?? change.waiting.since };
  if (change.becomes === 'waiting') return { ...rest, status: 'initializing', waiting };
  return { ...rest, status: 'paused', statusReason: waiting.detail, waiting, updatedAt: now };
}
