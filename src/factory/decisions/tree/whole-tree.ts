import { end, pause, resume } from '../../model/lifecycle.ts';
import { ENDED, type Project } from '../../model/project.ts';
import type { CloseHands } from '../merge/close-fork.ts';
import { descendants } from './tree.ts';

/**
 * What a person asks of a project holds for everything that was forked from it.
 *
 * @returns the projects below it that it changed
 */
export async function pauseBranches(hands: CloseHands, id: string): Promise<string[]> {
  const detail = 'Paused with the project that it was forked from.';
  return changeAll(hands, id, (current) =>
    pause(current, hands.now(), { for: 'owner', detail, since: hands.now() }),
  );
}

export async function resumeBranches(hands: CloseHands, id: string): Promise<string[]> {
  return changeAll(hands, id, (current) =>
    current.status === 'paused' ? resume(current, hands.now()) : current,
  );
}

export async function endBranches(hands: CloseHands, id: string, reason: string): Promise<string[]> {
  const ended = await changeAll(hands, id, (current) => end(current, hands.now(), 'failed', reason));
  for (const projectId of ended)
    await hands.record({ projectId, type: 'project.stopped', level: 'info', message: reason });
  return ended;
}

async function changeAll(
  { state }: Pick<CloseHands, 'state'>,
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
