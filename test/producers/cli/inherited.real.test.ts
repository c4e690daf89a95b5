import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { makeHome } from '../../support/home.ts';
import { processesOf } from '../../support/processes/process-list.ts';
import { until } from '../../support/until.ts';

const PROGRAM = fileURLToPath(new URL('../../../dist/bin/df.js', import.meta.url));

/** The places of a process's open files. */
function openFiles(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`);
      } catch {
        return '';
      }
    });
  } catch {
    return [];
  }
}

test('A80 inherited-descriptors: what the starting shell left open reaches neither worker nor its children, and its lock lives as long as the worker', async () => {
  const { home, cleanup } = await makeHome();
  onTestFinished(cleanup);
  const [secret, lock] = [join(home, 'outside.txt'), join(home, 'night.lock')];
  await writeFile(secret, 'outside');
  // As a line of a crontab might: the shell becomes the worker, so nobody else holds the lock.
  const script = `exec 20<'${secret}' 99<>'${secret}' 150<'${home}' 200>'${lock}'; flock -n 200 || exit 9; exec '${process.execPath}' '${PROGRAM}' worker`;
  const worker = spawn('bash', ['-c', script], {
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: home,
      TMPDIR: process.env['TMPDIR'] ?? '/tmp',
      DF_HOME: home,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(worker, 'exit');
  let said = '';
  worker.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await until(
    () => said.includes('is ready') || worker.exitCode !== null,
    60_000,
    () => said,
  );
  const locked = async () => (await once(spawn('flock', ['-n', lock, 'true']), 'exit'))[0] !== 0;

  const pid = worker.pid ?? 0;
  const all = processesOf(home).map((each) => each.pid);
  expect(all).toContain(pid);
  for (const each of [pid, ...all]) expect(openFiles(each)).not.toContain(secret);
  expect(openFiles(pid)).not.toContain(home);
  expect(openFiles(pid)).not.toContain(lock);
  expect(await locked()).toBe(true);
  expect(await readFile(secret, 'utf8')).toBe('outside');

  worker.kill('SIGTERM');
  await ended;
  await until(async () => !(await locked()), 10_000, 'the lock is free');
});
