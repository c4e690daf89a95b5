import { describe, expect, it } from 'vitest';
import { createGitApi } from '../../../src/factory/managers/git-api.ts';
import type { GitManager } from '../../../src/factory/ports.ts';
import { DarkFactoryError } from '../../../src/lib/failure.ts';
import { sampleProject } from '../../state/samples.ts';

const ROOT = '/home/owner/repository';

/** A project at work whose worktree lies among others, and a git that tells what it would remove. */
function open(settled: boolean) {
  const project = sampleProject({ settled, repository: ROOT });
  const worktree = `/data/worktrees/${project.id}`;
  const removed: string[] = [];
  const git = {
    async inspectRepository(folder: string) {
      const root = folder.startsWith(ROOT) ? ROOT : folder.split('/').slice(0, 4).join('/');
      return { root, commonDir: `${ROOT}/.git`, branch: null, dirty: false };
    },
    async branchHead(repository: string, branch: string) {
      if (repository !== ROOT) throw new DarkFactoryError('environment', 'not_there', 'none', '');
      return branch === 'main' ? 'commit' : null;
    },
    deleteWorktree: async (_repository: string, folder: string) => void removed.push(folder),
  };
  const state = {
    async listSummaries() {
      const gone = sampleProject({ repository: '/gone', workBranch: 'df/gone' });
      return { projects: [gone, project], unreadable: [] };
    },
    project: (id: string) => ({
      async get() {
        if (id === project.id) return { ...project, worktreePath: worktree };
        throw new DarkFactoryError('not_found', 'project_not_found', 'none', '');
      },
    }),
  };
  const api = createGitApi({
    git: git as unknown as GitManager,
    state: state as never,
    worktrees: '/data/worktrees',
    newId: () => 'id',
    childName: (parent, context) => `${parent}--${context}`,
  });
  return { api, worktree, removed };
}

describe('removing a worktree', () => {
  it.each([
    ['its path', (path: string) => path],
    ['its path with a slash', (path: string) => `${path}/`],
    ['a roundabout path', (path: string) => `${path}/src/..`],
    ['a folder in it', (path: string) => `${path}/src/deep`],
  ])('of a project at work is refused by %s', async (_what, spell) => {
    const { api, worktree, removed } = open(false);
    await expect(api.deleteWorktree(spell(worktree))).rejects.toMatchObject({ code: 'worktree_in_use' });
    expect(removed).toEqual([]);
  });

  it('of a project that is tidied up, or of nobody, is done', async () => {
    const { api, worktree, removed } = open(true);
    await api.deleteWorktree(`${worktree}/`);
    await api.deleteWorktree('/data/worktrees/mine-1234');
    expect(removed).toEqual([worktree, '/data/worktrees/mine-1234']);
  });

  it('is refused for the checkout of the owner', async () => {
    const { api, removed } = open(false);
    for (const path of [ROOT, `${ROOT}/src`])
      await expect(api.deleteWorktree(path)).rejects.toMatchObject({ code: 'not_a_worktree' });
    expect(removed).toEqual([]);
  });
});

it('the lineage of a branch on which no project works is the branch, where there is one', async () => {
  const { api } = open(false);
  expect(await api.getBranchLineage('main')).toEqual(['main']);
  await expect(api.getBranchLineage('other')).rejects.toMatchObject({ code: 'branch_not_found' });
});
