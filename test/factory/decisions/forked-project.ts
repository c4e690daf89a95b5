import type { Fork } from '../../../src/factory/model/fork.ts';
import { type QualityReport, qualityReport } from '../../../src/factory/model/gates/gate-report.ts';
import type { CostEntry } from '../../../src/factory/model/money/finance.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import { type Task, task } from '../../../src/factory/model/task.ts';
import { newUuid } from '../../../src/lib/ids.ts';
import { addProject, openStore, sampleAgent, sampleFinance, sampleProject } from '../../state/samples.ts';
import type { TestRepository } from '../../support/repository.ts';
import { makeFork } from './fork-fixture.ts';

type Store = ReturnType<typeof openStore>['store'];

/** A project that explored one decision in two branches, as files and refs: the first was proved, the second not. */
export interface ForkedProject {
  store: Store;
  root: Project;
  proved: Project;
  failed: Project;
  fork: Fork;
  repository: TestRepository;
}

const AT = new Date('2026-01-10T10:00:00Z');
const LATER = new Date('2026-01-10T11:00:00Z');
const ROOT_BRANCH = 'df/shop/2026-01-10';

/** @param home of a factory, which may be empty */
export async function makeForkedProject(home: string, repository: TestRepository): Promise<ForkedProject> {
  const { store } = openStore(home);
  const baseCommit = await repository.git('rev-parse', 'HEAD');
  const forkCommit = await commitOn(repository, ROOT_BRANCH, 'main', { 'cart.js': 'a\nb\n' });
  await commitOn(repository, `${ROOT_BRANCH}--sqlite`, ROOT_BRANCH, {
    'db.js': 'x\ny\nz\n',
    'cart.js': 'a\n',
  });
  await commitOn(repository, `${ROOT_BRANCH}--a-file`, ROOT_BRANCH, { 'file.js': 'one\n' });
  await repository.git('switch', '--quiet', 'main');

  const [rootId, provedId, failedId] = [newUuid(), newUuid(), newUuid()];
  const sample = makeFork();
  const [first, second] = sample.branches;
  if (first === undefined || second === undefined) throw new Error('two branches');
  const fork: Fork = {
    ...sample,
    at: AT,
    commit: forkCommit,
    branches: [
      { ...first, projectId: provedId, workBranch: `${ROOT_BRANCH}--sqlite` },
      { ...second, projectId: failedId, workBranch: `${ROOT_BRANCH}--a-file` },
    ],
    choice: { projectId: provedId, by: 'evidence', why: 'Only SQLite is proved.' },
  };
  const common = { repository: repository.dir, gitDir: `${repository.dir}/.git`, baseCommit, started: true };
  const root = await addProject(store, {
    ...common,
    id: rootId,
    name: 'shop',
    status: 'active',
    workBranch: ROOT_BRANCH,
    childProjectIds: [provedId, failedId],
    forks: [fork],
  });
  const childOf = (branch: Fork['branches'][number], change: Partial<Project>) =>
    addProject(store, {
      ...common,
      id: branch.projectId,
      name: `shop - ${branch.option}`,
      workBranch: branch.workBranch,
      baseBranch: ROOT_BRANCH,
      parentProjectId: rootId,
      createdAt: AT,
      forkCommit,
      settled: true,
      activeMs: 60_000,
      decisionContext: {
        question: fork.question,
        option: branch.option,
        confidence: branch.confidence,
        createdAt: AT,
      },
      ...change,
    });
  const audit = { kind: 'closing' as const, round: 1, commit: forkCommit, judge: 'other', findings: [] };
  const proved = await childOf(fork.branches[0] ?? first, {
    status: 'completed',
    lastAudit: { ...audit, at: LATER, passed: true },
  });
  const failed = await childOf(fork.branches[1] ?? second, {
    status: 'failed',
    statusReason: 'Its gate failed too often.',
    lastAudit: { ...audit, at: new Date(AT.getTime() - 1), passed: true },
  });
  await fill(store, { root, proved, failed });
  return { store, root, proved, failed, fork, repository };
}

