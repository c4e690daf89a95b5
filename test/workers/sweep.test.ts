import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { DarkFactoryError } from '../../src/lib/failure.ts';
import { sweepWorktrees } from '../../src/workers/maintenance/sweep.ts';
import { PROJECT_ID, sampleProject } from '../support/samples.ts';

const HOUR = 60 * 60_000;

/** Sweeps of a worktree whose work cannot be saved for this reason. */
async function sweepsOver(code: string) {
  const root = await mkdtemp(join(tmpdir(), 'df-sweep-'));
  onTestFinished(() => rm(root, { recursive: true }));
  const home = { root, data: root, worktrees: join(root, 'worktrees') };
  await mkdir(join(home.worktrees, PROJECT_ID), { recursive: true });
  const project = sampleProject({ status: 'failed', settled: true });
  const told: string[] = [];
  let tries = 0;
  // Behind all that was just made.
  let now = Date.now() + HOUR;
  const services = {
    ...{ home, clock: { now: () => new Date(now) }, config: { worktree: { keep: 'none' } } },
    state: { listOpenProjects: async () => [], project: () => ({ get: async () => project }) },
    workspace: { scratchFolders: async () => [] },
    record: async ({ type }: { type: string }) => void told.push(type),
    git: {
      holdsWork: async () => true,
      commitChanges: async () => {
        tries += 1;
        throw new DarkFactoryError('failed', code, 'git refuses 3 files', 'Put them right.');
      },
    },
  };
  return async (hours: number) => {
    now += hours * HOUR;
    await sweepWorktrees(services as never, 0);
    return { tries, told };
  };
}

it('a worktree with work that git refuses is tried again after a day, and told once', async () => {
  const sweep = await sweepsOver('worktree_unsaved');
  expect(await sweep(0)).toEqual({ tries: 1, told: ['worktree.orphan_kept'] });
  expect((await sweep(1)).tries).toBe(1);
  expect((await sweep(22)).tries).toBe(1);
  expect(await sweep(2)).toEqual({ tries: 2, told: ['worktree.orphan_kept'] });
});

it('a worktree that somebody else is just at is tried again with the next sweep', async () => {
  const sweep = await sweepsOver('git_busy');
  await sweep(0);
  expect(await sweep(0.02)).toEqual({ tries: 2, told: ['worktree.orphan_kept'] });
});
