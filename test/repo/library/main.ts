/** Compiled and run by `library.real.test.ts` against the installed package: calls every method of the five managers. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CostSummary,
  createFactory,
  DarkFactoryError,
  type Factory,
  type JobResult,
  type LoadedAgent,
  type PersonaTemplate,
  type ProgressReport,
  type Project,
  type ProjectMetrics,
  type ProjectStatus,
  type ProviderView,
  type QualityReport,
  type TaskList,
} from '@dark-factory/cli';

const KEY = 'sk-library-0123456789';
const { MODEL = '', REPOSITORY = '', PACKAGE = '' } = process.env;
const called = new Set<string>();
const factory = watched(await createFactory());
const { engine, finance, projects, git, agents } = factory;

const project = await begin();
const engineer = `${project.id}/engineer`;
await money();
await tasks();
await work();
await waiting();
await judged();
await repository();
await decision();
await factory.close();
process.stdout.write(JSON.stringify([...called].sort()));

/** Remembers which methods were called. */
function watched(opened: Factory): Factory {
  const watch = <T extends object>(name: string, manager: T): T =>
    new Proxy(manager, {
      get(target, method) {
        called.add(`${name}.${String(method)}`);
        return Reflect.get(target, method);
      },
    });
  return {
    engine: watch('engine', opened.engine),
    finance: watch('finance', opened.finance),
    projects: watch('projects', opened.projects),
    git: watch('git', opened.git),
    agents: watch('agents', opened.agents),
    close: opened.close,
  };
}

async function refused(code: string, asked: Promise<unknown>): Promise<void> {
  await assert.rejects(asked, (error) => error instanceof DarkFactoryError && error.code === code);
}

async function begin(): Promise<Project> {
  const added: ProviderView = await finance.addProvider({
    ...{ id: 'main', name: 'custom', model: 'scripted-1', baseUrl: MODEL },
    ...{ priceIn: 1, priceOut: 2, creditsAvailable: 10, key: { kind: 'sealed', key: KEY } },
  });
  assert.equal(JSON.stringify(added).includes('6789'), false);
  const made: Project = await engine.createProject({
    name: 'library',
    description: 'Fix the sum.',
    repository: REPOSITORY,
    personas: ['engineer'],
    commands: { test: 'node --test', lint: null, format: null },
    budget: 5,
  });
  await refused('not_its_turn', agents.executeAgent(`${made.id}/engineer`));
  await engine.startProject(made.id);
  const status: ProjectStatus = await engine.getProjectStatus(made.id);
  assert.equal(status, 'initializing');
  return made;
}

async function money(): Promise<void> {
  await finance.addProvider({
    id: 'spare',
    name: 'custom',
    model: 'm',
    baseUrl: MODEL,
    free: true,
    apiKey: '',
    enabled: true,
    rateLimit: { requestsPerMinute: 60 },
  });
  const spare: ProviderView = await finance.updateProvider('spare', { priority: 9 });
  assert.equal(spare.priority, 9);
  assert.equal((await finance.selectProvider(1_000))?.id, 'main');
  assert.equal((await finance.switchProvider('manual', project.id))?.id, 'spare');
  assert.equal(await finance.probeProvider('main'), true);
  await finance.removeProvider('spare');
  assert.equal((await finance.switchProvider('manual', project.id))?.id, 'main');
  assert.equal(await finance.switchProvider('manual', project.id), null);
  await finance.recordCost(
    { provider: 'main', model: 'by-hand', tokensUsed: 1, cost: 0.5, operation: 'chat' },
    project.id,
  );
  const costs: CostSummary = await finance.getCostSummary(project.id);
  assert.equal(costs.totalSpent, 0.5);
  assert.ok((await finance.checkCredits('main')) < 9.5);
  assert.equal(/apiKey|encrypted/.test(JSON.stringify(await finance.getFinanceState(project.id))), false);
}

async function tasks(): Promise<void> {
  const task = await projects.addTask(project.id, {
    title: 'Say what add does',
    criteria: [{ name: 'it is said', command: 'grep -q adds README.md' }],
  });
  await refused('completed_needs_proof', projects.updateTask(project.id, task.id, { status: 'completed' }));
  await refused('task_invalid', projects.updateTask(project.id, task.id, { completionConfidence: 1 }));
  assert.equal((await projects.updateTask(project.id, task.id, { ...task, priority: 1 })).priority, 1);
  assert.equal((await projects.updateTask(project.id, task.id, { status: 'skipped' })).status, 'skipped');
  const list: TaskList = await projects.getTaskList(project.id);
  assert.equal(list.tasks.length, 1);
  await projects.scheduleAudit(project.id, 3_600_000);
}

/** The agent's work, step by step in this process, until its gate has passed. */
async function work(): Promise<void> {
  const id = await agents.sendMessage(engineer, 'Mind the sign.');
  let last: JobResult | undefined;
  let agent: LoadedAgent = await agents.loadAgentState(engineer);
  for (let turns = 0; agent.status !== 'completed' && turns < 20; turns += 1) {
    last = await agents.executeAgent(engineer);
    agent = await agents.loadAgentState(engineer);
    if (agent.status === 'waiting_for_quality') await steps(agent);
  }
  assert.equal(agent.status, 'completed', JSON.stringify(last));
  assert.match(id, /^[0-9a-f-]{36}$/);
  assert.equal(
    agent.conversationHistory.filter(({ content }) => content.includes('Mind the sign.')).length,
    1,
  );
  assert.ok(agent.conversationHistory.some(({ role, cost }) => role === 'assistant' && cost > 0));
}