async function commitOn(
  { git, write }: TestRepository,
  branch: string,
  from: string,
  files: Record<string, string>,
): Promise<string> {
  await git('switch', '--quiet', '--create', branch, from);
  for (const [path, content] of Object.entries(files)) await write(path, content);
  await git('add', '--all');
  await git('commit', '--quiet', `--message=Work on ${branch}`);
  return git('rev-parse', 'HEAD');
}

async function fill(
  store: Store,
  { root, proved, failed }: Pick<ForkedProject, 'root' | 'proved' | 'failed'>,
): Promise<void> {
  for (const each of [root, proved, failed])
    await store.gates(each.id).save(report(each, { id: 'base', kind: 'baseline', at: AT, total: 10 }));
  await store.gates(proved.id).save(report(proved, { id: 'early', at: AT, passed: false, total: 10 }));
  await store
    .gates(proved.id)
    .save(report(proved, { id: 'last', at: LATER, total: 14, sealed: 5, output: 'TOTAL  100  10  90%\n' }));
  await store
    .gates(failed.id)
    .save(report(failed, { id: 'last', at: LATER, passed: false, total: 10, sealed: 3 }));
  await store.costs(root.id).append(cost('r1', 1), cost('lost', 0.5, true));
  await store.costs(proved.id).append(cost('r1', 1), cost('p1', 0.25), cost('p2', 0.25));
  await store.costs(failed.id).append(cost('f1', 2));
  const tasks = [makeTask('Keep carts', true), makeTask('Count them', false)];
  await store.tasks(proved.id).update((list) => ({ ...list, tasks }));
  await store.agent(root.id, 'engineer').update((agent) => ({
    ...agent,
    madeDecisions: [
      {
        id: 'engineer-2-0',
        question: 'Tabs or spaces?',
        confidence: 0.9,
        options: [{ label: 'Spaces', description: '', confidence: 0.9, estimatedEffort: 'none' }],
        selectedOption: 'Spaces',
        madeAt: AT,
      },
    ],
  }));
}

function report(
  project: Project,
  {
    at,
    passed = true,
    total,
    sealed,
    output = '',
    ...rest
  }: {
    id: string;
    kind?: QualityReport['kind'];
    at: Date;
    passed?: boolean;
    total: number;
    sealed?: number;
    output?: string;
  },
): QualityReport {
  const tests = (good: number, all: number) => ({
    runner: 'node',
    passed: good,
    failed: all - good,
    skipped: 0,
    total: all,
    failures: [],
    newFailures: [],
    knownFailures: [],
  });
  const check = { required: true, output };
  const sealedCheck = {
    ...check,
    output: '',
    name: 'Sealed',
    sealed: true,
    passed: sealed === 5,
    tests: tests(sealed ?? 0, 5),
  };
  return qualityReport.parse({
    kind: 'finish',
    ...rest,
    projectId: project.id,
    persona: 'engineer',
    round: 1,
    passed,
    commit: project.baseCommit,
    sandbox: 'bubblewrap',
    timestamp: at,
    checks: [
      { ...check, name: 'Tests', passed, tests: tests(passed ? total : total - 1, total) },
      ...(sealed === undefined ? [] : [sealedCheck]),
    ],
  });
}

function cost(requestId: string, usd: number, possible = false): CostEntry {
  return {
    timestamp: LATER,
    provider: 'main',
    model: 'm',
    tokensUsed: 1_000,
    cost: usd,
    operation: 'chat',
    requestId,
    persona: 'engineer',
    possible,
  };
}

function makeTask(title: string, proved: boolean): Task {
  const evidence = { kind: 'criterion', name: 'tests', passed: proved, commit: 'c'.repeat(40), at: LATER };
  return task.parse({
    id: newUuid(),
    title,
    status: 'completed',
    priority: 1,
    createdAt: AT,
    evidence: [evidence],
  });
}

/** A project of its own in the same home. */
export async function addStranger(
  { store, root }: ForkedProject,
  change: Partial<Project> = {},
): Promise<Project> {
  const stranger = sampleProject({ name: 'stranger', repository: root.repository, ...change });
  await store.createProject(stranger, [sampleAgent(stranger.id)], sampleFinance(stranger.id));
  return stranger;
}
