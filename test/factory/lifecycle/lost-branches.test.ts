import { expect, it } from 'vitest';
import { lostBranches } from '../../../src/factory/lifecycle/lost-branches.ts';
import type { Fork } from '../../../src/factory/model/fork.ts';
import { NOW, sampleProject } from '../../support/samples.ts';

const id = (digit: number) => `00000000-0000-4000-8000-00000000000${digit}`;
const branch = (digit: number) => ({
  projectId: id(digit),
  option: `o${digit}`,
  description: '',
  confidence: 0.5,
  workBranch: `df/x--${digit}`,
  maxRuntime: 1,
});

function projects() {
  const fork: Fork = {
    ...{ decisionId: 'd', persona: 'engineer', question: 'Which?', confidence: 0.4, commit: 'c', at: NOW },
    ...{ phase: 'merged', endedAt: NOW, branches: [branch(1), branch(2)] },
    choice: { projectId: id(1), by: 'evidence', why: 'it is proved' },
  };
  const children = [1, 2].map((digit) =>
    sampleProject({
      id: id(digit),
      status: 'failed',
      settled: true,
      workBranch: `df/x--${digit}`,
      parentProjectId: id(9),
    }),
  );
  return [sampleProject({ id: id(9), forks: [fork] }), ...children];
}

function fakeGit() {
  const removed: string[] = [];
  const git = {
    branchHead: async () => 'a'.repeat(40),
    deleteBranch: async (_repository: string, name: string, commit: string) =>
      void removed.push(`${name} ${commit.slice(0, 2)}`),
  };
  return { git, removed };
}

it('only a branch that lost, and that is named, is removed', async () => {
  const { git, removed } = fakeGit();
  const ask = (names: string[], dryRun = false, all = projects()) =>
    lostBranches(git, all, { names, dryRun });
  expect(await ask([])).toMatchObject([{ branch: 'df/x--2', commit: 'a'.repeat(40), removed: false }]);
  await expect(ask(['df/x--2', 'df/x--1'])).rejects.toMatchObject({ code: 'not_a_lost_branch' });
  expect(await ask(['df/x--2'], true)).toMatchObject([{ removed: true }]);
  expect(removed).toEqual([]);
  await ask(['df/x--2']);
  expect(removed).toEqual(['df/x--2 aa']);
});

it('as long as the decision is open, or the branch is still put away, nothing has lost', async () => {
  const { git } = fakeGit();
  const undecided = projects().map((each) => ({
    ...each,
    forks: each.forks.map(({ endedAt: _end, choice: _choice, ...fork }) => ({
      ...fork,
      phase: 'open' as const,
    })),
  }));
  expect(await lostBranches(git, undecided, { names: [], dryRun: false })).toEqual([]);
  const unsettled = projects().map((each) => ({ ...each, settled: false }));
  expect(await lostBranches(git, unsettled, { names: [], dryRun: false })).toEqual([]);
});
