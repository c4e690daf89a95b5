import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { DarkFactoryError } from '../../lib/failure.ts';
import { FOLLOWED, gitDirMounts } from './git-dir.ts';
import { isInside, type Mount, readOnly } from './mounts.ts';

const MOST_ALTERNATES = 32;
const POINTER = /^gitdir: (.+?)\r?\n?$/;

export interface RepositoryView {
  worktree: string;
  /** Where the worktree appears inside. Default: where it is. */
  appearsAt?: string;
  /** The repository's common git dir. */
  gitDir: string;
  readOnly: boolean;
  /** Private folder of the factory; a copy of the configuration without logins is put there when it holds some. */
  privateFolder: string;
  /** Nothing can be shown in the place of something else. Default: it can. */
  asItIs?: boolean;
}

/**
 * The worktree and all that git needs to read beside it, at the paths that git's own pointers name.
 *
 * Synchronous on purpose: a handful of small reads per command, cheaper than their round trips through the thread pool.
 *
 * @throws DarkFactoryError `environment`/`worktree_broken` when the folder is no worktree of that repository: without its
 *   `.git` file there would be nothing to protect, and the command could plant one of its own
 */
export function repositoryMounts(view: RepositoryView): Mount[] {
  const { worktree, gitDir } = view;
  if (isInside(gitDir, worktree)) throw broken(worktree, 'its repository lies inside it');
  const pointer = readPointer(worktree);
  const named = dirname(dirname(pointer));
  const real = realPlace(gitDir, worktree);
  if (realPlace(named, worktree) !== real)
    throw broken(worktree, `its .git file points to ${pointer}, not into ${gitDir}`);
  const { privateFolder, asItIs = false } = view;
  const mounts: Mount[] = [...new Set([gitDir, named, real])].flatMap((place) =>
    gitDirMounts(place, { name: basename(pointer), privateFolder, asItIs }),
  );
  mounts.push(...outsideOf(real, submodulesOf(pointer)).map((source) => readOnly(source)));
  const { appearsAt = worktree } = view;
  mounts.push({ kind: view.readOnly ? 'read-only' : 'writable', source: worktree, target: appearsAt });
  mounts.push({ kind: 'read-only', source: join(worktree, '.git'), target: join(appearsAt, '.git') });
  return mounts;
}

function readPointer(worktree: string): string {
  const file = join(worktree, '.git');
  const info = lstatSync(file, { throwIfNoEntry: false });
  if (!info)
    throw broken(worktree, existsSync(worktree) ? 'its .git file is missing' : 'the folder is missing');
  if (!info.isFile() || info.size > 8_192)
    throw broken(worktree, '.git is not the small file that git makes');
  const target = POINTER.exec(readFileSync(file, 'utf8'))?.[1];
  if (target === undefined) throw broken(worktree, 'its .git file holds no pointer');
  const absolute = resolve(worktree, target);
  if (dirname(absolute) !== join(dirname(dirname(absolute)), 'worktrees')) {
    throw broken(worktree, `its .git file points to ${target}, which is no worktree's folder`);
  }
  return absolute;
}

/** Object stores that this one borrows from, and what links of the git dir lead to; each once, and those of those. */
function outsideOf(gitDir: string, others: readonly string[]): string[] {
  const found = new Set<string>();
  const add = (path: string): void => {
    const there = lstatSync(path, { throwIfNoEntry: false });
    if (there && !isInside(path, gitDir) && found.size < MOST_ALTERNATES) found.add(path);
  };
  for (const name of FOLLOWED) {
    const entry = join(gitDir, name);
    if (lstatSync(entry, { throwIfNoEntry: false })?.isSymbolicLink())
      add(resolve(gitDir, readlinkSync(entry)));
  }
  const seen = new Set<string>();
  const stores = [gitDir, ...others].map((each) => join(each, 'objects'));
  for (let store = stores.pop(); store !== undefined && seen.size < MOST_ALTERNATES; store = stores.pop()) {
    if (seen.has(store)) continue;
    seen.add(store);
    const others = alternatesOf(store);
    others.forEach(add);
    stores.push(...others);
  }
  return [...found];
}

/** The git dirs of submodules of a worktree, where git keeps them: below `modules`, by names that may be paths. */
function submodulesOf(admin: string): string[] {
  const folder = join(admin, 'modules');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.name === 'HEAD')
    .map((entry) => entry.parentPath);
}

function alternatesOf(store: string): string[] {
  const file = join(store, 'info', 'alternates');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#') && !line.startsWith('"'))
    .map((line) => (isAbsolute(line) ? line : resolve(store, line)));
}

function realPlace(path: string, worktree: string): string {
  if (!existsSync(path)) throw broken(worktree, `the repository ${path} is missing`);
  return realpathSync(path);
}

function broken(worktree: string, why: string): DarkFactoryError {
  return new DarkFactoryError(
    'environment',
    'worktree_broken',
    `The worktree ${worktree} cannot be used: ${why}.`,
    'Run "df doctor"; "df start" makes a lost worktree again from its branch.',
  );
}