async function steps(agent: LoadedAgent): Promise<void> {
  await refused('agent_state_decided', agents.saveAgentState(engineer, { ...agent, status: 'completed' }));
  await refused('agent_state_changed', agents.saveAgentState(engineer, { ...agent, version: 0 }));
  const [task] = (await projects.getTaskList(project.id)).tasks;
  const saved = await agents.saveAgentState(engineer, { ...agent, currentTask: task?.id ?? '' });
  assert.equal(saved.status, 'waiting_for_quality');
}

async function waiting(): Promise<void> {
  const reviewer: PersonaTemplate = await agents.loadPersona(join(PACKAGE, 'personas/reviewer.md'));
  const joined = await agents.instantiateAgent(project, {
    templateName: reviewer.name,
    templatePath: reviewer.path,
    acceptanceCriteria: { ...reviewer.config, lintPass: false, formatPass: false },
    priority: 2,
  });
  assert.equal(joined.status, 'idle');
  await finance.enterPollingMode(project.id);
  assert.equal(await engine.getProjectStatus(project.id), 'waiting_for_credits');
  await finance.exitPollingMode(project.id);
  await engine.pauseProject(project.id);
  assert.equal(await engine.getProjectStatus(project.id), 'paused');
  await engine.resumeProject(project.id, { budget: 6 });
  assert.equal(await engine.getProjectStatus(project.id), 'active');
}

async function judged(): Promise<void> {
  const gate: QualityReport = await agents.validateQualityGates(engineer);
  assert.equal(gate.passed, true);
  const list = await projects.auditTaskList(project.id);
  assert.deepEqual(list.tasks.map(({ status }) => status).sort(), ['completed', 'skipped']);
  const metrics: ProjectMetrics = await engine.getProjectMetrics(project.id);
  assert.equal(metrics.tasks.proved, 1);
  const report: ProgressReport = await projects.generateProgressReport(project.id);
  assert.equal(report.tasks.proved[0]?.title, 'Make add add');
  assert.ok(report.money.totalSpent > 0.5);
}

async function repository(): Promise<void> {
  const name = git.generateBranchName(project.workBranch, 'Try it; rm -rf /');
  const folder = await git.createWorktree(project.worktreePath, name);
  assert.equal(await git.validateWorktree(folder), true);
  await git.createBranch(folder, `${name}-kept`);
  await refused('branch_taken', git.createBranch(folder, name));
  writeFileSync(join(folder, 'note.md'), 'a note\n');
  const commit = await git.commitChanges(folder, 'Note it');
  assert.match(commit, /^[0-9a-f]{40}$/);
  assert.equal(await git.commitChanges(folder, 'Nothing'), commit);
  await git.preventPush(folder);
  assert.throws(() => execFileSync('git', ['-C', folder, 'push', 'origin', 'HEAD'], { stdio: 'pipe' }));
  assert.deepEqual(await git.getBranchLineage(project.workBranch), [project.workBranch]);
  await refused('worktree_in_use', git.deleteWorktree(project.worktreePath));
  await refused('not_a_worktree', git.deleteWorktree(REPOSITORY));
  await git.deleteWorktree(folder);
  assert.equal(await git.validateWorktree(folder), false);
}

/** A fork by its owner; of the children a worker makes an end, and one is merged by hand. */
async function decision(): Promise<void> {
  const option = { description: '', estimatedEffort: 'low' };
  const options = [
    { ...option, label: 'Plus', confidence: 0.5 },
    { ...option, label: 'Loop', confidence: 0.4 },
  ];
  const sure = await engine.createBranches(project.id, { question: 'How?', confidence: 0.9, options });
  assert.deepEqual(
    sure.map(({ id }) => id),
    [project.id],
  );
  const children = await engine.createBranches(project.id, { question: 'How?', confidence: 0.2, options });
  assert.deepEqual(
    children.map(({ parentProjectId }) => parentProjectId),
    [project.id, project.id],
  );
  assert.ok(children.every(({ settings }) => (settings.budget ?? 9) < 3));
  const [child, other] = children;
  assert.ok(child !== undefined && other !== undefined);
  await engine.terminateProject(child.id, 'Enough.');
  // A decision all of whose branches have ended is over by itself.
  await engine.pauseProject(other.id);
  const worker = spawn(process.execPath, [join(PACKAGE, 'dist/bin/df.js'), 'worker'], { stdio: 'ignore' });
  try {
    while (!(await engine.getProjectMetrics(child.id)).settled) await sleep(50);
    await refused('not_its_parent', engine.mergeBranch(child.id, child.id));
    const { parent } = await engine.mergeBranch(child.id, project.id);
    assert.equal(parent.id, project.id);
    await engine.terminateProject(project.id, 'Seen enough.');
    assert.equal(await engine.getProjectStatus(project.id), 'failed');
  } finally {
    worker.kill('SIGTERM');
    await new Promise((resolve) => worker.once('exit', resolve));
  }
  assert.equal(readFileSync(join(REPOSITORY, 'sum.js'), 'utf8').includes('a - b'), true);
}
