import { join } from 'node:path';
import { isDefinition } from '../../factory/gates/pins/definitions.ts';
import type { ScratchTree, ScratchTrees } from '../../factory/ports/workspace.ts';
import type { GitManager, Sandbox, StateStore } from '../../factory/ports.ts';
import type { Project } from '../../factory/model/project.ts';
import { removeTree } from '../../lib/remove-tree.ts';
import type { SetupEntry } from '../packages/setup-cache.ts';
import type { BareTrees } from './bare-trees.ts';
import { copyInto, makePlace } from '../files.ts';
import { copyTo, type Lending, type Lent, layered, lendTo, lentOf, refused } from '../packages/read-only-mounts.ts';
import { movesTrees } from '../packages/install.ts';
import type { Packages } from '../packages/packages.ts';

export interface ScratchHands {
  git: Pick<GitManager, 'restoreScratchTree' | 'submodulePointers'>;
  state: Pick<StateStore, 'newOutput'>;
  sandbox(): Promise<Sandbox>;
  bare: BareTrees;
  /** `data/scratch`. */
  root: string;
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
        const pointers = await hands.git.submodulePointers(project.repository, folder);
        const wanted = canLend ? [...lentOf(entry, await hands.links(project)), ...pointers] : [];
        const lending = await lendTo(folder, canLend ? project.worktreePath : folder, wanted, entry);
        await copyTo(folder, entry, canLend);
        return ready(hands, project, { folder, entry, remove }, lending);
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
  { git, state, sandbox, root }: ScratchHands,
  project: Project,
  { folder, entry, remove }: { folder: string; entry: SetupEntry | null; remove: () => Promise<void> },
  { env, ...lending }: Lending,
): ScratchTree {
  const place = {
    worktree: folder,
    appearsAt: project.worktreePath,
    gitDir: project.gitDir,
    ...lending,
    env: { ...env, ...ENVIRONMENT },
  };
  const packages = (lending.lent ?? []).filter(({ path }) => entry?.kept.lent.includes(path));
  const layers = `${folder}.layers`;
  let copies = false;

  /** What one command writes over the packages, no other one finds: it may be a test of the agent's that wrote it. */
  async function inLayers<T>(work: (view: Lending) => Promise<T>): Promise<T> {
    try {
      return await work(layered(lending, entry, layers));
    } finally {
      await removeTree(layers);
    }
  }

  /** The same where there are no layers: copies in the tree, as long as the command runs. */
  async function onCopies<T>(work: (view: Lending) => Promise<T>): Promise<T> {
    const lent = (lending.lent ?? []).filter((each) => !packages.includes(each));
    try {
      for (const { source, path } of packages) {
        await removeTree(join(folder, path));
        await copyInto(source, folder, path);
      }
      return await work({ ...lending, lent, scratchFolders: [] });
    } finally {
      for (const { source, path } of packages) {
        await removeTree(join(folder, path));
        await makePlace(source, folder, path);
      }
    }
  }

  return {
    folder,
    place,
    remove,
    async run({ command, label, timeoutMs, signal }) {
      const hands = await sandbox();
      const attempt = async (view: Lending) => {
        const { file, relative } = await state.newOutput(project.id, label);
        const request = { ...place, ...view, env: place.env, command, timeoutMs, outputFile: file, signal };
        return { result: await hands.run(request), relative };
      };
      if (packages.length === 0) return attempt(lending);
      if (await hands.layers(root)) return inLayers(attempt);
      if (copies) return onCopies(attempt);
      const { result, relative } = await attempt(lending);
      const paths = packages.map(({ path }) => path);
      copies = result.ended === 'exit' && result.exitCode !== 0 && refused(result.output, paths);
      return copies ? onCopies(attempt) : { result, relative };
    },
    restore: () => git.restoreScratchTree(project.repository, folder, isDefinition),
  };
}
