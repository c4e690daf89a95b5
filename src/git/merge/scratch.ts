import { lutimes, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ScratchOrder } from '../../factory/ports.ts';
import { clearWay, isOpened, openFolders } from '../../lib/clear-way.ts';
import { orNull } from '../../lib/errno.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import { removeIfEmpty, removeTree } from '../../lib/remove-tree.ts';
import { UNSEEN } from '../commit/stage.ts';
import { expectSuccess } from '../run/failures.ts';
import { dirsOf, type Git, splitNul, textOf } from '../run/git.ts';
import { inRepository } from '../run/hold.ts';
import {
  canonical,
  findWorktree,
  gitDirsOf,
  kindOf,
  requireGitDirs,
  requireWorktree,
  type Worktree,
  writeNote,
} from '../run/places.ts';
import { CHECKOUT } from '../run/run.ts';
import { treeOf } from '../run/tree-entries.ts';
import { filledIn, fillSubmodules } from '../worktree/submodules.ts';
import { kindBelow } from './between.ts';

/** Stands where other worktrees have their branch. git allows no such name, so none can be meant. */
const NO_BRANCH = '(scratch)';

/**
 * A worktree without a branch, for looking at a commit and throwing it away. What is put over the commit goes through
 * the index, so that git makes every file: a symbolic link in the commit leads none of them elsewhere.
 */
export async function createScratchTree(git: Git, order: ScratchOrder): Promise<void> {
  const dirs = await requireGitDirs(order.repository);
  const folder = await canonical(order.folder);
  if ((await kindOf(folder)) !== null)
    throw new DarkFactoryError(
      'failed',
      'worktree_taken',
      `${folder} is there already`,
      'Use another folder.',
    );
  await mkdir(dirname(folder), { recursive: true });
  const worktree = await inRepository(git, dirs.commonDir, async (held) => {
    const args = ['worktree', 'add', '--quiet', '--detach', '--no-checkout', '--', folder, order.commit];
    expectSuccess(await held.repository(dirs, args), `make the scratch tree ${folder}`);
    return findWorktree(dirs.commonDir, folder);
  });
  if (worktree === null) throw new Error(`git made no worktree at ${folder}`);
  await writeNote(worktree, { branch: NO_BRANCH, base: order.commit });
  await fill(git, worktree, order);
  await age(git, worktree, order.aged ?? []);
  await fillSubmodules(git, order.repository, worktree, order.commit);
}

async function fill(git: Git, worktree: Worktree, order: ScratchOrder): Promise<void> {
  const { commit, over = [], texts = {} } = order;
  const isCommitAlone = over.every(({ paths }) => paths.length === 0) && Object.keys(texts).length === 0;
  const args = ['read-tree', ...(isCommitAlone ? ['--reset', '-u'] : []), commit];
  expectSuccess(await git.worktree(worktree, args, CHECKOUT), 'read the commit');
  if (isCommitAlone) return;
  await layOver(git, worktree, order);
  await checkOut(git, worktree);
}

/** Older than any file that was just written, and young enough for archives, which know no time before 1980. */
const LONG_AGO = new Date('2001-01-01T00:00:00Z');

async function age(git: Git, worktree: Worktree, paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return;
  for (const path of paths) await orNull(lutimes(join(worktree.folder, path), LONG_AGO, LONG_AGO));
  // So that they do not look changed, which would have them written anew.
  await git.worktree(worktree, ['update-index', '-q', '--refresh']);
}

async function layOver(git: Git, worktree: Worktree, order: ScratchOrder): Promise<void> {
  const removed: string[] = [];
  const added: string[] = [];
  for (const { commit, paths } of order.over ?? []) {
    const entries = await treeOf(git, dirsOf(worktree), commit);
    for (const path of paths) {
      const entry = entries.get(path);
      removed.push(path);
      if (entry !== undefined) added.push(`${entry.mode} ${entry.id}\t${path}\0`);
    }
  }
  const texts = Object.entries(order.texts ?? {});
  const old = texts.length === 0 ? null : await treeOf(git, dirsOf(worktree), order.commit);
  for (const [path, text] of texts) {
    const args = ['hash-object', '-w', '--no-filters', '--stdin'];
    const id = await textOf(git.worktree(worktree, args, { input: text }), `keep ${path}`);
    removed.push(path);
    // A program stays one; a link is a file now.
    const mode = old?.get(path)?.mode === '100755' ? '100755' : '100644';
    added.push(`${mode} ${id}\t${path}\0`);
  }
  const nothing = '0'.repeat(order.commit.length);
  // First all removals: a file may have taken the place of a folder.
  const input = [...removed.map((path) => `0 ${nothing}\t${path}\0`), ...added].join('');
  const done = await git.worktree(worktree, ['update-index', '-z', '--index-info'], { input });
  expectSuccess(done, 'lay files over the commit');
}

