import type { Fork, ForkBranch } from '../../model/fork.ts';

/** What the parent's agent is told when a branch was merged. */
export function mergedText(fork: Fork, winner: ForkBranch): string {
  return [
    `The decision "${fork.question}" is taken: "${winner.option}" won. ${fork.choice?.why ?? ''}`.trim(),
    `Its work is merged into your worktree (${fork.merge?.commit.slice(0, 12) ?? winner.workBranch}), its task list is yours now, and the gate passed on the merge.`,
    `What it reports: ${winner.learnt ?? 'nothing'}`,
    ...others(fork, winner),
    'Look at what is there now, do what is still open, and call finish when nothing is.',
  ].join('\n\n');
}

/** The same when it could not be merged without help. */
export function handedOverText(fork: Fork, winner: ForkBranch, problem: string, task: string): string {
  return [
    `The decision "${fork.question}" is taken: "${winner.option}" won. ${fork.choice?.why ?? ''}`.trim(),
    `Its branch ${winner.workBranch} could not be merged. ${problem}`,
    `The task "${task}" is yours: take its work over.`,
    ...others(fork, winner),
  ].join('\n\n');
}

/** The same when no branch was taken. */
export function droppedText(fork: Fork, why: string): string {
  return [
    `No branch of "${fork.question}" is taken. ${why}`,
    ...others(fork),
    'Go on from where you were before the decision, with what was learnt.',
  ].join('\n\n');
}

function others({ branches }: Fork, winner?: ForkBranch): string[] {
  return branches
    .filter((branch) => branch.projectId !== winner?.projectId)
    .map(
      ({ option, workBranch, learnt }) =>
        `"${option}" (${workBranch}): ${learnt ?? 'nothing is known of it'}`,
    );
}
