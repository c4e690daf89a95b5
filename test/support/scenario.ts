import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { CostSummary } from '../../src/factory/finance/books/costs.ts';
import type { AgentState } from '../../src/factory/model/agent.ts';
import type { QualityReport } from '../../src/factory/model/gates/gate-report.ts';
import type { JournalEntry } from '../../src/factory/model/journal.ts';
import type { Project } from '../../src/factory/model/project.ts';
import type { TaskList } from '../../src/factory/model/task.ts';
import type { Waiting } from '../../src/factory/model/waiting.ts';
import { createServices, type Services } from '../../src/services.ts';
import { makeHome, type TestHome } from './home.ts';
import { jsonLines, type Looks, looks } from './looks.ts';
import {
  byPrompt,
  call,
  calls,
  type Script,
  type ScriptedModel,
  type ScriptedModelOptions,
  type Step,
  sequence,
  startScriptedModel,
  taskIds,
} from './model.ts';
import { commandHere } from './processes/command.ts';
import { type DfResult, type RunningDf, runDf, startDf } from './processes/processes.ts';
import { startRedis, type TestRedis } from './redis.ts';
import { makeRepository, type TestRepository } from './repository.ts';

/** A repository with one failing test: `add` subtracts. */
export const BROKEN_SUM: Record<string, string> = {
  'package.json': JSON.stringify({ name: 'sum', type: 'module', scripts: { test: 'node --test' } }),
  'sum.js': 'export const add = (a, b) => a - b;\n',
  'test/sum.test.js':
    "import assert from 'node:assert';\nimport test from 'node:test';\nimport { add } from '../sum.js';\n\ntest('adds', () => assert.equal(add(2, 3), 5));\n",
};

/**
 * What proves it in most scenarios. npm and the test runner of Node take half a second of a processor each time, and a project
 * runs its test ten times: those that are about them name the command themselves.
 */
export const SUM_TEST = "grep 'a + b' sum.js";

/** What an honest agent does with it: plan, look, fix, run the tests, claim, finish. */
export const MEND_SUM: Step[] = [
  call('add_tasks', {
    tasks: [
      {
        title: 'Make add add',
        description: 'add(2, 3) must be 5.',
        criteria: [{ name: 'tests pass', command: SUM_TEST }],
      },
    ],
  }),
  calls(['bash', { command: `${SUM_TEST}; git status --short` }], ['read_file', { path: 'sum.js' }]),
  call('edit_file', { path: 'sum.js', old_text: 'a - b', new_text: 'a + b' }),
  call('bash', { command: SUM_TEST }),
  (turn) =>
    call('update_task', { id: taskIds(turn)[0] ?? '', status: 'completed', note: 'The sign was wrong.' }),
  call('finish', { summary: 'add adds.' }),
];

/** Settings that let a test wait for little. */
const QUICK = [
  'pollingInterval: 1s',
  'workers:',
  '  lockDuration: 4s',
  '  stalledInterval: 2s',
  '  reconcileInterval: 2s',
  '  grace: 10s',
  '  heartbeat: 2s',
];

/** The disk of the machine that runs the tests may be as full as it likes, but for tests that are about it. */
const ANY_DISK = ['limits:', '  diskFree: 0'];

const settings = (own: readonly string[]) => [...QUICK, ...(own.includes('limits:') ? [] : ANY_DISK), ...own];

/** The document of `df status --json`. */
export interface Status {
  project: Project;
  tasks: Record<string, number>;
  agents: AgentState[];
  gate?: QualityReport;
  audit?: { passed: boolean };
  workers: number | null;
  halted?: { reason: string };
  waiting?: Waiting;
  provider?: { id: string; switchedFrom?: string; reason?: string };
}

export interface Scenario extends Looks {
  home: string;
  redis: TestRedis;
  repository: TestRepository;
  model: ScriptedModel;
  env: Record<string, string>;
  /** The services of this process, for looks at the state. */
  services: Services;
  /** Runs a command to its end within this process: the same without the cost of a start. */
  df(...args: string[]): Promise<DfResult>;
  /** Runs `df` as a process of its own. */
  program(...args: string[]): Promise<DfResult>;
  /** `df … --json` within this process, parsed; throws with both streams when it fails. */
  json<T>(...args: string[]): Promise<T>;
  /** A worker process that is ready; killed when the test ends. */
  worker(...args: string[]): Promise<RunningDf>;
  /** Its gate runs `SUM_TEST` in a repository of no files of its own, else what is found there, unless the arguments say so. */
  init(name: string, ...args: string[]): Promise<Project>;
  /** Starts the project, waits for its end, and expects the exit code that says how it ended. */
  ends(id: string, code?: number): Promise<void>;
  status(id: string): Promise<Status>;
  /** The lines of the engineer's journal, also those that a newer lease took over; none before the first. */
  journal(id: string): Promise<JournalEntry[]>;
  tasks(id: string): Promise<TaskList>;
  costs(id: string): Promise<CostSummary>;
}

