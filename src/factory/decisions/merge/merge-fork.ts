import { DarkFactoryError } from '../../../lib/failure.ts';
import { commitWork } from '../../agent/tools/work.ts';
import { describeReport } from '../../gates/run/describe.ts';
import { type Fork, type ForkBranch, openFork, withFork } from '../../model/fork.ts';
import type { QualityReport } from '../../model/gates/gate-report.ts';
import { ENDED, type Project } from '../../model/project.ts';
import type { GitManager, StateStore } from '../../ports.ts';
import { projectOrNull } from '../tree/tree.ts';
import { type CloseForkDeps, chosenBranch, closeFork } from './close-fork.ts';
import { adoptTasks, handoffTask, handoffTitle } from './handoff.ts';
import { handedOverText, mergedText } from './outcome-text.ts';

export interface MergeDeps extends CloseForkDeps {
  state: StateStore;
  git: Pick<GitManager, 'head' | 'branchHead' | 'commitChanges' | 'mergeCommits' | 'advanceBranch'>;
  newId(): string;
  /** Runs the parent's gate on a commit, or finds the report of that id. `null`: the signal cut it. */
  gate(order: { id: string; commit: string; child: Project }): Promise<QualityReport | null>;
  /** Files that the merge brings along besides the branch's, such as the record of the decision. */
  files(project: Project, fork: Fork): Promise<Record<string, string>>;
}

/** What became of one try. */
export type MergeOutcome =
  | { kind: 'over'; detail: string }
  /** The parent moved meanwhile, or the gate was cut: try again. */
  | { kind: 'again'; detail: string }
  | { kind: 'not_due' };

/** One merge under way. */
interface Merge {
  project: Project;
  fork: Fork;
  branch: ForkBranch;
}

/**
 * Brings the chosen branch into its parent: the merge is made as a commit that no branch stands at, the gate runs on it, and
 * only then the parent's branch and worktree move. What does not go through by itself (a conflict, a red gate) becomes a task
 * of the parent, or goes back to the owner where the owner chose. Every act is found done when it is repeated.
 */
export async function mergeFork(deps: MergeDeps, project: Project): Promise<MergeOutcome> {
  const fork = openFork(project);
  const branch = fork === undefined ? undefined : chosenBranch(fork);
  if (fork?.phase !== 'merging' || branch === undefined) return { kind: 'not_due' };
  const merge = { project, fork, branch };
  const ours = await committedHead(deps, merge);
  if (ours === fork.merge?.commit) return finish(deps, merge);
  const child = await projectOrNull(deps.state, branch.projectId);
  if (child === null) return giveUp(deps, merge, 'Its project was removed.');
  const theirs = await deps.git.branchHead(project.repository, branch.workBranch);
  if (theirs === null) return giveUp(deps, merge, `Its branch ${branch.workBranch} is gone.`);
  const made = await mergeCommit(deps, merge, ours, theirs);
  if (made === null) return { kind: 'not_due' };
  if ('problem' in made) return giveUp(deps, merge, made.problem);
  const report = await deps.gate({
    id: `merge-${made.commit}`,
    commit: made.commit,
    child,
  });
  if (report === null) return { kind: 'again', detail: 'the gate was cut' };
  if (!report.passed) return giveUp(deps, merge, `The gate on the merge failed:\n${describeReport(report)}`);
  if (!(await land(deps, merge, made, report.id))) return { kind: 'not_due' };
  const moved = await deps.git.advanceBranch(project.repository, project.worktreePath, ours, made.commit);
  // It came so far before, and in between there was nothing to commit: whatever differs there will differ the next time.
  if (moved === 'dirty' && made.landing === true) return giveUp(deps, merge, DIRTY);
  if (moved !== 'advanced') return { kind: 'again', detail: `the parent's branch is ${moved}` };
  return finish(deps, { ...merge, fork: { ...fork, merge: made } });
}

/**
 * Puts down that the parent's branch moves now. From here on the merge cannot be called off, so a fork is never given up and
 * merged at once.
 *
 * @returns `false` when it was called off, or its project stopped, while the gate ran
 */
async function land(
  { state, now }: MergeDeps,
  merge: Merge,
  { commit }: NonNullable<Fork['merge']>,
  mergeGate: string,
): Promise<boolean> {
  const { project, fork } = merge;
  let landing = false;
  await state.project(project.id).update((current) => {
    const made = openFork(current)?.merge;
    landing = isDue(current, merge) && made?.commit === commit;
    if (!landing || made === undefined) return current;
    const landed = { ...made, landing };
    const forks = withFork(current.forks, fork.decisionId, (each) => ({ ...each, merge: landed, mergeGate }));
    return { ...current, forks, updatedAt: now() };
  });
  return landing;
}

/** Nobody has called the merge off, or stopped its project. */
function isDue(project: Project, { fork, branch }: Merge): boolean {
  const open = openFork(project);
  return (
    !ENDED.has(project.status) &&
    open?.decisionId === fork.decisionId &&
    open.phase === 'merging' &&
    open.choice?.projectId === branch.projectId
  );
}

/** Where the parent's branch stands, with whatever lies in its worktree committed. */
async function committedHead(deps: MergeDeps, { project, fork }: Merge): Promise<string> {
  const call = { key: `merge/${fork.decisionId}/before/${deps.now().toISOString()}`, check: async () => {} };
  await commitWork(deps, project, 'Work found before the merge of a branch', call);
  return deps.git.head(project.repository, project.worktreePath);
}

