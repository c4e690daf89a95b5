import { end, pause, resume, stop } from '../../model/lifecycle.ts';
import { ENDED, type Project } from '../../model/project.ts';
import type { CloseForkDeps } from '../merge/close-fork.ts';
import { descendants } from './tree.ts';

/**
 * What a person asks of a project holds for everything that was forked from it.
 *
 * @returns the projects below it that it changed
 */
export async function pauseBranches(deps: CloseForkDeps, id: string): Promise<string[]> {
  const detail = 'Paused with the project that it was forked from.';
  return changeAll(deps, id, (current) =>
    pause(current, deps.now(), { for: 'owner', detail, since: deps.now() }),
  );
}

export async function resumeBranches(deps: CloseForkDeps, id: string): Promise<string[]> {
  return changeAll(deps, id, (current) =>
    current.status === 'paused' ? resume(current, deps.now()) : current,
  );
}

export async function endBranches(
  deps: CloseForkDeps,
  id: string,
  reason: string,
  byOwner = false,
): Promise<string[]> {
  const ended = await changeAll(deps, id, (current) =>
    byOwner ? stop(current, deps.now(), reason) : end(current, deps.now(), 'failed', reason),
  );
  for (const projectId of ended)
    await deps.record({ projectId, type: 'project.stopped', level: 'info', message: reason });
  return ended;
}

async function changeAll(
  { state }: Pick<CloseForkDeps, 'state'>,
  id: string,
  change: (project: Project) => Project,
): Promise<string[]> {
  const changed = new Set<string>();
  const seen = new Set<string>();
  // Again until there are no new ones: a branch may just have forked, and once it is changed it does so no more.
  for (let fresh = await descendants(state, id); fresh.length > 0; ) {
    for (const below of fresh) {
      seen.add(below.id);
      await state.project(below.id).update((current) => {
        const next = ENDED.has(current.status) ? current : change(current);
        if (next !== current) changed.add(current.id);
        return next;
      });
    }
    fresh = (await descendants(state, id)).filter((each) => !seen.has(each.id));
  }
  return [...changed];
}
