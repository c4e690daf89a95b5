import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, cp, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { isInstalled } from '../../factory/gates/definitions.ts';

/**
 * What a set-up made and git does not track, kept apart from every agent. Installed packages are lent to commands
 * read-only; anything else (build results, a copied `.env`) is copied into each scratch tree, for builds write to it.
 */

const record = z.object({ lent: z.array(z.string()), copied: z.array(z.string()) });
export type Kept = z.infer<typeof record>;

/** Folders that test tools write to within their packages. */
const CACHES = ['.cache', '.vite', '.vite-temp', '.vitest'];

const filesOf = (store: string): string => join(store, 'files');

/** `null`: nothing was kept there, or not to its end. */
export async function readKept(store: string): Promise<Kept | null> {
  try {
    return record.parse(JSON.parse(await readFile(join(store, 'kept.json'), 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/**
 * Copies (where the file system can, clones) untracked files of a tree to a store, whole or not at all.
 *
 * @param paths as `listUntracked` names them
 */
export async function keep(tree: string, paths: readonly string[], store: string): Promise<Kept> {
  const aside = `${store}.${randomBytes(4).toString('hex')}`;
  await mkdir(filesOf(aside), { recursive: true });
  const kept: Kept = { lent: [], copied: [] };
  for (const path of paths.map((each) => each.replace(/\/$/, ''))) {
    await copy(join(tree, path), join(filesOf(aside), path));
    (isInstalled(path) ? kept.lent : kept.copied).push(path);
  }
  for (const path of kept.lent) {
    if (!path.endsWith('node_modules')) continue;
    for (const cache of CACHES) {
      // A mount needs a place; a package of that name is none of ours to hide.
      const place = join(filesOf(aside), path, cache);
      if (!(await exists(place))) await mkdir(place);
    }
  }
  await writeFile(join(aside, 'kept.json'), JSON.stringify(kept), { flush: true });
  try {
    await rename(aside, store);
  } catch (error) {
    // Another worker kept the same a moment ago.
    if (!(error instanceof Error && 'code' in error && /^(ENOTEMPTY|EEXIST)$/.test(String(error.code))))
      throw error;
    await rm(aside, { recursive: true, force: true });
  }
  return kept;
}

/** How a command finds what is kept: what is lent to it, and where it may write in it. */
export function lend(store: string, kept: Kept) {
  return {
    lent: kept.lent.map((path) => ({ source: join(filesOf(store), path), path })),
    scratchFolders: kept.lent
      .filter((path) => path.endsWith('node_modules'))
      .flatMap((path) => CACHES.map((cache) => `${path}/${cache}`)),
  };
}

/** A mount needs something to cover, and none can be made in a tree that a command finds read-only. */
export async function makePlaces(store: string, lent: readonly string[], tree: string): Promise<void> {
  for (const path of lent) {
    const place = join(tree, path);
    if (await exists(place)) continue;
    if ((await stat(join(filesOf(store), path))).isDirectory()) await mkdir(place, { recursive: true });
    else {
      await mkdir(dirname(place), { recursive: true });
      await writeFile(place, '');
    }
  }
}

/** Puts copies of `paths` into a tree where the tree's commit has nothing at their place. */
export async function copyInto(store: string, paths: readonly string[], tree: string): Promise<void> {
  for (const path of paths) {
    const place = join(tree, path);
    if (!(await exists(place))) await copy(join(filesOf(store), path), place);
  }
}

async function copy(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await cp(from, to, {
    recursive: true,
    verbatimSymlinks: true,
    preserveTimestamps: true,
    mode: constants.COPYFILE_FICLONE,
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
