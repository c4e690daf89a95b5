import { dirname, join } from 'node:path';
import type { Project } from '../factory/model/project.ts';
import type { Workspace } from '../factory/ports.ts';
import { removeTree } from '../lib/remove-tree.ts';
import type { WorkspaceDeps } from './deps.ts';
import { createPackages } from './packages/packages.ts';
import { createSetupCache } from './packages/setup-cache.ts';
import { createBareTrees } from './trees/bare-trees.ts';
import { makeScratchTree } from './trees/scratch-trees.ts';
import { agentSandbox } from './worktree/agent-sandbox.ts';
import { filesToCopy } from './worktree/copies.ts';
import { linksOf } from './worktree/links.ts';
import { cleanup, prepareWorktree, trySetup } from './worktree/prepare.ts';

export function createWorkspace(deps: WorkspaceDeps): Workspace {
  const { config, home, now } = deps;
  const { setup, cache: limits, copy, link } = config.worktree;
  /** Below it a folder for each project: its scratch trees, and what it uses of the cache. */
  const root = join(home.data, 'scratch');
  const cache = createSetupCache(home.setups, home.making);
  const bare = createBareTrees({ ...deps, root });
  const packages = createPackages({
    ...deps,
    ...{ bare, cache, root, setup },
    setupNetwork: config.sandbox.setupNetwork,
    setupTimeoutMs: config.gates.timeout,
    ownFiles: async (project) => (await filesToCopy(copy, project)).files,
    prune: async () => {
      await cache.prune({ now: now(), maxBytes: limits.size, maxAgeMs: limits.age });
    },
  });
  const all = { ...deps, root, bare, packages, links: (project: Project) => linksOf(link, project) };
  const removeScratchTrees = async (projectId: string, repository?: string) => {
    await bare.removeAll(projectId, repository);
    await cache.release(projectId);
  };
  return {
    scratchTree: (project, content) => makeScratchTree(all, project, content),
    removeScratchTrees,
    async sweepScratchTrees(projectId, ended) {
      const { removed, left } = await bare.sweep(projectId);
      if (ended && left === 0) await removeScratchTrees(projectId);
      return removed;
    },
    async removeOwnRepository(repository) {
      if (dirname(repository) === home.trials) await removeTree(repository);
    },
    scratchFolders: bare.folders,
    prepareWorktree: (project, signal) => prepareWorktree(all, project, signal),
    trySetup: (project, signal) => trySetup(all, project, signal),
    cleanup: (project) => cleanup(all, project),
    agentSandbox: async (project) => agentSandbox(all, project),
    async forgetSetup(projectId) {
      const { problem } = await packages.used(projectId);
      await packages.forget(projectId);
      return problem;
    },
    pruneSetups: cache.prune,
  };
}
