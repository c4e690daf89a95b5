import { spawnSync } from 'node:child_process';
import { lutimes, readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProcesses, type Processes } from '../../../src/lib/process/process.ts';
import { createDocument } from '../../../src/state/documents/document.ts';
import { clearDeadLocks, createLocks } from '../../../src/state/files/lock.ts';
import { checkChain } from '../../../src/state/logs/chain-check.ts';
import { createLog } from '../../../src/state/logs/log-store.ts';
import { until } from '../../support/until.ts';
import { type Children, compileChildren } from '../children.ts';
import { EMPTY_PILE, type Pile, pile, stateDeps, stone, stoneChain, withFolder } from '../support.ts';
import { elsewhere, locks } from './lock-support.ts';

let script: Children;
beforeAll(async () => {
  script = await compileChildren();
});
afterAll(() => script.remove());

const hasPython = process.platform === 'linux' && spawnSync('python3', ['--version']).status === 0;

describe('a lock between processes', () => {
  it('A06 suspend-resume: a holder that is suspended at whatever moment is given up, and nothing of it or of others is lost, doubled or torn', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'x');
      const deps = stateDeps({ silentMs: 40, observeMs: 20 });
      const document = createDocument<Pile>(deps, { file, schema: pile, initial: EMPTY_PILE });
      const log = createLog(deps, { file: `${file}.jsonl`, schema: stone, chain: stoneChain(file) });
      const child = await script.start('both', file, '1');
      const own: string[] = [];
      try {
        for (let round = 1; round <= 40; round += 1) {
          await sleep(Math.random() * 25);
          child.process.kill('SIGSTOP');
          for (const name of [`${round}a`, `${round}b`]) {
            await document.update((now) => ({ ...now, stones: [...now.stones, name] }));
            await log.append({ n: -round, text: name });
            own.push(name);
          }
          child.process.kill('SIGCONT');
        }
        const before = child.lines().length;
        await Promise.race([
          until(() => child.lines().length > before + 3),
          child.ended.then((code) => {
            throw new Error(`the child ended with ${code}: ${child.problems()}`);
          }),
        ]);
      } finally {
        await child.kill();
      }
      const said = (what: string) =>
        child
          .lines()
          .flatMap((line) => (line.startsWith(`${what} `) ? [Number(line.slice(what.length + 1))] : []));
      const { stones } = await document.get();
      expect(stones.filter((name) => !name.startsWith('child'))).toEqual(own);
      const fromChild = stones
        .filter((name) => name.startsWith('child'))
        .map((name) => Number(name.slice(6)));
      expect(fromChild).toEqual([...new Set(fromChild)].sort((a, b) => a - b));
      expect(fromChild).toEqual(expect.arrayContaining(said('document')));
      const entries = await log.readAll();
      expect(entries.flatMap(({ n, text }) => (n < 0 ? [text] : []))).toEqual(own);
      const lines = entries.flatMap(({ n }) => (n > 0 ? [n] : []));
      expect(lines).toEqual([...new Set(lines)].sort((a, b) => a - b));
      expect(lines).toEqual(expect.arrayContaining(said('log')));
      expect((await checkChain(stoneChain(file))).findings).toEqual([]);
      expect(said('refused').length).toBeGreaterThan(0);
      await clearDeadLocks(folder, deps.locks);
      expect((await readdir(folder)).sort()).toEqual(['x', 'x.head', 'x.jsonl']);
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

  it('many processes, some of them killed inside: never two at once, and no work of the others is lost', () =>
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
    }));
});

/** A holder gives a sign a hundred times before it counts as silent: the machine may have other work. */
const SIGNS = { silentMs: 2_500, timeoutMs: 5_000 } as const;

// They wait for real times. As those of one machine.
describe.concurrent('a lock of another machine', () => {
  it('that is old by its time holds while it is renewed, whatever its clock says', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'x');
      await symlink(elsewhere, `${file}.lock`);
      let second = 1_000_000;
      const renewing = setInterval(() => {
        second += 1;
        lutimes(`${file}.lock`, new Date(second), new Date(second)).catch(() => {});
      }, 20);
      await expect(
        locks({ ...SIGNS, observeMs: 2_500 }).withLock(file, async () => {}),
      ).rejects.toMatchObject({
        code: 'lock_timeout',
      });
      clearInterval(renewing);
    }));

  it('is kept alive by its holder, however long it takes', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'x');
      const real = createProcesses();
      const abroad: Processes = { ...real, self: async () => ({ ...(await real.self()), host: 'abroad' }) };
      const waiter = { observeMs: 2_500, ...SIGNS };
      await createLocks(abroad, { refreshMs: 25 }).withLock(file, async () => {
        await expect(locks(waiter).withLock(file, async () => {})).rejects.toMatchObject({
          code: 'lock_timeout',
        });
      });
      await createLocks(abroad, { refreshMs: 60_000 }).withLock(file, async () => {
        expect(await locks({ ...waiter, timeoutMs: 60_000 }).withLock(file, async () => 'in')).toBe('in');
      });
    }));
});
