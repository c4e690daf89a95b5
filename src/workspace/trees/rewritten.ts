import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openFolders } from '../../lib/clear-way.ts';
import { isUnseen, orNull } from '../../lib/errno.ts';
import { layerOf, type ReadOnlyMount } from '../packages/read-only-mounts.ts';

/** Differ once a file was written or replaced, whatever it holds: nobody can set back when an inode was changed. By path. */
export type Stamps = ReadonlyMap<string, string>;

/** Files whose state is asked for at once. */
const AT_ONCE = 64;

export async function stampsOf(folder: string, paths: readonly string[]): Promise<Stamps> {
  const stamps = new Map<string, string>();
  for (let from = 0; from < paths.length; from += AT_ONCE) {
    const some = paths.slice(from, from + AT_ONCE);
    const found = await Promise.all(some.map((path) => stampOf(join(folder, path))));
    some.forEach((path, index) => void stamps.set(path, found[index] ?? ''));
  }
  return stamps;
}

async function stampOf(file: string): Promise<string> {
  // What a command has closed the way to may be anything.
  const found = await orNull(lstat(file, { bigint: true }), isUnseen);
  return found === null ? '' : `${found.ino} ${found.ctimeNs}`;
}

export async function changedSince(folder: string, stamps: Stamps): Promise<string[]> {
  const now = await stampsOf(folder, [...stamps.keys()]);
  return [...stamps].filter(([path, stamp]) => now.get(path) !== stamp).map(([path]) => path);
}

/**
 * Folders of lent packages in which a command replaced or removed a file, by what lies in the layer above them. What is new there is a
 * cache, or generated.
 *
 * @param layers where the layers of the command lie
 */
export async function replacedIn({ source, path }: ReadOnlyMount, layers: string): Promise<string[]> {
  const upper = join(layerOf(source, layers), 'upper');
  const list = () => orNull(readdir(upper, { recursive: true, withFileTypes: true }));
  const listOpened = async (error: unknown) => {
    if (!isUnseen(error)) throw error;
    await openFolders(upper);
    return list();
  };
  const names = (await list().catch(listOpened)) ?? [];
  const folders = new Set<string>();
  for (const each of names) {
    if (each.isDirectory()) continue;
    const below = each.parentPath.slice(upper.length + 1);
    const before = await orNull(lstat(join(source, below, each.name)));
    if (before !== null) folders.add(join(path, below));
  }
  return [...folders];
}
