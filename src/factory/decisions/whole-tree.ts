import type { StateStore } from '../ports.ts';
import { end, pause, resume } from '../project/lifecycle.ts';
import { ENDED, type Project } from '../project/project.ts';
import type { CloseHands } from './close-fork.ts';
import { openFork, withFork } from './fork.ts';
import { descendants } from './tree.ts';

/**
 * What a person asks of a project holds for everything that was forked from it.
 *
 * @returns the projects below it that it changed
 */
export async function pauseBranches(hands: CloseHands, id: string): Promise<string[]> {
  const detail = 'Paused with the project that it was forked from.';
  return changeAll(hands, id, (current) =>
    pause(current, hands.now(), { for: 'user', detail, since: hands.now() }),
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
  const changed: string[] = [];
  for (const below of await descendants(state, id)) {
    await state.project(below.id).update((current) => {
      const next = ENDED.has(current.status) ? current : change(current);
      if (next !== current) changed.push(current.id);
      return next;
    });
  }
  return [...new Set(changed)];
}

/**
 * A new cap for a project whose branches are at work: each gets its part of the difference, with the parts of its own branches.
 * The parent's document is changed first, cap and shares at once, so the tree never may spend more than the cap.
 */
export async function setBudget(
  state: Pick<StateStore, 'project'>,
  id: string,
  budget: number,
  now: Date,
): Promise<void> {
  const shares = new Map<string, number>();
  await state.project(id).update((current) => {
    shares.clear();
    const { budget: before } = current.settings;
    const settings = { ...current.settings, budget };
    const fork = openFork(current);
    if (before === undefined || fork?.phase !== 'open') return { ...current, settings, updatedAt: now };
    const part = (budget - before) / (fork.branches.length + 1);
    const branches = fork.branches.map((branch) => {
      const share = Math.max(0, Math.floor(((branch.budget ?? 0) + part) * 1e6) / 1e6);
      shares.set(branch.projectId, share);
      return { ...branch, budget: share };
    });
    const forks = withFork(current.forks, fork.decisionId, (each) => ({ ...each, branches }));
    return { ...current, settings, forks, updatedAt: now };
  });
  for (const [child, share] of shares) await setBudget(state, child, share, now);
}
