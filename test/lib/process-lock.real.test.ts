import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LockTimeout, withProcessLock } from '../../src/lib/process-lock.ts';
import { until } from '../support/until.ts';

const WORKER = fileURLToPath(new URL('./process-lock-worker.ts', import.meta.url));
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

function worker(rounds: number): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', WORKER, folder, String(rounds)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

it('lets one process at a time work: no count is lost between four', async () => {
  await writeFile(join(folder, 'count'), '0');
  const workers = [1, 2, 3, 4].map(() => worker(25));
  await Promise.all(workers.map((child) => once(child, 'exit')));
  expect(await readFile(join(folder, 'count'), 'utf8')).toBe('100');
  expect((await readdir(folder)).filter((name) => name.startsWith('lock-'))).toHaveLength(1);
});

it('passes from a holder that was killed to exactly one other, which is told', async () => {
  await writeFile(join(folder, 'count'), '0');
  const doomed = worker(-1);
  await until(async () => (await readFile(join(folder, 'holding'), 'utf8').catch(() => '')) !== '');
  doomed.kill('SIGKILL');
  await once(doomed, 'exit');
  const told: boolean[] = [];
  let inside = 0;
  await Promise.all(
    [1, 2, 3].map(() =>
      withProcessLock(folder, 'lock', async ({ takenOver }) => {
        inside += 1;
        expect(inside).toBe(1);
        told.push(takenOver);
        await readdir(folder);
        inside -= 1;
      }),
    ),
  );
  expect(told).toEqual([true, false, false]);
});

it('gives up at the deadline while somebody lives and holds it', async () => {
  await withProcessLock(folder, 'lock', async () => {
    await expect(withProcessLock(folder, 'lock', async () => 'in', { deadline: 60 })).rejects.toThrow(
      LockTimeout,
    );
  });
});

it('is taken from a living holder that hangs for longer than the longest hold', async () => {
  await withProcessLock(folder, 'lock', async () => {
    expect(await withProcessLock(folder, 'lock', async (lock) => lock, { maxHold: 20 })).toEqual({
      takenOver: true,
    });
  });
  // The late release of the one that hung takes nothing from the next holder.
  expect(await withProcessLock(folder, 'lock', async (lock) => lock)).toEqual({ takenOver: false });
});

it('is free again after work that threw', async () => {
  await expect(
    withProcessLock(folder, 'lock', async () => {
      throw new Error('work');
    }),
  ).rejects.toThrow('work');
  expect(await withProcessLock(folder, 'lock', async () => 'next')).toBe('next');
});
