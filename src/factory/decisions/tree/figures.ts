import { expecting } from '../../../lib/errno.ts';
import { isFailure } from '../../../lib/failure.ts';
import { activeTime } from '../../model/active-time.ts';
import { readAgents } from '../../model/agents.ts';
import type { CheckResult, QualityReport } from '../../model/gates/gate-report.ts';
import type { Project, ProjectStatus } from '../../model/project.ts';
import type { DiffFigures, FileFigures, GitManager, StateStore } from '../../ports.ts';
import { countTasks, isProved, type TaskCounts } from '../../tasks/list/count.ts';
import { readCoverage } from './coverage.ts';
import { treeCosts } from './tree-costs.ts';

/** What a project has come to, in figures of the factory's own. `null` stands for what is not known (yet). */
export interface BranchFigures {
  id: string;
  name: string;
  workBranch: string;
  /** Of a child: what it explores, and how sure the agent was of it. */
  option: string | null;
  confidence: number | null;
  status: ProjectStatus;
  statusReason?: string;
  /** It is `failed` because its owner stopped it. */
  stopped?: boolean;
  /** Nothing is left to do for it. */
  settled: boolean;
  /** The newest gate on its own work; checks of it that passed, of all. */
  gate: { kind: QualityReport['kind']; passed: boolean; at: Date; checks: Score } | null;
  /** Tests of the owner's sealed checks that passed, of all, at its newest gate. One check whose tests are not named counts as one. */
  sealed: Score | null;
  audit: { passed: boolean; at: Date } | null;
  /** `proved`: completed, and a command that the factory ran says so. */
  tasks: TaskCounts & { proved: number };
  /** Numbers of tests, on the base commit and at its newest gate. */
  tests: { before: number | null; after: number; added: number | null } | null;
  /** Percent, where its newest gate's output tells it. */
  coverage: number | null;
  /** From where its branch began to where it stands. */
  diff: DiffFigures | null;
  filesTouched: number | null;
  /** USD known to be billed, and what was perhaps billed on top; its own children included, as in `tokens`. */
  cost: number;
  possible: number;
  tokens: number;
  /** Milliseconds. */
  activeMs: number;
}

export interface Score {
  passed: number;
  total: number;
}

export interface FigureDeps {
  state: Pick<StateStore, 'project' | 'agent' | 'tasks' | 'gates' | 'costs' | 'readOutput'>;
  git: Pick<GitManager, 'branchHead' | 'diffFigures'>;
}

/**
 * Figures of a project, also while it works, and where its worktree, its branch or the whole repository is gone. What a
 * child took over from its parent does not count as its own.
 */
export async function branchFigures(deps: FigureDeps, project: Project): Promise<BranchFigures> {
  const { state, git } = deps;
  const [list, agents, reports, costs, diff] = await Promise.all([
    state.tasks(project.id).get(),
    readAgents(state, project),
    state.gates(project.id).list(),
    treeCosts(state, project.id),
    alongBranch(git, project, (...range) => git.diffFigures(...range)),
  ]);
  const own = reports.filter(({ kind, projectId }) => kind !== 'baseline' && projectId === project.id);
  const baseline = reports.findLast(({ kind }) => kind === 'baseline');
  const { id, name, workBranch, decisionContext, status, statusReason, stopped, settled } = project;
  return {
    id,
    name,
    workBranch,
    option: decisionContext?.option ?? null,
    confidence: decisionContext?.confidence ?? null,
    status,
    ...(statusReason === undefined ? {} : { statusReason }),
    ...(stopped === undefined ? {} : { stopped }),
    settled,
    gate: gateOf(own.at(-1)),
    sealed: sealedScore(own),
    audit: auditOf(project),
    tasks: { ...countTasks(list), proved: list.tasks.filter(provedTask).length },
    tests: testsOf(own, baseline),
    coverage: await coverageOf(state, id, own),
    diff,
    filesTouched: diff?.files ?? null,
    cost: costs.totalSpent,
    possible: costs.possibleSpent,
    tokens: costs.tokensUsed,
    activeMs: activeTime(project, agents),
  };
}

