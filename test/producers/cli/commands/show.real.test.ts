import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FactoryEvent } from '../../../../src/factory/model/event.ts';
import type { Project } from '../../../../src/factory/model/project.ts';
import type { WorkDiff } from '../../../../src/factory/report/work-diff.ts';
import type { TranscriptStep } from '../../../../src/factory/transcript/transcript.ts';
import { controls } from '../../../support/controls.ts';
import { call, calls, type Step, sequence, taskIds } from '../../../support/model.ts';
import { commandHere } from '../../../support/processes/command.ts';
import { startDf } from '../../../support/processes/processes.ts';
import { MEND_SUM, openScenario, type Scenario } from '../../../support/scenario.ts';

const KEY = 'sk-proj-abcdefghijklmnopqrstuvwxyz123456';
/** What an agent could write to steer a terminal, beside a key that it found somewhere. */
const HOSTILE = `printf '\\033]0;title\\007\\033[31mred\\033[0m\\n'; echo ${KEY}; seq 1 5000; printf 'caf\\303\\251 \\350\\250\\255\\n'`;
const FILES = "printf 'a\\000b' > data.bin; seq 1 50000 > long.txt; printf 'x' > 'na me ф.txt'";

const WORK: Step[] = [
  MEND_SUM[0] as Step,
  calls(['bash', { command: HOSTILE }], ['bash', { command: FILES }], ['read_file', { path: 'none.js' }]),
  (turn) => call('update_task', { id: taskIds(turn)[0] ?? '', status: 'in_progress' }),
  ...MEND_SUM.slice(2),
];

let s: Scenario;
let project: Project;
let followed: { stdout: string; code: number | null };
let waited: { stderr: string; code: number | null };
const closers: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  s = await openScenario({ script: sequence(WORK) }, (close) => closers.push(close));
  project = await s.init('fix', '--budget', '5');
  await s.worker();
  const at = { home: s.home, env: s.env, cwd: s.repository.dir };
  const waiting = startDf(['start', 'fix', '--wait'], at);
  const following = startDf(['show', 'fix', '-f'], at);
  [waited, followed] = await Promise.all([waiting.exited, following.exited]);
});

afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

const onTerminal = (columns: number, ...args: string[]) =>
  commandHere(args, { home: s.home, env: { ...s.env, NO_COLOR: '1' }, cwd: s.repository.dir, columns });

describe('the transcript', () => {
  test('has every step with its words, calls, results and commits', async () => {
    const steps = await s.json<TranscriptStep[]>('show', 'fix');
    const own = steps.filter(({ persona }) => persona === 'engineer');
    expect(own.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(own[1]).toMatchObject({
      ...{ provider: 'main', model: 'scripted-1', outcome: 'continue', text: expect.any(String) },
      calls: [
        { name: 'bash', arguments: { command: expect.stringContaining('seq 1 5000') }, isError: false },
        { name: 'bash', isError: false },
        { name: 'read_file', arguments: { path: 'none.js' }, isError: true },
      ],
    });
    expect(own[1]?.calls[0]?.output).toMatch(/bytes left out/);
    expect(own[1]?.calls[0]?.outputFile).toMatch(/^output\//);
    expect(own[5]?.commits).toMatchObject([{ files: expect.arrayContaining(['sum.js', 'data.bin']) }]);
    expect(own.reduce((sum, { cost }) => sum + cost, 0)).toBeGreaterThan(0);
    const total = steps.reduce((sum, { tokens }) => sum + tokens, 0);
    expect(total).toBe((await s.project(project.id)).tokensUsed);
  });

  test('A66 ansi-log: holds no key and nothing that a terminal obeys, in words and in the document', async () => {
    for (const args of [
      ['show', 'fix'],
      ['show', 'fix', '2'],
      ['show', 'fix', '--json'],
      ['logs', 'fix', '--json'],
    ]) {
      const { code, stdout, stderr } = await s.df(...args);
      expect([code, stdout.includes(KEY), controls(stdout).length], stderr).toEqual([0, false, 0]);
    }
  });

  test('is short for a night and whole for a step, and fits a terminal of 60 columns', async () => {
    const night = (await s.df('show', 'fix')).stdout;
    expect(night).toMatch(/\$ printf .*\n {4}exit code: 0\n/);
    expect(night).toMatch(/› edit_file sum\.js\n {4}- a - b\n {4}\+ a \+ b\n/);
    expect(night).toMatch(/committed [0-9a-f]{12} {2}.*sum\.js/);
    expect(night.split('\n').length).toBeLessThan(120);
    const step = (await s.df('show', 'fix', 'engineer/2')).stdout;
    expect(step.split('\n').length).toBeGreaterThan(500);
    expect(step).toContain('whole output: output/');
    const narrow = (await onTerminal(60, 'show', 'fix', '4')).stdout.split('\n');
    expect(narrow.filter((line) => [...line].length > 60)).toEqual([]);
    expect((await s.df('show', 'engineer/2')).stdout, 'the only project').toBe(step);
    expect(await s.df('show', '99')).toMatchObject({ code: 3, stderr: expect.stringContaining('99') });
    expect(await s.df('show', 'fix', '99')).toMatchObject({ code: 3 });
    expect(await s.df('show', 'fix', 'x')).toMatchObject({ code: 2 });
  });

  test('is followed live, each part once, to the end of the project', async () => {
    expect(followed.code).toBe(0);
    for (const part of [
      'engineer, step 1 ',
      'engineer, step 7 ',
      'claims to be done',
      'factory-auditor, step 1 ',
    ])
      expect([part, followed.stdout.split(part).length - 1]).toEqual([part, 1]);
    const lines = (await s.df('show', 'fix', '-f', '--json')).stdout.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as TranscriptStep).step)).toEqual([1, 2, 3, 4, 5, 6, 7, 1]);
  });
});

