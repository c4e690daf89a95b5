import { mkdir, readdir, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createProcesses, type Processes } from '../../../src/lib/process/process.ts';
import { clearDeadLocks, createLocks } from '../../../src/state/files/lock.ts';
import { until } from '../../support/until.ts';
import { withFolder } from '../support.ts';
import { locks, SHORT } from './lock-support.ts';

async function deadHolder(): Promise<string> {
  const { host } = await createProcesses().self();
  // This process's id with another start: the process that took the lock is gone, its number was used again.
  return JSON.stringify({ nonce: 'dead', host, pid: process.pid, startedAt: '1' });
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

  it('names its holder in fewer than sixty characters, which take no block of the disk, and tells by them that it is dead', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'x');
      const text = await locks().withLock(file, () => readlink(`${file}.lock`));
      expect(text.length).toBeLessThan(60);
      const [nonce, pid, , host] = text.split(' ');
      await symlink(`${nonce} ${pid} 1 ${host}`, `${file}.lock`);
      await writeFile(`${file}.${nonce}.tmp`, 'half');
      expect(await locks(SHORT).withLock(file, () => readdir(folder))).toEqual([
        'x.lock',
        expect.any(String),
      ]);
      expect(await readdir(folder)).toEqual([]);
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
        await clearDeadLocks(folder, locks(), 50);
        expect((await readdir(folder)).sort()).toEqual(['agents', 'held.lock']);
      });
      expect(await readdir(join(folder, 'agents'))).toEqual([]);
    }));

  it('that is gone without what was written aside: that is cleared away too, unless somebody holds the file', () =>
    withFolder(async (folder) => {
      const [left, held] = ['left.yaml.0123456789abcdef.tmp', 'held.yaml.0123456789abcdef.tmp'];
      for (const name of [left, held, 'notes.tmp']) await writeFile(join(folder, name), 'half');
      await locks().withLock(join(folder, 'held.yaml'), async () => {
        await clearDeadLocks(folder, locks(), 50);
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
      const takeOver = async (round: number) => {
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
      };
      await Promise.all(Array.from({ length: 15 }, (_, round) => takeOver(round)));
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
