import { realpathSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { expectSuccess } from '../run/failures.ts';
import { type Git, splitNul } from '../run/git.ts';
import {
  type GitDirs,
  gitDirsOf,
  holdsAny,
  kindOf,
  ours,
  readText,
  replaceFile,
  type Worktree,
} from '../run/places.ts';
import { CHECKOUT } from '../run/run.ts';
import { treeOf } from '../run/tree-entries.ts';

/*
 * Submodules of a worktree are filled from what the owner has of them: from `.git/modules` (or the checkout, where the owner
 * cloned them by hand), never from a network. Each gets a git dir of its own beside the worktree's, as git itself would lay
 * it out, which borrows the owner's objects. An agent can write the files, but not the git dir, and no git of the factory
 * follows the `.git` that stands in the folder.
 */

/** Deeper than anybody nests, and no loop. */
const DEEPEST = 8;

/** A submodule of a commit, nested ones included. */
export interface Submodule {
  /** Below the outermost worktree. */
  path: string;
  commit: string;
  name: string;
  /** Its git dir and its superproject's, below that of the outermost worktree. */
  below: string;
  parent: string;
  /** The owner's git dir of it. `null`: the owner does not have it, or not this commit. */
  store: GitDirs | null;
}

interface Source {
  /** Where the superproject's objects are. */
  dirs: GitDirs;
  /** Its checkout by the owner. */
  checkout: string;
  commit: string;
  path: string;
  below: string;
}

/** The submodules of a commit, each before those within it. Of one that the owner lacks what lies within is not known. */
export async function submodulesAt(git: Git, repository: string, commit: string): Promise<Submodule[]> {
  const dirs = await gitDirsOf(repository);
  return dirs === null ? [] : walk(git, { dirs, checkout: repository, commit, path: '', below: '' }, 0);
}

async function walk(git: Git, source: Source, depth: number): Promise<Submodule[]> {
  const { dirs, commit } = source;
  const links = [...(await treeOf(git, dirs, commit)).values()].filter(({ type }) => type === 'commit');
  if (links.length === 0 || depth > DEEPEST) return [];
  const names = await namesAt(git, dirs, commit);
  const found: Submodule[] = [];
  for (const { id, path } of links) {
    const name = names.get(path) ?? path;
    const store = isSafeName(name) ? await storeOf(git, source, { id, path, name }) : null;
    const one = {
      path: join(source.path, path),
      commit: id,
      name,
      parent: source.below,
      below: join(source.below, 'modules', isSafeName(name) ? name : 'unnamed'),
      store,
    };
    found.push(one);
    if (store === null) continue;
    const inner = { ...one, dirs: store, checkout: join(source.checkout, path) };
    found.push(...(await walk(git, inner, depth + 1)));
  }
  return found;
}

/** Names by path, as `.gitmodules` of the commit gives them. */
async function namesAt(git: Git, dirs: GitDirs, commit: string): Promise<Map<string, string>> {
  const args = [
    'config',
    '--blob',
    `${commit}:.gitmodules`,
    '-z',
    '--get-regexp',
    String.raw`^submodule\..*\.path$`,
  ];
  const answer = await git.repository(dirs, args);
  const entries = answer.code === 0 ? splitNul(answer.stdout) : [];
  return new Map(
    entries.flatMap((entry) => {
      const [, name, path] = /^submodule\.(.*)\.path\n(.*)$/s.exec(entry) ?? [];
      return name === undefined || path === undefined ? [] : [[path, name] as const];
    }),
  );
}

/** A name is a path below `modules`: none may lead out of it, and an agent may have written `.gitmodules`. */
function isSafeName(name: string): boolean {
  return !/[\p{Cc}\\]/u.test(name) && name.split('/').every((part) => part !== '' && !/^\.+$/.test(part));
}

async function storeOf(
  git: Git,
  { dirs, checkout }: Source,
  { id, path, name }: { id: string; path: string; name: string },
): Promise<GitDirs | null> {
  const absorbed = join(dirs.commonDir, 'modules', name);
  const candidates = [
    (await kindOf(join(absorbed, 'HEAD'))) === 'file' ? { gitDir: absorbed, commonDir: absorbed } : null,
    await gitDirsOf(join(checkout, path)),
  ];
  for (const each of candidates) {
    if (each === null) continue;
    const known = await git.repository(each, ['cat-file', '-e', `${id}^{commit}`]);
    if (known.code === 0) return each;
  }
  return null;
}

const noted = z.array(z.object({ path: z.string(), below: z.string() }));
const noteOf = (worktree: Worktree) => ours(worktree.admin, 'submodules.json');

/** Submodules that were filled, with the worktree that git sees each as. */
export async function filledIn(worktree: Worktree): Promise<{ path: string; worktree: Worktree }[]> {
  const text = await readText(noteOf(worktree));
  return (text === null ? [] : noted.parse(JSON.parse(text))).map(({ path, below }) => {
    const admin = join(worktree.admin, below);
    return { path, worktree: { commonDir: admin, admin, folder: join(worktree.folder, path) } };
  });
}

/** Fills the submodules of a worktree that was just made of the commit. Doing it again changes nothing. */
export async function fillSubmodules(
  git: Git,
  repository: string,
  worktree: Worktree,
  commit: string,
): Promise<void> {
  if ((await kindOf(noteOf(worktree))) !== null) return;
  const filled: { path: string; below: string }[] = [];
  for (const each of await submodulesAt(git, repository, commit)) {
    const { path, below, commit: id, store } = each;
    const folder = join(worktree.folder, path);
    if (store === null || !(await isEmptyPlace(folder, worktree))) continue;
    const admin = join(worktree.admin, below);
    await makeGitDir(admin, store, id);
    await writeFile(join(folder, '.git'), pointerTo(admin), { flag: 'wx' });
    const dirs = { gitDir: admin, commonDir: admin };
    const call = { workTree: folder, ...CHECKOUT };
    const done = await git.repository(dirs, ['read-tree', '--reset', '-u', id], call);
    expectSuccess(done, `fill the submodule ${path}`);
    if (each.parent !== '') await initialise(git, join(worktree.admin, each.parent), each.name, store);
    filled.push({ path, below });
  }
  if (filled.length > 0) await replaceFile(noteOf(worktree), JSON.stringify(filled));
}

/** To git a submodule is one when its superproject's configuration says so; for the outermost that is the owner's. */
async function initialise(git: Git, parent: string, name: string, { gitDir }: GitDirs): Promise<void> {
  const args = ['config', '--file', join(parent, 'config'), `submodule.${name}.url`, gitDir];
  expectSuccess(
    await git.repository({ gitDir: parent, commonDir: parent }, args),
    `set up the submodule ${name}`,
  );
}

const pointerTo = (admin: string) => `gitdir: ${admin}\n`;

/** As git leaves it for a submodule; nothing that an agent arranged, and no link on the way. */
async function isEmptyPlace(folder: string, worktree: Worktree): Promise<boolean> {
  if ((await kindOf(folder)) !== 'folder' || holdsAny(folder)) return false;
  return (
    realpathSync.native(folder) ===
    join(realpathSync.native(worktree.folder), folder.slice(worktree.folder.length))
  );
}

async function makeGitDir(admin: string, store: GitDirs, commit: string): Promise<void> {
  await mkdir(join(admin, 'refs'), { recursive: true });
  const objects = join(store.commonDir, 'objects');
  await replaceFile(join(admin, 'objects/info/alternates'), `${objects}\n`);
  const sha256 = commit.length === 64;
  const lines = [
    `[core]\n\trepositoryformatversion = ${sha256 ? 1 : 0}\n\tbare = false`,
    ...(sha256 ? ['[extensions]\n\tobjectFormat = sha256'] : []),
    `[lfs]\n\tstorage = ${JSON.stringify(join(store.commonDir, 'lfs'))}`,
  ];
  await replaceFile(join(admin, 'config'), `${lines.join('\n')}\n`);
  await replaceFile(join(admin, 'HEAD'), `${commit}\n`);
  // Shown over the `.git` in the folder wherever commands see it.
  await replaceFile(join(admin, 'pointer'), pointerTo(admin));
}

/** Where commands find the `.git` of each submodule that still has its folder, and what is to stand there. */
export async function submodulePointers(worktree: Worktree): Promise<{ source: string; path: string }[]> {
  const filled = await filledIn(worktree);
  const found: { source: string; path: string }[] = [];
  for (const { path, worktree: inner } of filled)
    if ((await kindOf(inner.folder)) === 'folder')
      found.push({ source: join(inner.admin, 'pointer'), path: join(path, '.git') });
  return found;
}
