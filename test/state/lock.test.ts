import { lutimes, mkdir, readdir, readFile, readlink, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createProcesses, type Processes } from '../../src/lib/process/process.ts';
import { clearDeadLocks, createLocks, type LockTimings } from '../../src/state/files/lock.ts';
import { openToAppend } from '../../src/state/logs/lines.ts';
import { until } from '../support/until.ts';
import { withFolder } from './support.ts';

const locks = (timings: Partial<LockTimings> = {}) => createLocks(createProcesses(), timings);
const elsewhere = JSON.stringify({ nonce: 'abc', host: 'other-machine/boot/1', pid: 7, startedAt: '9' });
const SHORT: Partial<LockTimings> = { timeoutMs: 150 };
/** Another machine's lock counts as left behind soon. */
const IMPATIENT: Partial<LockTimings> = { timeoutMs: 60_000, silentMs: 200, observeMs: 100 };
/** A holder gives a sign a hundred times before it counts as silent: the machine may have other work. */
const SIGNS = { silentMs: 2_500, timeoutMs: 5_000 } as const;

async function deadHolder(): Promise<string> {
  const { host } = await createProcesses().self();
  // This process's id with another start: the process that took the lock is gone, its number was used again.
  return JSON.stringify({ nonce: 'dead', host, pid: process.pid, startedAt: '1' });
}

async function makeOld(path: string): Promise<void> {
  await lutimes(path, new Date(1_000_000), new Date(1_000_000));
}