async function checkOut(git: Git, worktree: Worktree): Promise<void> {
  const args = ['checkout-index', '--all', '--force', '--index', '--quiet'];
  expectSuccess(await git.worktree(worktree, args, CHECKOUT), 'write the files');
}

/**
 * Puts the tree's own files back as they were made, those of its submodules too, and removes those that came to it and of
 * which `unwanted` says so. No command may be running in it.
 *
 * @returns the tree's own files that had been changed or removed
 */
export async function restoreScratchTree(
  git: Git,
  repository: string,
  folder: string,
  unwanted: (path: string) => boolean,
): Promise<string[]> {
  const worktree = await requireWorktree(repository, folder);
  const changed = await restore(git, worktree, '', unwanted);
  for (const { path, worktree: inner } of await filledIn(worktree)) {
    const place = await clearWay(folder, path);
    if ((await kindOf(place)) !== 'folder') {
      await rm(place, { force: true });
      await mkdir(place);
    }
    changed.push(...(await restore(git, inner, `${path}/`, unwanted)));
  }
  return changed;
}

async function restore(
  git: Git,
  worktree: Worktree,
  prefix: string,
  unwanted: (path: string) => boolean,
): Promise<string[]> {
  const args = ['ls-files', '-z', '-t', '--others', '--modified', '--deleted'];
  const list = async () => expectSuccess(await git.worktree(worktree, args), 'list what was changed');
  isOpened(worktree.folder);
  let listing = await list();
  if (UNSEEN.test(listing.stderr)) {
    await openFolders(worktree.folder);
    listing = await list();
  }
  // Tags: `?` new, `C` changed, `R` removed (and then changed as well).
  const rows = splitNul(listing.stdout).map((row) => ({ added: row.startsWith('?'), path: row.slice(2) }));
  for (const { added, path } of rows)
    if (added && unwanted(prefix + path)) await removeTree(await clearWay(worktree.folder, path));
  const changed = new Set(rows.filter(({ added }) => !added).map(({ path }) => path));
  for (const path of changed) await clearWay(worktree.folder, path);
  if (changed.size > 0) await checkOut(git, worktree);
  return [...changed].map((path) => prefix + path);
}

/** The tree's own files, as the commit and what was laid over it have them, with those of its submodules. */
export async function listScratchTree(git: Git, repository: string, folder: string): Promise<string[]> {
  const worktree = await requireWorktree(repository, folder);
  const found: string[] = [];
  for (const { path, worktree: each } of [{ path: '', worktree }, ...(await filledIn(worktree))]) {
    const listing = expectSuccess(await git.worktree(each, ['ls-files', '-z']), 'list the files');
    found.push(...splitNul(listing.stdout).map((name) => join(path, name)));
  }
  return found;
}

/** Paths of a worktree that git does not track, ignored ones included; a folder without any tracked file ends in `/`. */
export async function listUntracked(git: Git, repository: string, folder: string): Promise<string[]> {
  const worktree = await requireWorktree(repository, folder);
  const args = ['ls-files', '-z', '--others', '--directory', '--no-empty-directory'];
  const found: string[] = [];
  const inner = (await filledIn(worktree)).filter(({ path }) => isFolderBelow(worktree, path));
  for (const { path, worktree: each } of [{ path: '', worktree }, ...inner]) {
    const listing = expectSuccess(await git.worktree(each, args), 'list the untracked files');
    found.push(...splitNul(listing.stdout).map((name) => join(path, name)));
  }
  return found;
}

/** A command may have put a link in the place of a submodule, or on the way there: what is behind it is not the tree's. */
const isFolderBelow = ({ folder }: Worktree, path: string): boolean =>
  kindBelow(folder, Buffer.from(path).toString('latin1')) === 'folder';

/** Removes folder and registration. Whatever of these is gone already is fine, the repository included. */
export async function removeScratchTree(git: Git, repository: string, folder: string): Promise<void> {
  const dirs = await gitDirsOf(repository);
  const place = await canonical(folder);
  if (dirs === null) return removeTree(place);
  await inRepository(git, dirs.commonDir, async () => {
    const found = await findWorktree(dirs.commonDir, place);
    await removeTree(place, ...(found === null ? [] : [found.admin]));
    // As git leaves it when its last worktree goes.
    await removeIfEmpty(join(dirs.commonDir, 'worktrees'));
  });
}
