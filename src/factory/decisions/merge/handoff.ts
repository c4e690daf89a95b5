import type { Fork, ForkBranch } from '../../model/fork.ts';
import type { TaskList } from '../../model/task.ts';
import type { StateStore } from '../../ports.ts';
import { addTasks } from '../../tasks/list/add.ts';
import { followDependencies } from '../../tasks/list/dependencies.ts';

const LONGEST_TITLE = 200;

/** The task in which a parent takes over a branch that could not be merged by itself. */
export function handoffTitle({ workBranch }: ForkBranch): string {
  return `Take over the work of ${workBranch}`.slice(0, LONGEST_TITLE);
}

/** Adds that task to the parent's list, once. */
export async function handoffTask(
  state: Pick<StateStore, 'tasks'>,
  projectId: string,
  fork: Fork,
  branch: ForkBranch,
  { problem, now, id }: { problem: string; now: Date; id: string },
): Promise<void> {
  const title = handoffTitle(branch);
  const description =
    `"${branch.option}" won the decision "${fork.question}", and its branch could not be merged. ${problem}\n\n` +
    `Bring its changes into this worktree by hand: \`git diff ${fork.commit.slice(0, 12)} ${branch.workBranch}\` shows them, ` +
    `\`git show ${branch.workBranch}:PATH\` a file of it. Keep what this branch has beside them.`;
  await state.tasks(projectId).update((list) => {
    if (list.tasks.some((task) => task.title === title)) return list;
    const added = addTasks(list, [{ title, description, priority: 1 }], {
      now,
      ids: [id],
      persona: fork.persona,
    });
    if (!added.ok) throw new Error(`the task could not be added: ${added.problem}`);
    return added.value;
  });
}

/**
 * The parent's list after a merge: the branch's tasks with their evidence, and what the owner added to the parent meanwhile.
 * What the owner skipped there stays skipped.
 */
export function adoptTasks(list: TaskList, branch: TaskList): TaskList {
  const theirs = new Set(branch.tasks.map(({ id }) => id));
  const skipped = new Map(
    list.tasks.flatMap((task) => (task.skippedBy === 'owner' ? [[task.id, task] as const] : [])),
  );
  const tasks = [
    ...branch.tasks.map((task) => skipped.get(task.id) ?? task),
    ...list.tasks.filter(({ id }) => !theirs.has(id)),
  ];
  const { lastAuditedAt: _audited, ...rest } = list;
  return followDependencies({ ...rest, tasks });
}
