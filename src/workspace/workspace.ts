import { join } from 'node:path';
import { type Words, wordsIn } from '../factory/gates/pins/permission.ts';
import type { ScratchTrees } from '../factory/ports/workspace.ts';
import { ENDED, type Project } from '../factory/model/project.ts';
import type { Services } from '../services.ts';
import { createSetupCache, type SetupCache } from './packages/setup-cache.ts';
import { type BareTrees, createBareTrees } from './trees/bare-trees.ts';
import { filesToCopy } from './worktree/copies.ts';
import { linksOf } from './worktree/links.ts';
import { createPackages, type Packages } from './packages/packages.ts';
import { createScratchTrees } from './trees/scratch-trees.ts';

/** Below it a folder for each project: its scratch trees, and what it uses of the cache. */
export const scratchRoot = ({ home }: Pick<Services, 'home'>): string => join(home.data, 'scratch');

export function bareTrees(services: Services): BareTrees {
  return createBareTrees({
    git: services.git,
    root: scratchRoot(services),
    holder: services.holder,
    liveness: services.liveness,
    now: () => services.clock.now(),
  });
}

export function setupCache({ home }: Pick<Services, 'home'>): SetupCache {
  return createSetupCache(home.setups);
}

/** What the set-ups of projects made, shared by all projects of this home. */
export function packagesOf(services: Services): Packages {
  const { git, state, config, clock } = services;
  const { setup, cache } = config.worktree;
  return createPackages({
    git,
    state,
    sandbox: services.sandbox,
    bare: bareTrees(services),
    cache: setupCache(services),
    root: scratchRoot(services),
    path: services.path,
    ...(setup === undefined ? {} : { setup }),
    setupNetwork: config.sandbox.setupNetwork,
    setupTimeoutMs: config.gates.timeout,
    ownFiles: async (project) => (await filesToCopy(services, project)).files,
    prune: async () => {
      await setupCache(services).prune({ now: clock.now(), maxBytes: cache.size, maxAgeMs: cache.age });
    },
  });
}

/** Scratch trees, for gates, sealed checks, audits and whatever else the factory runs on a commit. */
export function scratchTrees(services: Services): ScratchTrees {
  const { git, state } = services;
  return createScratchTrees({
    git,
    state,
    sandbox: services.sandbox,
    bare: bareTrees(services),
    root: scratchRoot(services),
    packages: packagesOf(services),
    links: (project) => linksOf(services, project),
    release: (projectId) => setupCache(services).release(projectId),
  });
}

/**
 * Removes the scratch trees that work on a project left, where the project has ended: nobody else would. While other work goes
 * on there, it is left to whoever goes last.
 */
export async function tidy(services: Services, project: Project): Promise<void> {
  if (!ENDED.has(project.status)) return;
  if ((await bareTrees(services).sweep(project.id)).left === 0)
    await scratchTrees(services).removeAll(project);
}

/** Where a change of what decides about the work may be allowed: the owner's words first, then the agents' tasks. */
export async function wordsOf({ state }: Pick<Services, 'state'>, project: Project): Promise<Words> {
  return wordsIn(project, await state.tasks(project.id).get());
}
