import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Holder } from '../../factory/model/journal.ts';
import type { ScratchContent } from '../../factory/ports/workspace.ts';
import type { GitManager } from '../../factory/ports.ts';
import type { Project } from '../../factory/model/project.ts';
import { isInUse, ownerOf, type PlaceHands, scratchPlaces } from './scratch-places.ts';
import { removeTree } from '../../lib/remove-tree.ts';

export interface BareTreeHands extends PlaceHands {
  git: Pick<GitManager, 'createScratchTree' | 'removeScratchTree'>;
  /** `data/scratch`. */
  root: string;
  holder(): Promise<Holder>;
}

export interface BareTree {
  folder: string;
  remove(): Promise<void>;
}

export interface BareTrees {
  make(project: Project, content: ScratchContent): Promise<BareTree>;
  /** Removes trees of a project whose worker died. @returns how many, and how many are left */
  sweep(projectId: string): Promise<{ removed: number; left: number }>;
  /** In use or not, with everything else that is kept below the project's folder. */
  removeAll(project: Pick<Project, 'id' | 'repository'>): Promise<void>;
}

/** Below `root/<project id>`: a folder with `owner.json` and the tree itself for each scratch tree. */
export function createBareTrees({ git, root, holder, ...hands }: BareTreeHands): BareTrees {
  const folderOf = (projectId: string) => join(root, projectId);

  async function sweep(folder: string): Promise<{ removed: number; left: number }> {
    const count = { removed: 0, left: 0 };
    for (const at of await scratchPlaces(folder)) {
      const inUse = await isInUse(hands, at);
      if (!inUse) await removePlace(at, (await ownerOf(at))?.repository);
      count[inUse ? 'left' : 'removed'] += 1;
    }
    return count;
  }

  /** Without a repository it was never made known to git. */
  async function removePlace(place: string, repository: string | undefined): Promise<void> {
    // By its name, not by what lies there: a worker may have died between the tree and its registration with git.
    const name = basename(place).replace(/^tree-/, 'scratch-');
    if (repository !== undefined) await git.removeScratchTree(repository, join(place, name));
    await removeTree(place);
  }

  return {
    sweep: (projectId) => sweep(folderOf(projectId)),
    async make(project, content) {
      await sweep(folderOf(project.id));
      const name = randomBytes(8).toString('hex');
      const place = join(folderOf(project.id), `tree-${name}`);
      const folder = join(place, `scratch-${name}`);
      await mkdir(place, { recursive: true, mode: 0o700 });
      const made = { holder: await holder(), repository: project.repository };
      await writeFile(join(place, 'owner.json'), JSON.stringify(made));
      const remove = () => removePlace(place, project.repository);
      try {
        const { commit, over = [], texts = {} } = content;
        await git.createScratchTree({ repository: project.repository, folder, commit, over, texts });
      } catch (error) {
        await remove();
        throw error;
      }
      return { folder, remove };
    },
    async removeAll({ id, repository }) {
      const folder = folderOf(id);
      for (const place of await scratchPlaces(folder)) await removePlace(place, repository);
      await removeTree(folder);
    },
  };
}
