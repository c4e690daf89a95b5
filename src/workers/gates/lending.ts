import { join } from 'node:path';
import type { CommandRequest } from '../../factory/ports.ts';
import type { SetupEntry } from '../../state/setup-cache.ts';
import { copyInto, makePlace } from './files.ts';
import { lentToolVariables, OWN_CACHES } from './tool-places.ts';

/** What a command finds in a tree beside the files of the tree. */
export type Lending = Pick<CommandRequest, 'lent' | 'scratchFolders' | 'alsoAt' | 'env'>;
export type Lent = NonNullable<CommandRequest['lent']>[number];

/** All that could be lent to a tree: packages of the entry, but for `except`, and links of the owner's checkout. */
export function lentOf(
  entry: SetupEntry | null,
  links: readonly Lent[],
  except: readonly string[] = [],
): Lent[] {
  const packages = (entry?.kept.lent ?? [])
    .filter((path) => !except.includes(path))
    .map((path) => ({ source: join(entry?.files ?? '', path), path }));
  return [...packages, ...links];
}

/**
 * Makes the places for what is lent, and says how commands are given it. What cannot be mounted (somebody put a file or a link
 * in its way) is left out: one such place must not keep every command from running.
 *
 * @param appearsAt where the tree appears to the command
 */
export async function lendTo(
  tree: string,
  appearsAt: string,
  wanted: readonly Lent[],
  entry: SetupEntry | null,
): Promise<Lending> {
  const lent: Lent[] = [];
  for (const each of wanted) if (await makePlace(each.source, tree, each.path)) lent.push(each);
  const paths = lent.map(({ path }) => path);
  const place = entry?.kept.place;
  return {
    lent,
    scratchFolders: paths
      .filter((path) => entry?.kept.lent.includes(path) && path.endsWith('node_modules'))
      .flatMap((path) => OWN_CACHES.map((cache) => `${path}/${cache}`)),
    env: lentToolVariables(appearsAt, entry?.kept.lent ?? []),
    ...(place === undefined ? {} : { alsoAt: place }),
  };
}

/** Copies what builds write to; where nothing can be lent, the packages as well. */
export async function copyTo(tree: string, entry: SetupEntry | null, canLend: boolean): Promise<void> {
  if (entry === null) return;
  const { lent, copied } = entry.kept;
  for (const path of canLend ? copied : [...copied, ...lent])
    await copyInto(join(entry.files, path), tree, path);
}
