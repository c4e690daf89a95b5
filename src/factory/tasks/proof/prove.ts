import { findTestChanges } from '../../gates/proof/find-test-changes.ts';
import { criteriaOnBase } from '../../gates/proof/seen-red.ts';
import { runCriterion } from '../../gates/run/criterion.ts';
import type { GateCheck } from '../../model/gates/gate-check.ts';
import type { Project } from '../../model/project.ts';
import type { Criterion, CriterionOnBase, Evidence, Task } from '../../model/task.ts';
import type { WorkCommit } from './evidence.ts';
import type { ProofDeps, ProofPlace } from './proof-place.ts';

export interface ProofRun {
  project: Project;
  /** What stands in for the criteria of a task that has none. */
  gateChecks: readonly GateCheck[];
  commandTimeoutMs: number;
  place: ProofPlace;
  signal: AbortSignal;
  /**
   * The task was worked on (`claimWithoutWork`). Without that a weakly specified task is not proved: its commands are the
   * gate's, and would pass for any number of tasks at once.
   */
  worked?: boolean;
}

/**
 * Runs a task's own criteria, or the persona's gate where it has none, at the commit of `place`. A task with neither gets no evidence:
 * then only an audit can settle it.
 */
export async function proveTask(
  deps: ProofDeps,
  run: ProofRun,
  task: Task,
): Promise<(Evidence & { output: string })[]> {
  if (task.weaklySpecified && !run.worked) return [];
  const own = task.criteria.map(({ fromPersona, ...each }) => ({
    kind: fromPersona ? ('gate' as const) : ('criterion' as const),
    ...each,
  }));
  const commands = own.length > 0 ? own : run.gateChecks.map((each) => ({ kind: 'gate' as const, ...each }));
  const ownersWay = commands.length > 0 && (await ignoresFailures(deps, run.project));
  const runs: (Evidence & { output: string })[] = [];
  for (const command of commands) {
    if (run.signal.aborted) break;
    const { project, signal, commandTimeoutMs: timeoutMs } = run;
    const tree = await run.place.tree();
    const about = { project, signal, timeoutMs, tree, ownersWay, commit: run.place.commit };
    const seen = await runCriterion(deps, about, command);
    runs.push({ ...seen, baseCommit: run.project.baseCommit, judgedBy: 'factory' });
  }
  return runs;
}

/** Whether commands of the repository end with 0 beside failing tests, as its owner has it: on the base commit one did. */
async function ignoresFailures({ state }: ProofDeps, { id }: Project): Promise<boolean> {
  const baseline = (await state.gates(id).list()).find(({ kind }) => kind === 'baseline');
  return baseline?.checks.some(({ passed, tests }) => passed && (tests?.failed ?? 0) > 0) ?? false;
}

/**
 * How criteria end on the base commit's code, with the tests of the commit beside it, so that a test which is not there yet is
 * not what makes them red.
 *
 * @returns nothing when the signal was cut
 */
export async function seeOnBase(
  deps: ProofDeps,
  { project, place, commandTimeoutMs, signal }: ProofRun,
  criteria: readonly Criterion[],
): Promise<CriterionOnBase[]> {
  if (criteria.length === 0 || signal.aborted) return [];
  const { commit } = place;
  const changes = await findTestChanges(deps.git, project, commit);
  const run = { project, commit, timeoutMs: commandTimeoutMs, signal };
  const seen = await criteriaOnBase(deps.trees, run, changes, criteria);
  if (signal.aborted) return [];
  return seen.map((each) => ({ ...each, baseCommit: project.baseCommit, at: deps.now() }));
}

/**
 * Why a claim has no work behind it, or `null`. Nothing can be done where nothing was committed. And where only the
 * persona's gate stands for a task, that passes for any number of tasks at once: a commit since the last claim must say
 * that this one was worked on.
 */
export function claimWithoutWork(
  task: Pick<Task, 'id' | 'weaklySpecified'>,
  history: readonly WorkCommit[],
): string | null {
  if (history.length === 0)
    return 'nothing was committed since the project began, so there is no work to prove.';
  if (!task.weaklySpecified) return null;
  const since = history.slice(
    history.findLastIndex((each) => each.task !== null && each.task !== task.id) + 1,
  );
  if (since.length > 0 || history.some((each) => each.task === task.id)) return null;
  return (
    'it has no criteria of its own, and nothing was committed for it since the last claim. It stays open; when its work ' +
    'is part of that of another task, the closing audit will judge it.'
  );
}
