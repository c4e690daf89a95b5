import { gathered } from '../../lib/async/gathered.ts';
import type { OnRepository } from './blobs.ts';
import { expectSuccess } from './failures.ts';
import type { GitDirs } from './places.ts';

/** What a commit holds at a path: a file, a link (mode 120000), or the commit of a submodule. */
export interface TreeEntry {
  mode: string;
  type: string;
  id: string;
  path: string;
}

/** By path, in the order of git. */
export type TreeEntries = ReadonlyMap<string, TreeEntry>;

/** What a commit holds at a path; `null`: nothing. */
export type LookUp = (place: { dirs: GitDirs; commit: string }, path: string) => Promise<TreeEntry | null>;

export const LIST = ['ls-tree', '-z', '--full-tree'];

/** Looks paths up, those that are asked for at the same moment by one git. */
export function createLookUp(repository: OnRepository): LookUp {
  return gathered<{ dirs: GitDirs; commit: string }, TreeEntry>(
    ({ dirs, commit }) => `${dirs.gitDir}\0${commit}`,
    async ({ dirs, commit }, paths) => {
      const answer = await repository(dirs, [...LIST, commit, '--', ...paths]);
      const { stdout } = expectSuccess(answer, `look up ${paths.join(', ').slice(0, 200)}`);
      const found = stdout.toString('utf8').split('\0').map(entryOf);
      return new Map(found.flatMap((entry) => (entry === null ? [] : [[entry.path, entry]])));
    },
  );
}

/** "100644 blob <hash>\t<path>" */
export function entryOf(row: string): TreeEntry | null {
  const [, mode, type, id, path] = /^(\d+) (\w+) ([0-9a-f]+)\t(.*)$/s.exec(row) ?? [];
  if (mode === undefined || type === undefined || id === undefined || path === undefined) return null;
  return { mode, type, id, path };
}
