import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createKeepAwake } from '../../src/workers/keep-awake.ts';
import { makeHome, type TestHome } from '../support/home.ts';
import { until } from '../support/until.ts';

let folder: TestHome;
let problems: string[];
beforeEach(async () => {
  folder = await makeHome();
  problems = [];
});
afterEach(() => folder.cleanup());

/** A program of that name which puts down its process and what it was told, then does as a real one: it runs the command. */
async function standIn(text: string) {
  const file = join(folder.home, 'systemd-inhibit');
  await writeFile(file, `#!/bin/sh\n${text}\n`);
  await chmod(file, 0o755);
  const env = { PATH: `${folder.home}:${process.env['PATH']}`, OUT: join(folder.home, 'out') };
  const deps = { platform: 'linux' as const, env, pid: process.pid };
  return { ...deps, onProblem: (problem: string) => void problems.push(problem) };
}
const HOLDS = 'echo "$$ $*" >> "$OUT"; exec cat';
const said = () => readFile(join(folder.home, 'out'), 'utf8').catch(() => '');
const pid = async () => Number.parseInt(await said(), 10);
const isThere = (id: number) => {
  try {
    return process.kill(id, 0);
  } catch {
    return false;
  }
};

test('the machine is held awake once while a project works or waits for credits, and let go when all are done', async () => {
  const awake = createKeepAwake(await standIn(HOLDS));
  awake.look([{ status: 'paused' }, { status: 'completed' }]);
  awake.look([{ status: 'paused' }, { status: 'active' }]);
  awake.look([{ status: 'waiting_for_credits' }]);
  await until(async () => (await said()) !== '');
  expect((await said()).trim().split('\n')).toHaveLength(1);
  expect(await said()).toContain('--what=sleep');
  const holder = await pid();
  awake.look([{ status: 'completed' }]);
  await until(() => !isThere(holder));
  expect(problems).toEqual([]);
});

test('a machine that cannot be held awake is told of once', async () => {
  const awake = createKeepAwake(await standIn('echo "Failed to connect to bus" >&2; exit 1'));
  awake.look([{ status: 'active' }]);
  await until(() => problems.length > 0);
  awake.look([{ status: 'active' }]);
  expect(problems).toEqual([expect.stringContaining('Failed to connect to bus')]);
});

test('the machine may sleep again when the worker is killed', async () => {
  const { env } = await standIn(HOLDS);
  const module = new URL('../../src/workers/keep-awake.ts', import.meta.url).href;
  const code = `import(${JSON.stringify(module)}).then(({ createKeepAwake }) => {
    createKeepAwake({ platform: 'linux', env: process.env, pid: process.pid, onProblem() {} }).look([{ status: 'active' }]);
    setInterval(() => {}, 1000);
  });`;
  const worker = spawn(process.execPath, ['--import', 'tsx', '-e', code], { env, stdio: 'ignore' });
  await until(async () => (await said()) !== '');
  const holder = await pid();
  worker.kill('SIGKILL');
  await once(worker, 'exit');
  await until(() => !isThere(holder));
});
