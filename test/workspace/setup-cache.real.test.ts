import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { forceToDisk } from '../../src/workspace/files.ts';
import { createSetupCache } from '../../src/workspace/packages/setup-cache.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'df-setups-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const [A, B, C] = ['a', 'b', 'c'].map((letter) => letter.repeat(40)) as [string, string, string];
const fill = async (files: string) => {
  await mkdir(join(files, 'node_modules'));
  await writeFile(join(files, 'node_modules/x'), 'x'.repeat(1_000));
  return { lent: ['node_modules'], copied: [], bytes: 0 };
};
const entries = async () => (await readdir(folder)).filter((name) => /^[abc]{40}$/.test(name)).sort();
const never = async () => {
  throw new Error('installed again');
};

describe('the cache of set-ups', () => {
  it('installs once, knows the size, and keeps nothing of an installation that fails', async () => {
    const cache = createSetupCache(folder);
    await expect(cache.obtain(A, 'one', never)).rejects.toThrow('installed again');
    expect(await entries()).toEqual([]);
    const made = await cache.obtain(A, 'one', fill);
    expect(made.kept).toMatchObject({ lent: ['node_modules'], bytes: 1_000 });
    expect(await createSetupCache(folder).obtain(A, 'two', never)).toEqual(made);
  });

  it('A181 power-cut: has all that was installed on the disk, once, before it says that it is whole, and keeps nothing that is not', async () => {
    const forced: string[][] = [];
    const force = async (files: string) => {
      forced.push([...(await readdir(files)), ...(await readdir(join(files, '..')))]);
    };
    const full = Object.assign(new Error('full'), { code: 'ENOSPC' });
    const failing = createSetupCache(folder, folder, () => Promise.reject(full));
    await expect(failing.obtain(A, 'one', fill)).rejects.toBe(full);
    expect(await entries()).toEqual([]);
    const cache = createSetupCache(folder, folder, force);
    for (const project of ['one', 'two']) await cache.obtain(A, project, project === 'one' ? fill : never);
    expect(forced).toEqual([['node_modules', 'files']]);
  });

  it('forces a folder to its disk, and goes without where that cannot be', async () => {
    await forceToDisk(folder);
    await forceToDisk(join(folder, 'not there'));
  });

  it('takes what another machine that shares the folder made meanwhile', async () => {
    const elsewhere = join(folder, A);
    const made = await createSetupCache(folder).obtain(A, 'one', async (files) => {
      await mkdir(join(elsewhere, 'files'), { recursive: true });
      await writeFile(
        join(elsewhere, 'kept.json'),
        JSON.stringify({ lent: ['theirs'], copied: [], bytes: 7 }),
      );
      return fill(files);
    });
    expect(made.kept).toMatchObject({ lent: ['theirs'], bytes: 7 });
    expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('installs once when many ask, in whichever process', async () => {
    let times = 0;
    const slow = async (files: string) => {
      times += 1;
      return fill(files);
    };
    const asked = ['one', 'two', 'three'].map((id) => createSetupCache(folder).obtain(A, id, slow));
    await Promise.all(asked);
    expect(times).toBe(1);
  });

  it('stops waiting when it is told to', async () => {
    const cache = createSetupCache(folder);
    const stop = new AbortController();
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let first: ReturnType<typeof cache.obtain> | undefined;
    await new Promise<void>((begun) => {
      first = cache.obtain(A, 'one', async (files) => {
        begun();
        await released;
        return fill(files);
      });
    });
    const second = cache.obtain(A, 'two', never, stop.signal);
    stop.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    release();
    await first;
  });

  it('removes what is old, and the oldest of what is too much; never what a project uses', async () => {
    const cache = createSetupCache(folder);
    for (const [index, key] of [A, B, C].entries()) {
      await cache.obtain(key, `p${index}`, fill);
      await utimes(join(folder, key), 1_000 + index, 1_000 + index);
    }
    const limits = { now: new Date(2_000_000), maxBytes: 0, maxAgeMs: 1 };
    expect(await cache.prune(limits)).toEqual({ entries: 0, bytes: 0 });
    await cache.release('p1');
    await cache.release('p2');
    const wide = { ...limits, maxAgeMs: 1_000_000_000 };
    expect(await cache.prune({ ...wide, maxBytes: 2_000, dryRun: true })).toEqual({
      entries: 1,
      bytes: 1_000,
    });
    expect(await entries()).toEqual([A, B, C]);
    expect(await cache.prune({ ...wide, maxBytes: 2_000 })).toEqual({ entries: 1, bytes: 1_000 });
    expect(await entries()).toEqual([A, C]);
    expect(await cache.prune({ ...limits, isOpen: () => false })).toEqual({ entries: 2, bytes: 2_000 });
    expect(await readdir(join(folder, 'claims'))).toEqual([]);
  });
});
