import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as z from 'zod';
import type { Holder } from '../../factory/agent/journal.ts';
import type { ScratchContent } from '../../factory/gates/scratch.ts';
import type { GitManager } from '../../factory/ports.ts';
import type { Project } from '../../factory/project/project.ts';
import { orNull } from './files.ts';

export interface BareTreeHands {
  git: Pick<GitManager, 'createScratchTree' | 'removeScratchTree'>;
  /** `data/scratch`. */
  root: string;
  holder(): Promise<Holder>;
  isDead(holder: Holder): Promise<boolean>;
}

/** Who made a scratch tree, so that others can tell whether it was left behind. */
const owner = z.object({
  holder: z.object({ host: z.string(), pid: z.number(), startedAt: z.string() }),
  repository: z.string(),
});

export interface BareTree {
  folder: string;
  remove(): Promise<void>;
}

export interface BareTrees {
  make(project: Project, content: ScratchContent): Promise<BareTree>;
  /** Removes trees of a project whose worker died. @returns how many, and how many are left */
  sweep(projectId: string): Promise<{ removed: number; left: number }>;
  /** With everything else that is kept below the project's folder. */
  removeAll(project: Pick<Project, 'id' | 'repository'>): Promise<void>;
}

/** Below `root/<project id>`: a folder with `owner.json` and the tree itself for each scratch tree. */
export function createBareTrees({ git, root, holder, isDead }: BareTreeHands): BareTrees {
  const folderOf = (projectId: string) => join(root, projectId);

  async function sweep(folder: string): Promise<{ removed: number; left: number }> {
    const count = { removed: 0, left: 0 };
    for (const place of await treesIn(folder)) {
      const made = await ownerOf(place);
      const dead = made !== null && (await isDead(made.holder));
      if (dead) await removeTree(place, made.repository);
      count[dead ? 'removed' : 'left'] += 1;
    }
    return count;
  }

  async function removeTree(place: string, repository: string): Promise<void> {
    // By its name, not by what lies there: a worker may have died between the tree and its registration with git.
    const name = basename(place).replace(/^tree-/, 'scratch-');
    await git.removeScratchTree(repository, join(place, name));
    await rm(place, { recursive: true, force: true, maxRetries: 3 });
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
      const remove = () => removeTree(place, project.repository);
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
      for (const place of await treesIn(folder)) await removeTree(place, repository);
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

async function treesIn(folder: string): Promise<string[]> {
  const names = await namesIn(folder);
  return names.filter((name) => name.startsWith('tree-')).map((name) => join(folder, name));
}

async function namesIn(folder: string): Promise<string[]> {
  return (await orNull(readdir(folder))) ?? [];
}

/** `null` for a place that is just being made, or was when its worker died; the project's end removes those. */
async function ownerOf(place: string): Promise<z.infer<typeof owner> | null> {
  const text = await orNull(readFile(join(place, 'owner.json'), 'utf8'));
  if (text === null || !text.endsWith('}')) return null;
  return owner.parse(JSON.parse(text));
}
