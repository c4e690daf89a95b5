/** Rehearsals have a folder of their own for what they make, which goes with them. */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { StateStore, Workspace } from '../factory/ports.ts';
import { orNull } from '../lib/errno.ts';
import { namesIn } from '../lib/file-failure.ts';
import { newUuid } from '../lib/ids.ts';
import { parseJson } from '../lib/record.ts';
import { removeIfEmpty, removeTree } from '../lib/remove-tree.ts';
import { createStateStore } from '../state/store.ts';
import { openWorkspace, type TreeDeps } from './trees.ts';

export interface RehearsalPlace {
  folder: string;
  /** Of the rehearsal alone, but for the providers. */
  state: StateStore;
  workspace: Workspace;
  close(): Promise<void>;
}

export interface Rehearsals {
  open(): Promise<RehearsalPlace>;
  /** Takes away what rehearsals of processes that are gone left. @returns their folders */
  sweep(): Promise<string[]>;
}

const HOLDER = 'holder.json';
const holder = z.object({ host: z.string(), pid: z.number(), startedAt: z.string() });
/** In which a folder that was just made gets its `holder.json`. */
const BEING_MADE_MS = 60_000;
/** No rehearsal takes as long on a machine whose processes cannot be seen from here. */
const LONGEST_MS = 24 * 60 * 60_000;

export function createRehearsals(deps: TreeDeps): Rehearsals {
  const { clock, processes } = deps;
  const root = join(deps.home.data, 'rehearsals');

  /** Trees, outputs and documents are below the folder; packages that a set-up made are kept for the night. */
  async function placeAt(folder: string): Promise<RehearsalPlace> {
    const home = { ...deps.home, data: folder, projects: join(folder, 'projects'), making: folder };
    const state = createStateStore({ home, clock, processes });
    const workspace = await openWorkspace({ ...deps, home, state, record: async () => {} });
    return {
      ...{ folder, state, workspace },
      async close() {
        for (const id of await namesIn(home.projects)) await workspace.removeScratchTrees(id);
        await removeTree(folder);
        await removeIfEmpty(root);
      },
    };
  }

  async function isLeft(folder: string): Promise<boolean> {
    const text = await orNull(readFile(join(folder, HOLDER), 'utf8'));
    const { data: who } = holder.safeParse(parseJson(text ?? ''));
    const known = who === undefined ? null : await processes.liveness(who);
    if (known === 'alive' || known === 'dead') return known === 'dead';
    const made = await orNull(stat(folder));
    const age = made === null ? 0 : clock.now().getTime() - made.mtimeMs;
    return age > (who === undefined ? BEING_MADE_MS : LONGEST_MS);
  }

  const rehearsals: Rehearsals = {
    async open() {
      await rehearsals.sweep();
      const folder = join(root, newUuid());
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(join(folder, HOLDER), JSON.stringify(await processes.self()), { mode: 0o600 });
      return placeAt(folder);
    },
    async sweep() {
      const left: string[] = [];
      for (const name of await namesIn(root)) {
        const folder = join(root, name);
        if (!(await isLeft(folder))) continue;
        await (await placeAt(folder)).close();
        left.push(folder);
      }
      return left;
    },
  };
  return rehearsals;
}
