import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { CommandRequest, Sandbox } from '../../factory/ports.ts';
import { copyInto, makePlace } from '../files.ts';
import type { SetupEntry } from './setup-cache.ts';
import { OWN_CACHES, offlineToolVariables } from './tool-places.ts';

/** What a command finds in a tree beside the files of the tree. */
export type TreeMounts = Pick<CommandRequest, 'readOnlyMounts' | 'scratchFolders' | 'alsoAt' | 'env'>;
export type ReadOnlyMount = NonNullable<CommandRequest['readOnlyMounts']>[number];

/** Only these show files at places where they do not lie. */
export function movesTrees({ mechanism }: Pick<Sandbox, 'mechanism'>): boolean {
  return mechanism === 'bubblewrap' || mechanism === 'unshare';
}

/** All that could be mounted in a tree: packages of the entry, but for `except`, and links of the owner's checkout. */
export function mountsOf(
  entry: SetupEntry | null,
  links: readonly ReadOnlyMount[],
  except: readonly string[] = [],
): ReadOnlyMount[] {
  const packages = (entry?.kept.lent ?? [])
    .filter((path) => !except.includes(path))
    .map((path) => ({ source: join(entry?.files ?? '', path), path }));
  return [...packages, ...links];
}

/**
 * Makes the places for what is mounted, and says how commands are given it. What cannot be mounted (somebody put a file or a link
 * in its way) is left out: one such place must not keep every command from running.
 *
 * @param appearsAt where the tree appears to the command
 */
export async function placeMounts(
  tree: string,
  appearsAt: string,
  wanted: readonly ReadOnlyMount[],
  entry: SetupEntry | null,
): Promise<TreeMounts> {
  const readOnlyMounts: ReadOnlyMount[] = [];
  for (const each of wanted) if (await makePlace(each.source, tree, each.path)) readOnlyMounts.push(each);
  const paths = readOnlyMounts.map(({ path }) => path);
  const place = entry?.kept.place;
  return {
    readOnlyMounts,
    scratchFolders: paths
      .filter((path) => entry?.kept.lent.includes(path) && path.endsWith('node_modules'))
      .flatMap((path) => OWN_CACHES.map((cache) => `${path}/${cache}`)),
    env: offlineToolVariables(appearsAt, entry?.kept.lent ?? []),
    ...(place === undefined ? {} : { alsoAt: place }),
  };
}

/**
 * The same with the packages writable, each with a layer of its own below `layers`. So tools that keep caches or generated
 * code among the packages work, and what they write reaches nobody else.
 */
export function withLayers(mounts: TreeMounts, entry: SetupEntry | null, layers: string): TreeMounts {
  const { scratchFolders: _replaced, ...rest } = mounts;
  const readOnlyMounts = (mounts.readOnlyMounts ?? []).map((each) =>
    entry?.kept.lent.includes(each.path) === true && each.layer === undefined
      ? { ...each, layer: layerOf(each.source, layers) }
      : each,
  );
  return { ...rest, readOnlyMounts };
}

/** A layer fits the folder only that it was made over. */
export const layerOf = (source: string, layers: string): string =>
  join(layers, createHash('sha256').update(source).digest('hex').slice(0, 16));

/** A program that could not write, or not replace what is mounted, says one of these; Node's recursive `mkdir` the last. */
const REFUSED =
  /EROFS|EBUSY|EXDEV|[Rr]ead-only file system|[Dd]evice or resource busy|cross-device link|ENOENT[^\n]*mkdir/;

/** Mounted packages that a command wanted to change and could not, as far as its words tell. */
export function refused(text: string, packages: readonly string[]): boolean {
  return REFUSED.test(text) && packages.some((path) => text.includes(path));
}

/** Copies what builds write to; where nothing can be mounted, the packages as well. */
export async function copyTo(tree: string, entry: SetupEntry | null, canMount: boolean): Promise<void> {
  if (entry === null) return;
  const { lent, copied } = entry.kept;
  for (const path of canMount ? copied : [...copied, ...lent])
    await copyInto(join(entry.files, path), tree, path);
}
