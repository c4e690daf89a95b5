import type { Evidence, Task } from '../../model/task.ts';
import { neverRed, ownCriteria } from './on-base.ts';
import { newestEvidence, runKey } from './runs.ts';

/** Runs kept of each command and of the audits: enough to see the same failure three times. */
const KEPT_OF_EACH = 4;

/**
 * The ledger of a task with more entries. Of each command the newest few stay, so that a task that is audited all night
 * does not grow for ever; what was run is in events.jsonl and output/ as well.
 */
export function withEvidence(evidence: readonly Evidence[], added: readonly Evidence[]): Evidence[] {
  const all = [...evidence, ...added];
  const left = new Map<string, number>();
  const kept = all.toReversed().filter((each) => {
    const count = (left.get(runKey(each)) ?? 0) + 1;
    left.set(runKey(each), count);
    return count <= KEPT_OF_EACH;
  });
  return kept.reverse();
}

/**
 * How sure the evidence makes us, from 0 to 1. No model has a say in it.
 *
 * Of the newest entry of each command: none, or any failure, gives 0; else
 * - 0.5 when only the persona's gate stands for the task (it is weakly specified),
 * - 0.8 when all its own criteria passed; the part of it above 0.5 shrinks with the share of them that also pass on the
 *   base commit (never red): such a criterion tells no more of this task than the gate does,
 * - 0.15 more when an audit agreed,
 * - half of that when any of it is stale.
 * 0.95 is the most a factory can know.
 */
export function completionConfidence(task: Pick<Task, 'criteria' | 'evidence' | 'onBase'>): number {
  const current = newestEvidence(task.evidence);
  const commands = current.filter((each) => each.kind !== 'audit');
  if (commands.length === 0 || current.some((each) => !each.passed)) return 0;
  const never = neverRed(task).length / Math.max(1, ownCriteria(task).length);
  const base = commands.some((each) => each.kind === 'criterion') ? 0.8 - 0.3 * never : 0.5;
  const agreed = current.some((each) => each.kind === 'audit') ? 0.15 : 0;
  const worth = current.some((each) => each.stale) ? 0.5 : 1;
  return Math.round((base + agreed) * worth * 100) / 100;
}

/** The same failure so often, with nothing changed in between, is not tried again. */
export const SAME_FAILURES = 3;

/**
 * Names of commands (or `audit`) that failed in the same way three times running at one commit, so that nothing was
 * changed in between.
 */
export function repeatedFailures(evidence: readonly Evidence[]): Evidence[] {
  return newestEvidence(evidence).filter((newest) => {
    if (newest.passed) return false;
    const runs = evidence.filter((each) => runKey(each) === runKey(newest)).slice(-SAME_FAILURES);
    return (
      runs.length === SAME_FAILURES &&
      runs.every((each) => !each.passed && each.commit === newest.commit && each.exitCode === newest.exitCode)
    );
  });
}

/** One commit of the branch, as far as it concerns tasks. */
export interface WorkCommit {
  hash: string;
  /** The task it was made for, by its DF-Task trailer. */
  task: string | null;
  files: readonly string[];
}

/**
 * Marks the evidence that a later commit has overtaken: one that touches a file which the task changed. A task for which
 * no commit stands could be about any file, so every later commit counts.
 *
 * @param history the branch since the base commit, oldest first
 * @returns the same task (by identity) when nothing became stale
 */
export function markStale(task: Task, history: readonly WorkCommit[], baseCommit: string): Task {
  if (task.evidence.length === 0) return task;
  const own = new Set(history.filter((each) => each.task === task.id).flatMap((each) => each.files));
  const touches = ({ files }: WorkCommit) =>
    own.size === 0 ? files.length > 0 : files.some((file) => own.has(file));
  const lastTouch = history.findLastIndex(touches);
  const places = new Map(history.map((each, index) => [each.hash, index]));
  // What was seen at a commit that is not on the branch says nothing of the branch.
  const isStale = ({ commit }: Evidence) =>
    commit === baseCommit ? lastTouch >= 0 : (places.get(commit) ?? -1) < lastTouch || !places.has(commit);
  if (!task.evidence.some((each) => !each.stale && isStale(each))) return task;
  const marked = {
    ...task,
    evidence: task.evidence.map((each) => (!each.stale && isStale(each) ? { ...each, stale: true } : each)),
  };
  return task.status === 'completed'
    ? { ...marked, completionConfidence: completionConfidence(marked) }
    : marked;
}
