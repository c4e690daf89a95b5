import { DarkFactoryError } from '../../lib/failure.ts';
import type { StateStore } from '../ports.ts';
import { end } from '../project/lifecycle.ts';
import { ENDED, type Project } from '../project/project.ts';
import { type CloseHands, closeFork } from './close-fork.ts';
import { type Fork, openFork, withFork } from './fork.ts';
import { droppedText } from './outcome-text.ts';

/** What the owner's word about a fork changed, and which projects something is to be done for now. */
export interface ByOwner {
  parent: Project;
  changed: boolean;
  touched: string[];
}

/**
 * The owner takes a branch: its siblings are ended, and the merge is next. A branch that is merged already stays so.
 *
 * @throws DarkFactoryError `usage`: `no_branch`, `branch_at_work`, `fork_over`
 */
export async function takeBranch(hands: CloseHands, child: Project): Promise<ByOwner> {
  const { state, now } = hands;
  const { parentId, fork } = await forkOf(state, child);
  if (fork.phase === 'merged' && fork.choice?.projectId === child.id) {
    return { parent: await state.project(parentId).get(), changed: false, touched: [] };
  }
  if (fork.endedAt !== undefined || fork.phase === 'merging') throw over(fork);
  if (!child.settled) {
    throw refuse(
      'branch_at_work',
      `${child.name} is still at work (${child.status})`,
      'Wait for its end, or end it first: df stop. Then what it committed can be merged.',
    );
  }
  const touched = await endSiblings(hands, fork, child.id, `The owner took "${optionOf(fork, child.id)}".`);
  const why = 'The owner took it.';
  const parent = await state.project(parentId).update((current) => {
    const open = openFork(current);
    if (ENDED.has(current.status) || open?.decisionId !== fork.decisionId || open.phase === 'merging')
      return current;
    const detail = `Merges "${optionOf(fork, child.id)}".`;
    return {
      ...current,
      status: 'paused' as const,
      waiting: { for: 'decision' as const, detail, since: now() },
      statusReason: detail,
      forks: withFork(current.forks, fork.decisionId, (each) => ({
        ...each,
        phase: 'merging' as const,
        choice: { projectId: child.id, by: 'owner' as const, why },
      })),
      updatedAt: now(),
    };
  });
  return { parent, changed: true, touched: [...touched, parentId] };
}

/**
 * The owner wants none of the branches: those at work are ended, and the parent goes on from before the decision.
 *
 * @param project the parent, or one of its branches
 * @throws DarkFactoryError `usage`: `no_fork`, `fork_over`
 */
export async function dropFork(hands: CloseHands, project: Project): Promise<ByOwner> {
  const { state } = hands;
  const own = openFork(project);
  const { parentId, fork } =
    own === undefined ? await forkOf(state, project) : { parentId: project.id, fork: own };
  if (fork.endedAt !== undefined) throw over(fork);
  const why = 'The owner goes on without them.';
  const touched = await endSiblings(hands, fork, null, why);
  await closeFork(hands, parentId, fork, { phase: 'dropped', outcome: droppedText(fork, why) });
  const parent = await state.project(parentId).update((current) => {
    if (current.status !== 'paused' || ENDED.has(current.status)) return current;
    const { waiting: _waiting, statusReason: _reason, ...rest } = current;
    return { ...rest, status: 'active', updatedAt: hands.now() };
  });
  return { parent, changed: true, touched: [...touched, parentId] };
}

/** Ends what is still at work of a fork. @returns the ids of those that were */
async function endSiblings(
  { state, now, record }: CloseHands,
  fork: Fork,
  except: string | null,
  reason: string,
): Promise<string[]> {
  const ended: string[] = [];
  for (const { projectId } of fork.branches) {
    if (projectId === except) continue;
    const { status } = await state.project(projectId).get();
    if (ENDED.has(status)) continue;
    await state.project(projectId).update((current) => end(current, now(), 'failed', reason));
    await record({ projectId, type: 'project.stopped', level: 'info', message: reason });
    ended.push(projectId);
  }
  return ended;
}

/** The fork that a child belongs to. */
async function forkOf(
  state: Pick<StateStore, 'project'>,
  child: Project,
): Promise<{ parentId: string; fork: Fork }> {
  if (child.parentProjectId !== undefined) {
    const parent = await state.project(child.parentProjectId).get();
    const fork = parent.forks.find(({ branches }) =>
      branches.some((branch) => branch.projectId === child.id),
    );
    if (fork !== undefined) return { parentId: parent.id, fork };
  }
  throw refuse(
    'no_branch',
    `${child.name} is no branch of a decision`,
    'See df branches for the branches of a project.',
  );
}

function optionOf(fork: Fork, id: string): string {
  return fork.branches.find(({ projectId }) => projectId === id)?.option ?? id;
}

function over(fork: Fork): DarkFactoryError {
  const taken = fork.branches.find(({ projectId }) => projectId === fork.choice?.projectId);
  return refuse(
    'fork_over',
    `The decision "${fork.question}" is taken already${taken === undefined ? '' : `: "${taken.option}" (${fork.phase.replace('_', ' ')})`}`,
    'Nothing was changed. The branch is kept: git merge brings it in by hand.',
  );
}

function refuse(code: string, message: string, hint: string): DarkFactoryError {
  return new DarkFactoryError('usage', code, message, hint);
}