export interface ScenarioOptions {
  script?: Script;
  model?: Partial<ScriptedModelOptions>;
  files?: Record<string, string>;
  /** `responses`: a model of OpenAI's that answers on that interface alone. */
  vendor?: 'openai' | 'responses' | 'anthropic' | 'custom';
  /** More lines of config.yaml. */
  config?: string[];
}

/** As `openScenario`, gone when the test ends. */
export async function scenario(options: ScenarioOptions = {}): Promise<Scenario> {
  const closers: (() => Promise<unknown>)[] = [];
  onTestFinished(async () => {
    for (const close of closers.reverse()) await close();
  });
  return openScenario(options, (close) => closers.push(close));
}

/**
 * A home with one provider, a repository with a remote, a private Redis and a scripted model.
 *
 * @param onClose is handed what must be done at the end, to be called in reverse order
 */
export async function openScenario(
  options: ScenarioOptions,
  onClose: (close: () => Promise<unknown>) => void,
): Promise<Scenario> {
  const { vendor = 'openai' } = options;
  const home: TestHome = await makeHome();
  onClose(() => home.cleanup());
  const redis = await startRedis({ persistence: 'aof' });
  onClose(() => redis.stop());
  const repository = await makeRepository({ files: options.files ?? BROKEN_SUM, remote: true });
  onClose(() => repository.cleanup());
  const model = await startScriptedModel({ script: options.script ?? sequence(MEND_SUM), ...options.model });
  onClose(() => model.close());
  await writeFile(`${home.home}/config.yaml`, `${settings(options.config ?? []).join('\n')}\n`, {
    mode: 0o600,
  });
  const env = { ...repository.env, REDIS_URL: redis.url };
  const where = { home: home.home, env, cwd: repository.dir };
  const df: Scenario['df'] = (...args) => commandHere(args, where);
  const json = async <T>(...args: string[]): Promise<T> => {
    const result = await df(...args, '--json');
    if (result.code !== 0)
      throw new Error(`df ${args.join(' ')}: exit ${result.code}\n${result.stdout}\n${result.stderr}`);
    return JSON.parse(result.stdout) as T;
  };
  const baseUrl = vendor === 'anthropic' ? model.url : `${model.url}/v1`;
  await json(
    ...['provider', 'add', '--name', vendor === 'responses' ? 'openai' : vendor, '--id', 'main'],
    ...['--model', vendor === 'responses' ? 'gpt-5.1-codex-max' : 'scripted-1', '--base-url', baseUrl],
    ...['--api-key', 'sk-test-0123456789abcdef', '--price-in', '1', '--price-out', '2', '--credits', '100'],
  );
  const services = await createServices({ env: { ...env, DF_HOME: home.home } });
  onClose(() => services.close());
  return {
    home: home.home,
    redis,
    repository,
    model,
    env,
    services,
    df,
    program: (...args) => runDf(args, where),
    json,
    async worker(...args) {
      const running = startDf(['worker', ...args], where);
      onClose(() => running.stop());
      await running.says('is ready');
      return running;
    },
    init(name, ...args) {
      const own = args.includes('--test') || args.includes('--no-test') || options.files !== undefined;
      return json<Project>(
        ...['init', name, '--description', `Fix ${name}.`, '--no-lint', '--no-format'],
        ...[...(own ? [] : ['--test', SUM_TEST]), ...args],
      );
    },
    async ends(id, code = 0) {
      const waited = await df('start', id, '--wait');
      expect(waited.code, waited.stderr).toBe(code);
    },
    status: (id) => json<Status>('status', id),
    ...looks(services.state),
    journal: (id) => jsonLines(join(home.home, 'data/projects', id, 'agents/engineer.jsonl')),
    tasks: (id) => json<TaskList>('tasks', id),
    costs: (id) => json<CostSummary>('costs', id),
  };
}

/** Turns that each take a while, so that there is time to interfere. */
export const slow = (delayMs: number): Script =>
  sequence(MEND_SUM.map((step) => (typeof step === 'function' ? step : { ...step, delayMs })));

export { byPrompt, call, calls, sequence, taskIds };
