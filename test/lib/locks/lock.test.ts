import { lstat, lutimes, mkdir, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { takeLock } from '../../../src/lib/locks/lock.ts';
import { createProcesses } from '../../../src/lib/process/process.ts';
import { withFolder } from '../../state/support.ts';
import { until } from '../../support/until.ts';

afterEach(() => vi.useRealTimers());

it('A163 disk-away: who holds a lock lives on while its disk is away, and gives signs again when it is back', () =>
  withFolder(async (folder) => {
    const [disk, elsewhere] = [join(folder, 'disk'), join(folder, 'elsewhere')];
    // A link that leads to itself cannot be followed, by root neither.
    const unmount = async () => {
      await rename(disk, elsewhere);
      await symlink(disk, disk);
    };
    const mount = async () => {
      await rm(disk);
      await rename(elsewhere, disk);
    };
    await mkdir(disk);
    const path = join(disk, 'x.lock');
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const lock = await takeLock(path, { processes: createProcesses(), patienceMs: 0 });
    await unmount();
    vi.advanceTimersByTime(60_000);
    await mount();
    lock.assertHeld();
    await lutimes(path, new Date(1_000), new Date(1_000));
    vi.advanceTimersByTime(60_000);
    await until(async () => (await lstat(path)).mtimeMs > 1_000);
    await unmount();
    lock.release();
    await mount();
    // As of a holder that died: it gives no sign any more.
    await lutimes(path, new Date(1_000), new Date(1_000));
    vi.advanceTimersByTime(60_000);
    expect((await lstat(path)).mtimeMs).toBe(1_000);
  }));
