import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Staged } from '../../../src/git/commit/update.ts';
import { update } from '../../../src/git/commit/update.ts';
import type { GitAnswer, GitCall } from '../../../src/git/run/run.ts';
import { CHECKOUT_MS } from '../../../src/git/run/run.ts';
import { OLD_MS } from '../../../src/git/run/stale.ts';
import { DarkFactoryError } from '../../../src/lib/failure.ts';

const HUGE = 3 * 1024 * 1024 * 1024;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'df-update-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Sizes of files that take no room, by name. */
async function put(files: Record<string, number>): Promise<string[]> {
  for (const [name, size] of Object.entries(files)) {
    await writeFile(join(folder, name), '');
    await truncate(join(folder, name), size);
  }
  return Object.keys(files);
}

/** What is asked of a git, and what it answers to the files that it is given. */
async function stage(files: string[], answer: (files: string[]) => Partial<GitAnswer>) {
  const staged: Staged = {
    ...{ tooMany: false },
    ...{ skipped: [], refused: [], tooLong: [], unfiltered: [], unseen: [] },
  };
  const calls: { args: readonly string[]; files: string[]; call: GitCall }[] = [];
  const git = {
    staleLock: () => undefined,
    worktree: async (_: unknown, args: readonly string[], call: GitCall = {}) => {
      const asked = String(call.input).split('\0').filter(Boolean);
      calls.push({ args, files: asked, call });
      return { code: 0, stdout: Buffer.from(''), stderr: '', ...answer(asked) };
    },
  };
  const worktree = { commonDir: folder, admin: folder, folder };
  const done = update(git, worktree, { locks: { files: [], folders: [] } }, files, staged);
  return { done, staged, calls };
}

const tooLate = new DarkFactoryError('failed', 'git_timeout', 'git update-index took longer', 'Look.');
const never = (): never => {
  throw tooLate;
};

describe('a git that stages files', () => {
  it('has the time of a checkout, and no lock file counts as left behind before that', async () => {
    const { done, calls } = await stage(['a'], () => ({}));
    await done;
    expect(calls.map(({ call }) => call.timeoutMs)).toEqual([CHECKOUT_MS]);
    expect(OLD_MS).toBeGreaterThan(CHECKOUT_MS);
  });

  it('A187 leaves a huge file out that it does not get done with, once, and takes all others', async () => {
    const files = await put({ a: 1, 'dump.bin': HUGE, odd: 1, z: 600 });
    const { done, staged, calls } = await stage(files, (asked) =>
      asked.includes('dump.bin')
        ? never()
        : asked.includes('odd')
          ? { code: 128, stderr: 'fatal: BOM is required in odd' }
          : {},
    );
    await done;
    expect(staged.tooLong).toEqual(['dump.bin (3072 MiB)']);
    expect(staged.refused).toEqual([expect.stringContaining('odd: ')]);
    expect(calls.filter(({ files: asked }) => asked.includes('dump.bin')).length).toBe(1);
    expect(calls.flatMap(({ files: asked }) => (asked.includes('odd') ? [] : asked)).sort()).toEqual([
      'a',
      'z',
    ]);
  });

  it('A187 blames no file of an ordinary size: a disk that hangs is waited for', async () => {
    const files = await put({ a: 1, 'photo.png': 200 * 1024 * 1024 });
    const { done, staged } = await stage(files, never);
    await expect(done).rejects.toBe(tooLate);
    expect(staged.tooLong).toEqual([]);
  });

  it('A162 refused-file: reads all files of the index anew once, however many git refuses', async () => {
    const refused = Array.from({ length: 20 }, (_, index) => `odd-${index}`);
    const files = await put(Object.fromEntries(['a', ...refused, 'z'].map((name) => [name, 1])));
    const { done, staged, calls } = await stage(files, (asked) =>
      asked.some((name) => name.startsWith('odd')) ? { code: 128, stderr: 'fatal: BOM is required' } : {},
    );
    await done;
    expect(staged.refused.length).toBe(20);
    const refreshing = calls.flatMap(({ args }, at) => (args.includes('--refresh') ? [at] : []));
    const first = calls.findIndex(({ files: asked }) => asked.join() === 'a');
    // Until it has gone well: what a git did that failed is not written.
    expect(refreshing).toEqual(Array.from({ length: first + 1 }, (_, at) => at));
    expect(first).toBeLessThan(calls.length / 2);
  });

  it('A187 takes a huge file that it gets done with', async () => {
    const { done, staged, calls } = await stage(await put({ 'dump.bin': HUGE }), () => ({}));
    await done;
    expect([staged.tooLong, calls.length]).toEqual([[], 1]);
  });
});
