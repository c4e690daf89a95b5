/** Scratch trees as they lie on the disk: whose they are, and whether somebody is at work in them. */

import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as z from 'zod';
import type { Project } from '../../factory/model/project.ts';
import type { ScratchContent, ScratchFolder } from '../../factory/ports.ts';
import { orNull } from '../../lib/errno.ts';
import { namesIn } from '../../lib/file-failure.ts';
import type { Liveness } from '../../lib/process/process.ts';
import { removeIfEmpty, removeTree } from '../../lib/remove-tree.ts';
import type { WorkspaceDeps } from '../deps.ts';

const OWNER = 'owner.json';
/** `owner.json` of a place: who made the tree, so that others can tell whether it was left behind. */
const owner = z.object({
  holder: z.object({ host: z.string(), pid: z.number(), startedAt: z.string() }),
  repository: z.string(),
});

/** In which a place that was just made gets its `owner.json`. */
const BEING_MADE_MS = 60_000;
/** No gate and no audit takes as long on a machine whose processes cannot be seen from here. */
const LONGEST_USE_MS = 24 * 60 * 60_000;

export interface BareTree {
  folder: string;
  remove(): Promise<void>;
}

export interface BareTrees {
  /** @param aged paths whose files are dated back */
  make(project: Project, content: ScratchContent, aged?: readonly string[]): Promise<BareTree>;
  /** Removes trees of a project whose worker died. @returns how many, and how many are left */
  sweep(projectId: string): Promise<{ removed: number; left: number }>;
  /** In use or not, with everything else that is kept below the project's folder. */
  removeAll(projectId: string, repository?: string): Promise<void>;
  folders(): Promise<ScratchFolder[]>;
}

export type BareTreeDeps = Pick<WorkspaceDeps, 'holder' | 'now'> & {
  git: Pick<WorkspaceDeps['git'], 'createScratchTree' | 'removeScratchTree'>;
  liveness(holder: z.infer<typeof owner>['holder']): Promise<Liveness>;
  /** `data/scratch`. */
  root: string;
};

/** Below `root/<project id>`: a folder with `owner.json` and the tree itself for each scratch tree. */
export function createBareTrees({ git, root, holder, liveness, now }: BareTreeDeps): BareTrees {
  const folderOf = (projectId: string) => join(root, projectId);

  async function placesIn(folder: string): Promise<string[]> {
    return (await namesIn(folder))
      .filter((name) => name.startsWith('tree-'))
      .map((name) => join(folder, name));
  }

  /** Whether a living worker has the place, or may have: one on another machine, or before a reboot, for a day. */
  async function isInUse(place: string): Promise<boolean> {
    const made = await ownerOf(place);
    const known = made === null ? null : await liveness(made.holder);
    if (known === 'alive' || known === 'dead') return known === 'alive';
    const found = await orNull(stat(place));
    if (found === null) return false;
    return now().getTime() - found.mtimeMs < (made === null ? BEING_MADE_MS : LONGEST_USE_MS);
  }

  async function sweep(folder: string): Promise<{ removed: number; left: number }> {
    const count = { removed: 0, left: 0 };
    for (const place of await placesIn(folder)) {
      const inUse = await isInUse(place);
      if (!inUse) await removePlace(place);
      count[inUse ? 'left' : 'removed'] += 1;
    }
    return count;
  }

  /** Without an owner it was never made known to git. */
  async function removePlace(place: string, repository?: string): Promise<void> {
    // By its name, not by what lies there: a worker may have died between the tree and its registration with git.
    const name = basename(place).replace(/^tree-/, 'scratch-');
    const known = repository ?? (await ownerOf(place))?.repository;
    if (known !== undefined) await git.removeScratchTree(known, join(place, name));
    // Mostly nothing else is left, and a program for it would take longer than all this.
    await rm(join(place, OWNER), { force: true });
    await removeIfEmpty(place);
    await removeTree(place);
  }

  return {
    sweep: (projectId) => sweep(folderOf(projectId)),
    async make(project, content, aged = []) {
      await sweep(folderOf(project.id));
      const name = randomBytes(8).toString('hex');
      const place = join(folderOf(project.id), `tree-${name}`);
      const folder = join(place, `scratch-${name}`);
      await mkdir(place, { recursive: true, mode: 0o700 });
      const made = { holder: await holder(), repository: project.repository };
      await writeFile(join(place, OWNER), JSON.stringify(made));
      const remove = () => removePlace(place, project.repository);
      try {
        const { commit, over = [], texts = {} } = content;
        const { repository } = project;
        await git.createScratchTree({ repository, folder, commit, over, texts, aged });
      } catch (error) {
        await remove();
        throw error;
      }
      return { folder, remove };
    },
    async removeAll(projectId, repository) {
      const folder = folderOf(projectId);
      for (const place of await placesIn(folder)) await removePlace(place, repository);
      await removeTree(folder);
    },
    async folders() {
      const ids = await namesIn(root);
      return Promise.all(
        ids.map(async (projectId) => {
          const folder = folderOf(projectId);
          const used = await Promise.all((await placesIn(folder)).map(isInUse));
          return { projectId, folder, inUse: used.includes(true) };
        }),
      );
    },
  };
}

/** @returns `null` for a place that is just being made, or was when its worker died */
async function ownerOf(place: string): Promise<z.infer<typeof owner> | null> {
  const text = await orNull(readFile(join(place, OWNER), 'utf8'));
  if (text === null || !text.endsWith('}')) return null;
  return owner.parse(JSON.parse(text));
}