test('the log names command or path of every call, and its document has the whole arguments', async () => {
  const text = (await s.df('logs', 'fix')).stdout;
  expect(text).toMatch(/tool\.ran .* bash printf .* \(done\)/);
  expect(text).toMatch(/tool\.ran .* read_file none\.js \(failed\)/);
  const lines = (await s.df('logs', 'fix', '--json')).stdout.trim().split('\n');
  const events = lines.map((line) => JSON.parse(line) as FactoryEvent & { data?: { arguments?: unknown } });
  const ran = events.filter(({ type }) => type === 'tool.ran');
  expect(ran.map(({ data }) => data?.arguments)).toContainEqual({ command: FILES });
});

test('progress without a terminal is a line for each thing, with model, task, command, diff and budget', () => {
  expect(waited.code).toBe(0);
  const lines = waited.stderr.split('\n');
  expect(lines.some((line) => line.includes('baseline gate: 0 of 1 passed'))).toBe(true);
  expect(lines.some((line) => /engineer · step \d · \w+ · \$0\.\d+ of \$5\.00 .*scripted-1/.test(line))).toBe(
    true,
  );
  expect(waited.stderr).toMatch(/ · task 1 of 1 “Make add add” · .*scripted-1 · \w+/);
  expect(waited.stderr).toMatch(/completed · .* · \+50,002 -1\n/);
  expect(controls(waited.stderr)).toEqual([]);
});

describe('the diff', () => {
  test('is that from base to branch, with binary and long files, while it works and after its end', async () => {
    const diff = await s.json<WorkDiff>('diff', 'fix');
    expect(diff).toMatchObject({ base: project.baseCommit, head: expect.stringMatching(/^[0-9a-f]{40}$/) });
    expect(diff.files).toEqual([
      { path: 'data.bin', added: 0, removed: 0, binary: true },
      { path: 'long.txt', added: 50_000, removed: 0 },
      { path: 'na me ф.txt', added: 1, removed: 0 },
      { path: 'sum.js', added: 1, removed: 1 },
    ]);
    expect([diff.added, diff.removed]).toEqual([50_002, 1]);
    const patch = (await s.df('diff', 'fix')).stdout;
    expect(patch).toContain('\n-export const add = (a, b) => a - b;\n+export const add = (a, b) => a + b;\n');
    expect(patch.split('\n').length).toBeGreaterThan(50_000);
    expect((await s.df('diff', 'fix', '--stat')).stdout).toMatch(
      /4 files changed, 50,002 lines added, 1 removed/,
    );
  });

  test('is empty before the work, and refused where the branch is gone', async () => {
    const other = await s.init('other');
    expect(await s.json('diff', 'other')).toMatchObject({
      base: other.baseCommit,
      head: other.baseCommit,
      files: [],
    });
    const git = s.repository.git;
    await git('update-ref', '-d', `refs/heads/${project.workBranch}`);
    const { code, stderr } = await s.df('diff', 'fix', '--json');
    expect([code, JSON.parse(stderr)]).toMatchObject([1, { error: { code: 'branch_missing' } }]);
  });
});

test('tables fit a terminal of 60 columns, and the cost is there', async () => {
  for (const args of [['list'], ['provider', 'list'], ['costs', 'fix'], ['persona', 'list']]) {
    const { stdout } = await onTerminal(60, ...args);
    expect([args, stdout.split('\n').filter((line) => [...line].length > 60)]).toEqual([args, []]);
  }
  expect((await onTerminal(60, 'list')).stdout).toMatch(/COST[\s\S]*\$0\.\d/);
});
