import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type { Check } from '../../../src/factory/diagnosis/check.ts';
import type { Health } from '../../../src/producers/health/examine.ts';
import { type Scenario, scenario } from '../../support/scenario.ts';
import { until } from '../../support/until.ts';

const top = fileURLToPath(new URL('../../../', import.meta.url));

/** A worker of this program as another version would be: the whole of it, with another number. */
async function workerOfVersion(s: Scenario, version: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'df-version-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const name of ['dist', 'personas', 'package.json'])
    await cp(join(top, name), join(folder, name), { recursive: true });
  await symlink(join(top, 'node_modules'), join(folder, 'node_modules'));
  const file = join(folder, 'package.json');
  const about = JSON.parse(await readFile(file, 'utf8')) as object;
  await writeFile(file, JSON.stringify({ ...about, version }));
  const child = spawn(process.execPath, [join(folder, 'dist/bin/df.js'), 'worker'], {
    env: { ...s.env, PATH: process.env['PATH'] ?? '', HOME: s.home, DF_HOME: s.home, TMPDIR: tmpdir() },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const exited = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await exited;
  });
  await until(
    () => said.includes('is ready'),
    60_000,
    () => `a worker of ${version}: ${said}`,
  );
}

test('df doctor and df health name workers of another version, how many there are, and what to do', async () => {
  const s = await scenario();
  const { version: own } = JSON.parse(await readFile(join(top, 'package.json'), 'utf8')) as {
    version: string;
  };
  const workers = async () => {
    const { checks } = JSON.parse((await s.df('doctor', '--json')).stdout) as { checks: Check[] };
    return checks.filter(({ name }) => name === 'workers');
  };
  const health = async () => JSON.parse((await s.df('health', '--json')).stdout) as Health;
  await s.worker();
  expect(await workers()).toEqual([{ name: 'workers', status: 'ok', detail: `1 of version ${own}` }]);
  expect(await health()).toMatchObject({ version: own, workers: 1, workerVersions: { [own]: 1 } });

  await workerOfVersion(s, '0.0.1');
  const problem = `workers of another version than this program (${own}) are connected: 1 of 0.0.1, 1 of ${own}`;
  expect(await workers()).toEqual([
    {
      name: 'workers',
      status: 'warn',
      detail: problem,
      remedy: expect.stringContaining(`Start workers of ${own} and end those of 0.0.1 with SIGTERM`),
    },
  ]);
  const { workers: count, workerVersions, problems } = await health();
  expect({ count, workerVersions }).toEqual({ count: 2, workerVersions: { '0.0.1': 1, [own]: 1 } });
  expect(problems.filter(({ part }) => part === 'workers')).toMatchObject([
    { severity: 'degraded', message: expect.stringContaining('1 of 0.0.1') },
  ]);
});
