import { join } from 'node:path';
import { type Words, wordsIn } from '../../factory/gates/pins.ts';
import type { ScratchTrees } from '../../factory/gates/scratch.ts';
import type { Project } from '../../factory/project/project.ts';
import type { Services } from '../../services.ts';
import { createScratchTrees } from './scratch.ts';

/** Scratch trees, for gates, sealed checks and whatever else the factory runs on a commit. */
export function scratchTrees(services: Services): ScratchTrees {
  const { git, state, home, config } = services;
  return createScratchTrees({
    git,
    state,
    sandbox: services.sandbox,
    root: join(home.data, 'scratch'),
    setupNetwork: config.sandbox.setupNetwork,
    setupTimeoutMs: config.gates.timeout,
    holder: services.holder,
    isDead: async (holder) => (await services.liveness(holder)) === 'dead',
  });
}

/** Where a change of what decides about the work may be allowed: the owner's words first, then the agents' tasks. */
export async function wordsOf({ state }: Pick<Services, 'state'>, project: Project): Promise<Words> {
  return wordsIn(project, await state.tasks(project.id).get());
}
