import type { Fork, ForkBranch } from '../../model/fork.ts';

/** What the parent's agent is told of the end of a fork, and what people are. */
export interface ForkOutcome {
  outcome: string;
  said: string;
}

/** A branch was merged. */
export function mergedText(fork: Fork, winner: ForkBranch): ForkOutcome {
  const taken = takenText(fork, winner);
  const commit = fork.merge?.commit.slice(0, 12) ?? winner.workBranch;
  return {
    outcome: paragraphs(
      taken,
      `Its work is merged into your worktree (${commit}), its task list is yours now, and the gate passed on the merge.`,
      `What it reports: ${winner.learnt ?? 'nothing'}`,
      ...others(fork, winner),
      'Look at what is there now, do what is still open, and call finish when nothing is.',
    ),
    said: paragraphs(
      `${taken} Its work is merged (${commit}), and the gate passed on the merge.`,
      ...others(fork, winner),
    ),
  };
}

/** It could not be merged without help. */
export function handedOverText(fork: Fork, winner: ForkBranch, problem: string, task: string): ForkOutcome {
  const taken = takenText(fork, winner);
  const not = `Its branch ${winner.workBranch} could not be merged. ${problem}`;
  return {
    outcome: paragraphs(
      taken,
      not,
      `The task "${task}" is yours: take its work over.`,
      ...others(fork, winner),
    ),
    said: paragraphs(`${taken} ${not} An agent takes its work over.`, ...others(fork, winner)),
  };
}

/** No branch was taken. */
export function droppedText(fork: Fork, why: string): ForkOutcome {
  const dropped = `No branch of "${fork.question}" is taken. ${why}`;
  return {
    outcome: paragraphs(
      dropped,
      ...others(fork),
      'Go on from where you were before the decision, with what was learnt.',
    ),
    said: paragraphs(dropped, ...others(fork)),
  };
}

function takenText({ question, choice }: Fork, { option }: ForkBranch): string {
  return `The decision "${question}" is taken: "${option}" won. ${choice?.why ?? ''}`.trim();
}

const paragraphs = (...texts: string[]): string => texts.join('\n\n');

function others({ branches }: Fork, winner?: ForkBranch): string[] {
  return branches
    .filter((branch) => branch.projectId !== winner?.projectId)
    .map(
      ({ option, workBranch, learnt }) =>
        `"${option}" (${workBranch}): ${learnt ?? 'nothing is known of it'}`,
    );
}
