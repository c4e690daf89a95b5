import { type DarkFactoryError, usageError } from '../../../lib/failure.ts';
import { type Fork, openFork, withFork } from '../../model/fork.ts';
import { ENDED, type Project } from '../../model/project.ts';
import type { StateStore } from '../../ports.ts';
import { type CloseForkDeps, closeFork } from '../merge/close-fork.ts';
import { droppedText } from '../merge/outcome-text.ts';

/** What the owner's word about a fork changed, and which projects something is to be done for now. */
export interface OwnerAction {
  parent: Project;
  changed: boolean;
  touched: string[];
}

/**
 * The owner takes a branch: its siblings are ended, and once they are, it is merged. Asking again changes nothing.
 *
 * @throws DarkFactoryError `usage`: `no_branch`, `branch_at_work`, `fork_over`, `project_ended`
 */
export async function takeBranch(deps: CloseForkDeps, child: Project): Promise<OwnerAction> {
  const { state } = deps;
  const { parent, fork } = await forkOf(state, child);
  if (isTaken(fork, child.id)) return { parent, changed: false, touched: [parent.id] };
  if (fork.endedAt !== undefined || fork.phase === 'merging') throw over(fork);
  if (!child.settled) {
    throw usageError(
      'branch_at_work',
      `The project ${child.name} is still at work (${child.status})`,
      'Wait for its end, or end it first: df stop. Then what it committed can be merged.',
    );
  }
  return order(deps, parent.id, fork, child.id, `Merges "${optionOf(fork, child.id)}" for its owner.`);
}

/** Whether the owner may take this branch now. One that was not completed is taken by who has looked at it, by its command. Pure. */
export function mayTake(
  parent: Pick<Project, 'status' | 'forks'>,
  { id, status, settled }: Pick<Project, 'id' | 'status' | 'settled'>,
): boolean {
  const fork = openFork(parent);
  if (fork === undefined || fork.phase === 'merging' || isTaken(fork, id)) return false;
  if (ENDED.has(parent.status) || !fork.branches.some(({ projectId }) => projectId === id)) return false;
  return settled && status === 'completed';
}

/** It was merged, is being merged, or is merged as soon as its siblings have ended. */
function isTaken({ phase, choice, order: asked }: Fork, id: string): boolean {
  return ((phase === 'merging' || phase === 'merged') && choice?.projectId === id) || asked === id;
}

/**
 * The owner wants none of the branches: those at work are ended, and the parent goes on from before the decision.
 *
 * @param project the parent, or one of its branches
 * @throws DarkFactoryError `usage`: `no_branch`, `fork_over`, `merge_landing`, `project_ended`
 */
export async function dropFork(deps: CloseForkDeps, project: Project): Promise<OwnerAction> {
  const { state } = deps;
  const own = openFork(project);
  const { parent, fork } = own === undefined ? await forkOf(state, project) : { parent: project, fork: own };
  if (fork.endedAt !== undefined) throw over(fork);
  // None of the branches has begun, and none will.
  const closed =
    fork.phase === 'planned' &&
    (await closeFork(deps, parent.id, fork, {
      phase: 'dropped',
      ...droppedText(fork, 'The owner goes on without them.'),
      due: ({ phase }) => phase === 'planned',
    }));
  if (!closed) return order(deps, parent.id, fork, 'none', `Goes on without a branch of "${fork.question}".`);
  return { parent: await state.project(parent.id).get(), changed: true, touched: [parent.id] };
}

/** Puts the owner's word down. The next look at the branches carries it out, also when this program dies now. */
async function order(
  { state, now }: CloseForkDeps,
  parentId: string,
  { decisionId }: Fork,
  wanted: string,
  detail: string,
): Promise<OwnerAction> {
  let changed = false;
  const parent = await state.project(parentId).update((current) => {
    changed = false;
    const open = openFork(current);
    if (open?.decisionId !== decisionId || open.order === wanted) return current;
    if (ENDED.has(current.status)) throw parentEnded(current);
    if (open.phase === 'merging') refuseMerging(open, wanted);
    changed = true;
    return {
      ...current,
      status: 'paused',
      waiting: { for: 'project', detail, since: now() },
      statusReason: detail,
      forks: withFork(current.forks, decisionId, ({ choice: _choice, merge: _merge, ...each }) => ({
        ...each,
        phase: 'open',
        order: wanted,
      })),
      updatedAt: now(),
    };
  });
  return { parent, changed, touched: [parentId] };
}

/** A merge may be called off until the parent's branch is about to move. */
function refuseMerging(fork: Fork, wanted: string): void {
  if (wanted !== 'none') throw over(fork);
  if (fork.merge?.landing !== true) return;
  throw usageError(
    'merge_landing',
    `The merge of "${optionOf(fork, fork.choice?.projectId ?? '')}" has passed its gate and is just being put on the branch`,
    'Nothing was changed. git revert takes it back by hand.',
  );
}

/** The fork that a child belongs to, and its parent. */
async function forkOf(
  state: Pick<StateStore, 'project'>,
  child: Project,
): Promise<{ parent: Project; fork: Fork }> {
  if (child.parentProjectId !== undefined) {
    const parent = await state.project(child.parentProjectId).get();
    const fork = parent.forks.find(({ branches }) =>
      branches.some((branch) => branch.projectId === child.id),
    );
    if (fork !== undefined) return { parent, fork };
  }
  throw usageError(
    'no_branch',
    `The project ${child.name} is no branch of a decision`,
    'See df branches for the branches of a project.',
  );
}

function optionOf(fork: Fork, id: string): string {
  return fork.branches.find(({ projectId }) => projectId === id)?.option ?? id;
}

function over(fork: Fork): DarkFactoryError {
  const taken = fork.branches.find(({ projectId }) => projectId === fork.choice?.projectId);
  return usageError(
    'fork_over',
    `The decision "${fork.question}" is taken already${taken === undefined ? '' : `: "${taken.option}" (${fork.phase.replace('_', ' ')})`}`,
    'Nothing was changed. The branch is kept: git merge brings it in by hand.',
  );
}

/** With an order nobody would ever carry out, its owner would wait in vain. */
function parentEnded({ name, status }: Project): DarkFactoryError {
  return usageError(
    'project_ended',
    `${name}, which the branch would be merged into, has ended (${status})`,
    'Nothing was changed. The branch is kept: git merge brings it in by hand.',
  );
}