/**
 * The merge of these two commits: the one that was made before, or a new one, written down before it is used. Of two workers
 * that make it at once, the first one's counts. `null`: it was called off.
 */
async function mergeCommit(
  { git, state, files }: MergeDeps,
  merge: Merge,
  ours: string,
  theirs: string,
): Promise<NonNullable<Fork['merge']> | { problem: string } | null> {
  const { project, fork, branch } = merge;
  const isThis = (made: Fork['merge']) => made?.ours === ours && made.theirs === theirs;
  if (fork.merge !== undefined && isThis(fork.merge)) return fork.merge;
  const order = {
    repository: project.repository,
    ours,
    theirs,
    message: `Merge "${branch.option}"\n\n${fork.question}\n\n${fork.choice?.why ?? ''}`,
    trailers: { project: project.id, step: `merge/${fork.decisionId}` },
    files: await files(project, fork),
  };
  const merged = await git.mergeCommits(order).catch(unmergeable);
  if (merged.kind === 'conflict') return { problem: `Both changed ${merged.files.join(', ')}.` };
  if (merged.kind === 'unmergeable') return { problem: merged.problem };
  const made = { commit: merged.commit, ours, theirs };
  const after = await state.project(project.id).update((current) => {
    if (!isDue(current, merge) || isThis(openFork(current)?.merge)) return current;
    return {
      ...current,
      forks: withFork(current.forks, fork.decisionId, (each) => ({ ...each, merge: made })),
    };
  });
  return isDue(after, merge) ? (openFork(after)?.merge ?? null) : null;
}

const DIRTY =
  "The parent's worktree differs from its commit in something that cannot be committed (git status shows it there): a file that git may not read, say.";

/** What only people can fix, and trying again does not. */
const UNMERGEABLE: readonly string[] = ['unrelated_commits', 'merge_path_taken'];

function unmergeable(error: unknown): { kind: 'unmergeable'; problem: string } {
  if (!(error instanceof DarkFactoryError) || !UNMERGEABLE.includes(error.code)) throw error;
  return { kind: 'unmergeable', problem: `${error.message}. ${error.hint}` };
}

/** The parent's branch has the work: its tasks and outputs follow, and the parent goes on. */
async function finish(deps: MergeDeps, { project, fork, branch }: Merge): Promise<MergeOutcome> {
  const { state } = deps;
  const isOpen = async () => openFork(await state.project(project.id).get())?.decisionId === fork.decisionId;
  if ((await isOpen()) && (await projectOrNull(state, branch.projectId)) !== null) {
    await state.shareOutputs(branch.projectId, project.id);
    const theirs = await state.tasks(branch.projectId).get();
    // Another worker may have ended the fork while this one slept: then the list is what the parent has made of it since.
    await state
      .tasks(project.id)
      .update(async (list) => ((await isOpen()) ? adoptTasks(list, theirs) : list));
  }
  await closeFork(deps, project.id, fork, { phase: 'merged', ...mergedText(fork, branch) });
  return { kind: 'over', detail: `merged ${branch.workBranch}` };
}

async function giveUp(deps: MergeDeps, merge: Merge, problem: string): Promise<MergeOutcome> {
  const { project, fork, branch } = merge;
  // Its owner may have gone on without while the gate ran.
  if (!isDue(await deps.state.project(project.id).get(), merge)) return { kind: 'not_due' };
  if (fork.choice?.by === 'owner') return backToOwner(deps, merge, problem);
  await handoffTask(deps.state, project.id, fork, branch, {
    problem,
    now: deps.now(),
    id: deps.newId(),
  });
  const told = handedOverText(fork, branch, problem, handoffTitle(branch));
  const due = (open: Fork) => open.phase === 'merging' && open.choice?.projectId === branch.projectId;
  const closed = await closeFork(deps, project.id, fork, { phase: 'handed_over', ...told, due });
  return closed ? { kind: 'over', detail: problem } : { kind: 'not_due' };
}

/** Nothing is merged, and the owner chooses again. */
async function backToOwner(
  { state, now, record }: MergeDeps,
  merge: Merge,
  problem: string,
): Promise<MergeOutcome> {
  const { project, fork, branch } = merge;
  const detail = `"${branch.option}" was not merged. ${problem}`;
  let back = false;
  await state.project(project.id).update((current) => {
    back = isDue(current, merge);
    return back ? forOwner(current, fork, detail, now()) : current;
  });
  if (!back) return { kind: 'not_due' };
  await record({ projectId: project.id, type: 'merge.failed', level: 'warn', message: detail });
  return { kind: 'over', detail };
}

function forOwner(current: Project, fork: Fork, detail: string, now: Date): Project {
  return {
    ...current,
    forks: withFork(
      current.forks,
      fork.decisionId,
      ({ choice: _choice, merge: _merge, order: _order, ...each }) => ({ ...each, phase: 'ready' as const }),
    ),
    waiting: {
      for: 'owner',
      detail: `${detail} Take another with df merge, or go on without: df merge --abort.`,
      since: now,
    },
    statusReason: detail,
    updatedAt: now,
  };
}