/** Every file that differs between where a project's branch began and where it stands; `null` when that cannot be read. */
export async function branchStat(
  { git }: { git: Pick<GitManager, 'branchHead' | 'diffStat'> },
  project: Project,
): Promise<FileFigures[] | null> {
  return alongBranch(git, project, (...range) => git.diffStat(...range));
}

/**
 * Looks at all between where a project's branch began and where it stands; `null` where that cannot be read, for then nothing
 * else is lost.
 */
export async function alongBranch<T>(
  git: Pick<GitManager, 'branchHead'>,
  { repository, workBranch, forkCommit, baseCommit }: Project,
  measure: (repository: string, from: string, to: string) => Promise<T>,
): Promise<T | null> {
  return orNull(async () => {
    const head = await git.branchHead(repository, workBranch);
    return head === null ? null : measure(repository, forkCommit ?? baseCommit, head);
  });
}

function gateOf(report: QualityReport | undefined): BranchFigures['gate'] {
  if (report === undefined) return null;
  const { kind, passed, timestamp, checks } = report;
  return {
    kind,
    passed,
    at: timestamp,
    checks: { passed: checks.filter((check) => check.passed).length, total: checks.length },
  };
}

function sealedScore(reports: readonly QualityReport[]): Score | null {
  const isSealed = (check: CheckResult) => check.sealed === true;
  const checks = reports.findLast((report) => report.checks.some(isSealed))?.checks.filter(isSealed) ?? [];
  if (checks.length === 0) return null;
  const scores = checks.map(({ tests, passed }) => {
    if (tests === undefined) return { passed: passed ? 1 : 0, total: 1 };
    // All tests green in a run that failed: at least one thing is wrong that is no test.
    return { passed: tests.passed, total: Math.max(tests.total, tests.passed + (passed ? 0 : 1)) };
  });
  return {
    passed: scores.reduce((sum, score) => sum + score.passed, 0),
    total: scores.reduce((sum, score) => sum + score.total, 0),
  };
}

/** An audit from before the project was made is its parent's. */
function auditOf({ lastAudit, createdAt }: Project): BranchFigures['audit'] {
  if (lastAudit === undefined || lastAudit.at < createdAt) return null;
  return { passed: lastAudit.passed, at: lastAudit.at };
}

function provedTask(task: Parameters<typeof isProved>[0] & { status: string }): boolean {
  return task.status === 'completed' && isProved(task);
}

function testsOf(
  reports: readonly QualityReport[],
  baseline: QualityReport | undefined,
): BranchFigures['tests'] {
  const after = sumTests(reports.findLast((report) => sumTests(report) !== null));
  if (after === null) return null;
  const before = sumTests(baseline)?.total ?? after.before;
  return { before, after: after.total, added: before === null ? null : after.total - before };
}

function sumTests(report: QualityReport | undefined): { total: number; before: number | null } | null {
  const runs = (report?.checks ?? []).flatMap((check) =>
    check.sealed || check.tests === undefined ? [] : [check.tests],
  );
  if (runs.length === 0) return null;
  const known = runs.flatMap(({ before }) => (before === undefined ? [] : [before.total]));
  const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0);
  return {
    total: sum(runs.map(({ total }) => total)),
    before: known.length === runs.length ? sum(known) : null,
  };
}

/** The tool's sums may stand in the part of an output that the report leaves out. */
async function coverageOf(
  state: FigureDeps['state'],
  id: string,
  reports: readonly QualityReport[],
): Promise<number | null> {
  const checks = reports.at(-1)?.checks.filter((check) => !check.sealed) ?? [];
  for (const { output, outputFile } of checks) {
    const shown = readCoverage(output);
    if (shown !== null) return shown;
    if (outputFile === undefined || !output.includes(' bytes left out')) continue;
    const whole = await orNull(() => state.readOutput(id, outputFile));
    const found = whole === null ? null : readCoverage(whole);
    if (found !== null) return found;
  }
  return null;
}

/** What is gone by a failure that is expected (a repository that was moved, an output that was cleaned) is not known. */
async function orNull<T>(work: () => Promise<T>): Promise<T | null> {
  return work().catch(expecting(isFailure, null));
}
