import { isDefinition } from '../../factory/gates/definitions.ts';
import type { ScratchTree, ScratchTrees } from '../../factory/gates/scratch.ts';
import type { GitManager, Sandbox, StateStore } from '../../factory/ports.ts';
import type { Project } from '../../factory/project/project.ts';
import type { BareTrees } from './bare-trees.ts';
import { copyTo, type Lent, lendTo, lentOf } from './lending.ts';
import { movesTrees } from './install.ts';
import type { Packages } from './packages.ts';

export interface ScratchHands {
  git: Pick<GitManager, 'restoreScratchTree'>;
  state: Pick<StateStore, 'newOutput'>;
  sandbox(): Promise<Sandbox>;
  bare: BareTrees;
  packages: Packages;
  /** Files and folders of the owner's checkout that commands find in every tree. */
  links(project: Project): Promise<Lent[]>;
  /** The project uses nothing of the cache any more. */
  release(projectId: string): Promise<void>;
}

/** pytest then names the tests that passed, too; without it only those that failed. */
const ENVIRONMENT = { PYTEST_ADDOPTS: '-rfEsxXp' };

/** Scratch trees with the packages that the set-up made, which agents cannot change. */
export function createScratchTrees(hands: ScratchHands): ScratchTrees {
  const { bare, packages } = hands;
  return {
    async create(project, content) {
      const entry = await packages.of(project, content);
      const { folder, remove } = await bare.make(project, content);
      try {
        const canLend = movesTrees((await hands.sandbox()).mechanism);
        const wanted = canLend ? lentOf(entry, await hands.links(project)) : [];
        const lending = await lendTo(folder, canLend ? project.worktreePath : folder, wanted, entry);
        await copyTo(folder, entry, canLend);
        return ready(hands, project, folder, lending, remove);
      } catch (error) {
        await remove();
        throw error;
      }
    },
    async removeAll(project) {
      await bare.removeAll(project);
      await hands.release(project.id);
    },
  };
}

function ready(
  { git, state, sandbox }: ScratchHands,
  project: Project,
  folder: string,
  { env, ...lending }: Awaited<ReturnType<typeof lendTo>>,
  remove: () => Promise<void>,
): ScratchTree {
  const place = {
    worktree: folder,
    appearsAt: project.worktreePath,
    gitDir: project.gitDir,
    ...lending,
    env: { ...env, ...ENVIRONMENT },
  };
  return {
    folder,
    place,
    remove,
    async run({ command, label, timeoutMs, signal }) {
      const { file, relative } = await state.newOutput(project.id, label);
      const result = await (await sandbox()).run({ ...place, command, timeoutMs, outputFile: file, signal });
      return { result, relative };
    },
    restore: () => git.restoreScratchTree(project.repository, folder, isDefinition),
  };
}
