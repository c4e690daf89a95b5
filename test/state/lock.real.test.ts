import { spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProcesses } from '../../src/state/process.ts';
import { until } from '../support/until.ts';
import { type Children, compileChildren } from './children.ts';
import { stateDeps, withFolder } from './support.ts';

let script: Children;
beforeAll(async () => {
  script = await compileChildren();
});
afterAll(() => script.remove());

const hasPython = process.platform === 'linux' && spawnSync('python3', ['--version']).status === 0;

describe('a lock between processes', () => {
  it('A06 suspend-resume: a suspended holder still holds; once it is killed the lock is free', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'x');
      const child = await script.start('hold', file);
      try {
        await until(() => child.lines()[0] === 'held');
        child.process.kill('SIGSTOP');
        await expect(
          stateDeps({ timeoutMs: 500 }).locks.withLock(file, async () => {}),
        ).rejects.toMatchObject({
          code: 'lock_timeout',
          message: expect.stringContaining(`process ${child.process.pid}`),
        });
      } finally {
        await child.kill();
      }
      expect(await stateDeps({ timeoutMs: 5_000 }).locks.withLock(file, async () => 'in')).toBe('in');
      expect(await readdir(folder)).toEqual([]);
    }));

  it.skipIf(!hasPython)('a process of which a thread still ends its last call is alive', () =>
    withFolder(async () => {
      const { spawn } = await import('node:child_process');
      // Its first thread is gone, which makes it a zombie as long as the other one sleeps.
      const program =
        'import ctypes,threading,time\nthreading.Thread(target=time.sleep,args=(60,)).start()\nctypes.CDLL(None).pthread_exit(None)';
      const child = spawn('python3', ['-c', program], { stdio: 'ignore' });
      const exited = new Promise((done) => child.once('exit', done));
      try {
        const { pid = 0 } = child;
        await until(async () => (await readFile(`/proc/${pid}/stat`, 'utf8')).includes(') Z '));
        const holder = { ...(await createProcesses().self()), pid, startedAt: 'unknown' };
        expect(await createProcesses().liveness(holder)).toBe('alive');
        child.kill('SIGKILL');
        await exited;
        expect(await createProcesses().liveness(holder)).toBe('dead');
      } finally {
        child.kill('SIGKILL');
        await exited;
      }
    }),
  );

  it('a killed process that nobody has reaped yet is dead', () =>
    withFolder(async (folder) => {
      const { spawn } = await import('node:child_process');
      // The shell starts a child that ends at once, and becomes a sleep, which never asks for its child's end.
      const shell = spawn('/bin/sh', ['-c', 'true & echo $!; exec sleep 60'], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      try {
        const pid = Number(
          await new Promise((done) => shell.stdout.once('data', (data) => done(String(data)))),
        );
        const self = await createProcesses().self();
        await until(async () =>
          (await createProcesses().liveness({ ...self, pid, startedAt: 'unknown' })) === 'dead'
            ? true
            : undefined,
        );
      } finally {
        shell.kill('SIGKILL');
        await new Promise((done) => shell.once('close', done));
      }
      expect(await readdir(folder)).toEqual([]);
    }));

  it(
    'many processes, some of them killed inside: never two at once, and no work of the others is lost',
    () =>
      withFolder(async (folder) => {
        const file = join(folder, 'count');
        const rounds = Array.from({ length: 3 }, async () => {
          const steady = await script.start('guarded', file, '60');
          const doomed = await script.start('guarded', file, '1000000');
          await until(() => doomed.lines().length > 3);
          await sleep(Math.random() * 100);
          await doomed.kill();
          expect(await steady.ended).toBe(0);
          return [...steady.lines(), ...doomed.lines()];
        });
        const said = (await Promise.all(rounds)).flat();
        expect(said.filter((line) => line.startsWith('VIOLATION'))).toEqual([]);
        const count = Number(await readFile(file, 'utf8'));
        expect(count).toBeGreaterThanOrEqual(said.length);
        expect(count).toBeLessThanOrEqual(said.length + 3);
        expect(await stateDeps({ timeoutMs: 5_000 }).locks.withLock(file, async () => 'in')).toBe('in');
        expect((await readdir(folder)).filter((name) => name.includes('.lock'))).toEqual([]);
      }),
    120_000,
  );
});