// They wait more than they compute, and each has a folder of its own.
describe.concurrent('a lock', () => {
  it('lets one in at a time, in order, also with another set of locks in the same process', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'x');
      const [one, two] = [locks(), locks()];
      let inside = 0;
      const order: number[] = [];
      const enter = (who: ReturnType<typeof locks>, n: number): Promise<void> =>
        who.withLock(file, async () => {
          inside += 1;
          expect(inside).toBe(1);
          await new Promise((done) => setTimeout(done, 1));
          if (who === one) order.push(n);
          inside -= 1;
        });
      await Promise.all(Array.from({ length: 20 }, (_, n) => enter(n % 2 === 0 ? one : two, n)));
      expect(order).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
      expect(await readdir(folder)).toEqual([]);
    }));

  it('is free again after work that failed, and gives its result or failure back', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'x');
      const held = locks();
      await expect(held.withLock(file, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
      expect(await held.withLock(file, async () => 5)).toBe(5);
    }));

  it('that is not free in time says who holds it, and what to do', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'x');
      await locks().withLock(file, async () => {
        await expect(locks(SHORT).withLock(file, async () => {})).rejects.toMatchObject({
          kind: 'environment',
          code: 'lock_timeout',
          message: expect.stringContaining(`process ${process.pid}`),
        });
      });
    }));

  it('a caller that gave up does not hold up the next one', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'x');
      const held = locks();
      let release: (() => void) | undefined;
      const first = held.withLock(
        file,
        () =>
          new Promise<void>((done) => {
            release = done;
          }),
      );
      await until(() => release !== undefined);
      await expect(held.withLock(file, async () => {}, 30)).rejects.toMatchObject({ code: 'lock_timeout' });
      const third = held.withLock(file, async () => 'in');
      release?.();
      await first;
      expect(await third).toBe('in');
    }));

  it('of a dead process is taken over, and its half-written file goes', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'x');
      await symlink(await deadHolder(), `${file}.lock`);
      await writeFile(`${file}.dead.tmp`, 'half');
      expect(await locks(SHORT).withLock(file, () => readdir(folder))).not.toContain('x.dead.tmp');
      expect(await readdir(folder)).toEqual([]);
    }));

  it('of a dead process is cleared away below a folder, with what it had half written; a held one stays', () =>
    withFolder(async (folder) => {
      await mkdir(join(folder, 'agents'));
      const dead = join(folder, 'agents', 'engineer.yaml');
      await symlink(await deadHolder(), `${dead}.lock`);
      await writeFile(`${dead}.dead.tmp`, 'half');
      await locks().withLock(join(folder, 'held'), async () => {
        await clearDeadLocks(folder, locks());
        expect((await readdir(folder)).sort()).toEqual(['agents', 'held.lock']);
      });
      expect(await readdir(join(folder, 'agents'))).toEqual([]);
    }));

  it('that is gone without what was written aside: that is cleared away too, unless somebody holds the file', () =>
    withFolder(async (folder) => {
      const [left, held] = ['left.yaml.0123456789abcdef.tmp', 'held.yaml.0123456789abcdef.tmp'];
      for (const name of [left, held, 'notes.tmp']) await writeFile(join(folder, name), 'half');
      await locks().withLock(join(folder, 'held.yaml'), async () => {
        await clearDeadLocks(folder, locks());
        expect((await readdir(folder)).sort()).toEqual(['held.yaml.lock', held, 'notes.tmp'].sort());
      });
    }));

  it('of a dead process is taken over by one at a time, however many see that it is dead, however late they act', () =>
    withFolder(async (folder) => {
      const real = createProcesses();
      const slow: Processes = {
        self: real.self,
        async liveness(holder) {
          const seen = await real.liveness(holder);
          await new Promise((done) => setTimeout(done, Math.random() * 10));
          return seen;
        },
      };
      for (let round = 0; round < 15; round += 1) {
        const file = join(folder, `x${round}`);
        await symlink(await deadHolder(), `${file}.lock`);
        let inside = 0;
        let most = 0;
        const enter = (): Promise<void> =>
          createLocks(slow).withLock(file, async () => {
            inside += 1;
            most = Math.max(most, inside);
            await new Promise((done) => setTimeout(done, 2));
            inside -= 1;
          });
        await Promise.all(Array.from({ length: 12 }, enter));
        expect(most).toBe(1);
      }
      expect(await readdir(folder)).toEqual([]);
    }));

  it('of a dead process that another one died clearing away is taken over', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'x');
      const dead = await deadHolder();
      await symlink(dead, `${file}.lock`);
      const { createHash } = await import('node:crypto');
      const guard = `${file}.lock.${createHash('sha256').update(dead).digest('hex').slice(0, 16)}`;
      await symlink(dead.replace('dead', 'dead too'), guard);
      expect(await locks({ timeoutMs: 2_000 }).withLock(file, async () => 'in')).toBe('in');
      expect(await readdir(folder)).toEqual([]);
    }));

  it('of another machine holds while it is young', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'x');
      await symlink(elsewhere, `${file}.lock`);
      await expect(locks(SHORT).withLock(file, async () => {})).rejects.toMatchObject({
        message: expect.stringContaining('process 7 on other-machine'),
      });
    }));

  it('of another machine that is old by its time holds while it is renewed, whatever its clock says', () =>
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

  it('of another machine is kept alive by its holder, however long it takes', () =>
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

  it('of another machine that was left behind is taken over', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'x');
      await symlink(elsewhere, `${file}.lock`);
      await makeOld(`${file}.lock`);
      expect(await locks(IMPATIENT).withLock(file, async () => 'in')).toBe('in');
    }));

  it('that was lost to another machine is noticed before anything is written, and the successor keeps its lock', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'x');
      const path = `${file}.lock`;
      const { unlink } = await import('node:fs/promises');
      await locks().withLock(file, async (lock) => {
        lock.assertHeld();
        await unlink(path);
        await symlink(elsewhere, path);
        expect(() => lock.assertHeld()).toThrow(expect.objectContaining({ code: 'lock_lost' }));
      });
      expect(await readlink(path)).toBe(elsewhere);
    }));

  it('of a living process that gives no sign is taken over, whose file is gone on with as a copy', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'x');
      await writeFile(file, 'a');
      const open = openToAppend(file);
      const silent = createLocks(createProcesses(), { refreshMs: 60_000 });
      await silent.withLock(file, async (lock) => {
        await writeFile(lock.temporary, 'half');
        await locks(IMPATIENT).withLock(file, async () => {
          // What the one that was given up still does to the file that it had open, or wrote aside.
          await open.write(Buffer.from('late'));
          await expect(rename(lock.temporary, file)).rejects.toMatchObject({ code: 'ENOENT' });
          expect(() => lock.assertHeld()).toThrow(expect.objectContaining({ code: 'lock_lost' }));
        });
        expect(await readdir(folder)).toEqual(['x']);
        await locks().withLock(file, async () => {});
      });
      open.close();
      expect(await readFile(file, 'utf8')).toBe('a');
      expect(await readdir(folder)).toEqual(['x']);
    }));

  it('of a living process that gives no sign is taken over by callers none of whom waits long enough to see it alone', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'x');
      const holder = { ...(await createProcesses().self()), nonce: 'silent' };
      await symlink(JSON.stringify(holder), `${file}.lock`);
      await makeOld(`${file}.lock`);
      const waiting = locks({ timeoutMs: 50, silentMs: 1_000, observeMs: 300 });
      const taken = () =>
        waiting
          .withLock(file, async () => true)
          .catch(({ code }: { code: string }) => code !== 'lock_timeout');
      expect(await taken()).toBe(false);
      await until(taken);
      expect(await readdir(folder)).toEqual([]);
    }));

  it('of which the successor was given up too goes to the next one, and nobody before is let in again', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'x');
      const silent = () => createLocks(createProcesses(), { ...IMPATIENT, refreshMs: 60_000 });
      const order: string[] = [];
      await silent().withLock(file, async (first) => {
        await silent().withLock(file, async (second) => {
          await silent().withLock(file, async (third) => {
            for (const lost of [first, second])
              expect(() => lost.assertHeld()).toThrow(expect.objectContaining({ code: 'lock_lost' }));
            third.assertHeld();
            order.push('third');
          });
          await locks().withLock(file, async () => void order.push('fourth'));
        });
      });
      expect(order).toEqual(['third', 'fourth']);
      expect(await readdir(folder)).toEqual([]);
    }));

  it('is not given up by a waiter that slept itself: its own sleep shows nothing of the holder', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'x');
      const real = createProcesses();
      let looks = 0;
      const sleepy: Processes = {
        ...real,
        async liveness(holder) {
          looks += 1;
          // Between two looks this process does nothing for longer than it has to observe, as when its machine sleeps.
          if (looks === 2) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_300);
          return real.liveness(holder);
        },
      };
      await createLocks(real, { refreshMs: 60_000 }).withLock(file, async () => {
        const waiter = createLocks(sleepy, { silentMs: 100, observeMs: 1_200, timeoutMs: 1_350 });
        await expect(waiter.withLock(file, async () => {})).rejects.toMatchObject({ code: 'lock_timeout' });
      });
    }));
});

describe('telling processes apart', () => {
  it('this process is alive, a number that was used again is not, another machine is foreign', async () => {
    const processes = createProcesses();
    const self = await processes.self();
    expect(await processes.liveness(self)).toBe('alive');
    expect(await processes.liveness({ ...self, startedAt: '1' })).toBe('dead');
    expect(await processes.liveness({ ...self, pid: 0x3fffff })).toBe('dead');
    expect(await processes.liveness({ ...self, host: 'x' })).toBe('foreign');
  });
});
