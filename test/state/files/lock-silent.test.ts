import { lutimes, readdir, readFile, readlink, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createProcesses, type Processes } from '../../../src/lib/process/process.ts';
import { createLocks, type LockTimings } from '../../../src/state/files/lock.ts';
import { openToAppend } from '../../../src/state/logs/lines.ts';
import { until } from '../../support/until.ts';
import { withFolder } from '../support.ts';
import { elsewhere, locks, SHORT } from './lock-support.ts';

/** Another machine's lock counts as left behind soon. */
const IMPATIENT: Partial<LockTimings> = { timeoutMs: 60_000, silentMs: 200, observeMs: 100 };
const AHEAD = new Date('2100-01-01T00:00:00Z');
async function makeOld(path: string): Promise<void> {
  await lutimes(path, new Date(1_000_000), new Date(1_000_000));
}

// As those of one machine.
describe.concurrent('a lock', () => {
  it('of another machine holds while it is young', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'x');
      await symlink(elsewhere, `${file}.lock`);
      await expect(locks(SHORT).withLock(file, async () => {})).rejects.toMatchObject({
        message: expect.stringContaining('process 7 on other-machine'),
      });
    }));

  it('of another machine that was left behind is taken over', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'x');
      await symlink(elsewhere, `${file}.lock`);
      await makeOld(`${file}.lock`);
      expect(await locks(IMPATIENT).withLock(file, async () => 'in')).toBe('in');
    }));

  it('A140 clock-ahead: of a machine that went down while its clock was ahead is taken over', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'x');
      await symlink(elsewhere, `${file}.lock`);
      await lutimes(`${file}.lock`, AHEAD, AHEAD);
      expect(await locks(IMPATIENT).withLock(file, async () => 'in')).toBe('in');
    }));

  it('A140 clock-ahead: of a machine whose clock is ahead holds while it gives signs', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'x');
      await symlink(elsewhere, `${file}.lock`);
      let signs = 0;
      const seen: Processes = {
        ...createProcesses(),
        async liveness() {
          signs += 1;
          const sign = new Date(AHEAD.getTime() + signs * 1_000);
          await lutimes(`${file}.lock`, sign, sign);
          return 'foreign';
        },
      };
      const waiter = createLocks(seen, { silentMs: 20, observeMs: 10, timeoutMs: 200 });
      await expect(waiter.withLock(file, async () => {})).rejects.toMatchObject({ code: 'lock_timeout' });
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
          if (looks === 2) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 62);
          return real.liveness(holder);
        },
      };
      await createLocks(real, { refreshMs: 60_000 }).withLock(file, async () => {
        const waiter = createLocks(sleepy, { silentMs: 25, observeMs: 50, timeoutMs: 75, lookMs: 5 });
        await expect(waiter.withLock(file, async () => {})).rejects.toMatchObject({ code: 'lock_timeout' });
      });
    }));
});
