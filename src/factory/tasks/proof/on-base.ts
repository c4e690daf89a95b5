import { criteriaSeenRed } from '../../gates/proof/seen-red.ts';
import type { Criterion, CriterionOnBase, Task } from '../../model/task.ts';

/*
 * A criterion that also passes on the base commit, where nothing was done yet, does not show that the task is done. It may be
 * honest (what worked must go on working), so it stops nothing: it is reported, and the confidence is less.
 */

type Known = Pick<Task, 'criteria' | 'onBase'>;

/** Those that came with the task, without what it took over from the persona's gate. */
export function ownCriteria({ criteria }: Pick<Task, 'criteria'>): Criterion[] {
  return criteria.filter((each) => !each.fromPersona);
}

/** How a criterion ended on the base commit; `undefined` when it was not run there yet. */
export function onBase(task: Known, criterion: Criterion): CriterionOnBase | undefined {
  return task.onBase?.find((each) => isSameCommand(each, criterion));
}

export function isSameCommand(
  a: Pick<Criterion, 'command' | 'expectedExitCode'>,
  b: Pick<Criterion, 'command' | 'expectedExitCode'>,
): boolean {
  return a.command === b.command && a.expectedExitCode === b.expectedExitCode;
}

export function notSeenOnBase(task: Known): Criterion[] {
  return ownCriteria(task).filter((each) => onBase(task, each) === undefined);
}

/** Own criteria of which is known that they pass on the base commit as well. */
export function neverRed(task: Known): Criterion[] {
  return ownCriteria(task).filter((each) => onBase(task, each)?.seenRed === false);
}

/** Keeps what was seen; of criteria that the task does not have (any more) nothing is kept. */
export function withOnBase(task: Task, seen: readonly CriterionOnBase[]): Task {
  if (seen.length === 0) return task;
  const own = ownCriteria(task);
  const kept = [...(task.onBase ?? []), ...seen].filter((each) =>
    own.some((other) => isSameCommand(each, other)),
  );
  const newest = new Map(kept.map((each) => [`${each.expectedExitCode} ${each.command}`, each]));
  return { ...task, onBase: [...newest.values()] };
}

/** "N of M criteria have been seen red", of all criteria that tasks came with; `null` where there are none. */
export function seenRedText(tasks: readonly Task[]): string | null {
  const counted = tasks.filter(({ status }) => status !== 'skipped');
  const seen = counted.flatMap((task) =>
    ownCriteria(task).map((each) => ({ seenRed: onBase(task, each)?.seenRed ?? null })),
  );
  return seen.length === 0 ? null : criteriaSeenRed(seen);
}
