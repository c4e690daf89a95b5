import { writeFile } from 'node:fs/promises';
import { onTestFinished } from 'vitest';
import type { CostSummary } from '../../src/factory/finance/costs.ts';
import type { Project } from '../../src/factory/project/project.ts';
import type { TaskList } from '../../src/factory/tasks/task.ts';
import { makeHome, type TestHome } from './home.ts';
import {
  byPrompt,
  call,
  calls,
  type Script,
  type ScriptedModel,
  type ScriptedModelOptions,
  sequence,
  type Step,
  startScriptedModel,
  taskIds,
} from './model.ts';
import { type DfResult, runDf, type RunningDf, startDf } from './processes.ts';
import { startRedis, type TestRedis } from './redis.ts';
import { makeRepository, type TestRepository } from './repository.ts';

/** A repository with one failing test: `add` subtracts. */
export const BROKEN_SUM: Record<string, string> = {
  'package.json': JSON.stringify({ name: 'sum', type: 'module', scripts: { test: 'node --test' } }),
  'sum.js': 'export const add = (a, b) => a - b;\n',
  'test/sum.test.js':
    "import assert from 'node:assert';\nimport test from 'node:test';\nimport { add } from '../sum.js';\n\ntest('adds', () => assert.equal(add(2, 3), 5));\n",
};

/** What an honest agent does with it: plan, look, mend, run the tests, claim, finish. */
export const MEND_SUM: Step[] = [
  call('add_tasks', {
    tasks: [
      {
        title: 'Make add add',
        description: 'add(2, 3) must be 5.',
        criteria: [{ name: 'tests pass', command: 'node --test' }],
      },
    ],
  }),
  calls(['bash', { command: 'node --test; git status --short' }], ['read_file', { path: 'sum.js' }]),
  call('edit_file', { path: 'sum.js', old_text: 'a - b', new_text: 'a + b' }),
  call('bash', { command: 'node --test' }),
  (turn) =>
    call('update_task', { id: taskIds(turn)[0] ?? '', status: 'completed', note: 'The sign was wrong.' }),
  call('finish', { summary: 'add adds.' }),
];

/** Settings that let a test wait for little. */
const QUICK = [
  'pollingInterval: 1s',
  'workers:',
  '  lockDuration: 4s',
  '  stalledInterval: 1s',
  '  reconcileInterval: 1s',
  '  grace: 10s',
  '  heartbeat: 1s',
];

/** The disk of the machine that runs the tests may be as full as it likes, but for tests that are about it. */
const ANY_DISK = ['limits:', '  diskFree: 0'];

const settings = (own: readonly string[]) => [...QUICK, ...(own.includes('limits:') ? [] : ANY_DISK), ...own];

export interface Scenario {
  home: string;
  redis: TestRedis;
  repository: TestRepository;
  model: ScriptedModel;
  env: Record<string, string>;
  df(...args: string[]): Promise<DfResult>;
  /** Runs `df … --json` and parses its output; throws with both streams when it fails. */
  json<T>(...args: string[]): Promise<T>;
  /** A worker process that is ready; killed when the test ends. */
  worker(...args: string[]): Promise<RunningDf>;
  init(name: string, ...args: string[]): Promise<Project>;
  tasks(id: string): Promise<TaskList>;
  costs(id: string): Promise<CostSummary>;
}

export interface ScenarioOptions {
  script?: Script;
  model?: Partial<ScriptedModelOptions>;
  files?: Record<string, string>;
  vendor?: 'openai' | 'anthropic' | 'custom';
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
  const df: Scenario['df'] = (...args) =>
    runDf(args, { home: home.home, env, cwd: repository.dir, deadline: 120_000 });
  const json = async <T>(...args: string[]): Promise<T> => {
    const result = await df(...args, '--json');
    if (result.code !== 0)
      throw new Error(`df ${args.join(' ')}: exit ${result.code}\n${result.stdout}\n${result.stderr}`);
    return JSON.parse(result.stdout) as T;
  };
  const baseUrl = vendor === 'anthropic' ? model.url : `${model.url}/v1`;
  await json(
    ...['provider', 'add', '--name', vendor, '--id', 'main', '--model', 'scripted-1', '--base-url', baseUrl],
    ...['--api-key', 'sk-test-0123456789abcdef', '--price-in', '1', '--price-out', '2', '--credits', '100'],
  );
  return {
    home: home.home,
    redis,
    repository,
    model,
    env,
    df,
    json,
    async worker(...args) {
      const running = startDf(['worker', ...args], { home: home.home, env, cwd: repository.dir });
      onClose(() => running.stop());
      await running.says('is ready');
      return running;
    },
    init: (name, ...args) =>
      json<Project>('init', name, '--description', `Mend ${name}.`, '--no-lint', '--no-format', ...args),
    tasks: (id) => json<TaskList>('tasks', id),
    costs: (id) => json<CostSummary>('costs', id),
  };
}

export { byPrompt, call, calls, sequence, taskIds };
