import { entryOf, LIST, type TreeEntries, type TreeEntry } from './entries.ts';
import { type Git, rowsOf } from './git.ts';
import type { GitDirs } from './places.ts';
import { isFullHash } from './remembered.ts';

/** Entries of a commit that is kept in mind. */
const MOST_KEPT = 5_000;

/** All that a commit holds, also below its folders. */
export async function treeOf(git: Git, dirs: GitDirs, commit: string): Promise<TreeEntries> {
  const { kept, listed } = await keptTree(git, dirs, commit);
  return kept ?? listed ?? listTree(git, dirs, commit);
}

/** What a commit holds at one path; `null`: nothing, or a folder. */
export async function entryAt(
  git: Git,
  dirs: GitDirs,
  commit: string,
  path: string,
): Promise<TreeEntry | null> {
  const { kept } = await keptTree(git, dirs, commit);
  if (kept !== null) return kept.get(path) ?? null;
  const entry = await git.entries({ dirs, commit }, path);
  return entry?.type === 'tree' ? null : entry;
}

/**
 * Listed once, since a gate asks again and again for the same two commits.
 *
 * @returns `kept`: `null` where there are too many entries for that, or where the commit is not named by its hash; `listed`: the
 * entries all the same, for whoever was the first to ask
 */
async function keptTree(
  git: Git,
  dirs: GitDirs,
  commit: string,
): Promise<{ kept: TreeEntries | null; listed?: TreeEntries }> {
  if (!isFullHash(commit)) return { kept: null };
  let listed: TreeEntries | undefined;
  const kept = await git.trees(`${dirs.commonDir}\0${commit}`, async () => {
    listed = await listTree(git, dirs, commit);
    return listed.size > MOST_KEPT ? null : listed;
  });
  return { kept, ...(listed === undefined ? {} : { listed }) };
}

async function listTree(git: Git, dirs: GitDirs, commit: string): Promise<TreeEntries> {
  const rows = await rowsOf(git.repository(dirs, [...LIST, '-r', commit]), `list the files of ${commit}`);
  return new Map(
    rows.flatMap((row) => {
      const entry = entryOf(row);
      return entry === null ? [] : [[entry.path, entry] as const];
    }),
  );
}
