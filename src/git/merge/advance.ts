import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { DarkFactoryError } from '../../lib/failure.ts';
import { commitOf } from '../history/inspect.ts';
import { expectSuccess, gitFailed } from '../run/failures.ts';
import { dirsOf, type Git, textOf, withVariables } from '../run/git.ts';
import { inWorktree } from '../run/hold.ts';
import { DURABLE, identity } from '../run/identity.ts';
import {
  advanceIndex,
  type NotedWorktree,
  ours,
  readText,
  replaceFile,
  requireFolder,
  requireWorktree,
  type Worktree,
} from '../run/places.ts';
import { CHECKOUT_MS } from '../run/run.ts';
import { despiteStaleLock, locksOf } from '../run/stale.ts';
import { headOf } from '../worktree/head.ts';
import { despiteDamagedIndex } from '../worktree/index-file.ts';
import { mendLinks } from '../worktree/repair.ts';
import { changesBetween, holdsOnly, inTheWay, isClean } from './between.ts';

export type Advance = 'advanced' | 'moved' | 'dirty';

/** Written once the worktree was found clean, before the first file changes; gone when the branch has moved. */
const advanceNote = z.object({
  from: z.string().regex(/^[0-9a-f]{40,64}$/),
  to: z.string().regex(/^[0-9a-f]{40,64}$/),
  /** Ignored files, as latin1 text, that lay where `to` has files of its own. */
  over: z.array(z.string()),
});
type AdvanceNote = z.infer<typeof advanceNote>;
const noteOf = (worktree: Worktree) => ours(worktree.admin, 'advance.json');

/**
 * Files first, then the worktree's index, then the branch, each by git. Until the branch has moved the note tells that
 * what differs from `from` is ours, and every step may be done again.
 */
export async function advanceBranch(
  git: Git,
  repository: string,
  folder: string,
  from: string,
  to: string,
): Promise<Advance> {
  const worktree = await requireWorktree(repository, folder);
  await requireFolder(worktree);
  const [first, last] = await Promise.all([from, to].map((each) => commitOf(git, repository, each)));
  const order = { from: first ?? from, to: last ?? to };
  const grown = await git.worktree(worktree, ['merge-base', '--is-ancestor', order.from, order.to]);
  if (grown.code !== 0)
    throw new DarkFactoryError(
      'failed',
      'not_a_descendant',
      `${order.to.slice(0, 12)} does not come from ${order.from.slice(0, 12)}`,
      'Merge the two first.',
    );
  return inWorktree(git, worktree, async (held) => {
    await mendLinks(worktree, worktree.note.branch);
    return despiteDamagedIndex(held, worktree, () => advance(held, worktree, order));
  });
}

/** Ends what a program that died began, so that no half of a merge is taken for work. Callers hold the worktree's lock. */
export async function resumeAdvance(git: Git, worktree: NotedWorktree): Promise<void> {
  const note = await readNote(worktree);
  // Whatever it answers, the worktree then holds what is to be committed.
  if (note !== null) await advance(git, worktree, note);
}

async function advance(
  git: Git,
  worktree: NotedWorktree,
  order: { from: string; to: string },
): Promise<Advance> {
  const { commit } = await headOf(git, worktree);
  const found = await readNote(worktree);
  if (commit !== order.from) {
    await forget(worktree);
    return commit === order.to ? 'advanced' : 'moved';
  }
  const isSame = found !== null && found.from === order.from && found.to === order.to;
  if (found !== null && !isSame) {
    // It was on the way to another commit, such as an earlier attempt at the same merge: back first.
    if (found.from === commit && !(await bring(git, worktree, found, commit))) return 'dirty';
    await forget(worktree);
  }
  const note = isSame ? found : await begin(git, worktree, order);
  if (note === null) return 'dirty';
  if (!(await bring(git, worktree, note, note.to))) {
    // Nothing of it was begun, so nobody is to end it.
    if (!isSame) await forget(worktree);
    return 'dirty';
  }
  const moved = await moveBranch(git, worktree, order);
  // The branch was moved by hand meanwhile: the files go back to where they were.
  if (!moved) await bring(git, worktree, note, note.from);
  await forget(worktree);
  return moved ? 'advanced' : 'moved';
}

/** @returns `null` when the worktree holds changes that are not committed */
async function begin(
  git: Git,
  worktree: NotedWorktree,
  order: { from: string; to: string },
): Promise<AdvanceNote | null> {
  if (!(await isClean(git, worktree, order.from))) return null;
  const changes = await changesBetween(git, dirsOf(worktree), order);
  const over = inTheWay(worktree.folder, changes).filter((path) => !path.endsWith('/'));
  const note = { ...order, over };
  await replaceFile(noteOf(worktree), `${JSON.stringify(note)}\n`);
  return note;
}

/**
 * Brings files and index to the commit `target`, one of the note's two, from wherever between them they are.
 *
 * @returns `false`, with nothing changed, when there is something that is of neither
 */
async function bring(git: Git, worktree: NotedWorktree, note: AdvanceNote, target: string): Promise<boolean> {
  const index = advanceIndex(worktree);
  const aside = withVariables(git, { GIT_INDEX_FILE: index });
  if (!(await holdsOnly(aside, worktree, note))) return false;
  const state = await textOf(aside.worktree(worktree, ['write-tree']), 'write the tree');
  // Against this very state, so that git itself sees to links, folders in the way and emptied folders.
  const args = ['read-tree', '-m', '-u', '--exclude-per-directory=.gitignore', state, target];
  const done = await aside.worktree(worktree, args, { timeoutMs: CHECKOUT_MS });
  expectSuccess(done, `bring the files to ${target.slice(0, 12)}`);
  await rename(index, join(worktree.admin, 'index'));
  return true;
}

/** @returns `false` when the branch is not at `from` any more */
async function moveBranch(
  git: Git,
  worktree: NotedWorktree,
  order: { from: string; to: string },
): Promise<boolean> {
  const variables = identity(await git.config(dirsOf(worktree)));
  const args = ['update-ref', '-m', 'dark-factory: merge', 'HEAD', order.to, order.from];
  const locks = locksOf(worktree, worktree.note.branch);
  // Twice: git locks HEAD and the branch, and one that was killed may have left both.
  const moved = await despiteStaleLock(git, locks, () =>
    despiteStaleLock(git, locks, () => git.worktree(worktree, args, { variables, config: DURABLE })),
  );
  if (moved.code === 0) return true;
  if ((await headOf(git, worktree)).commit !== order.from) return false;
  throw gitFailed(`move the branch ${worktree.note.branch}`, moved.stderr);
}

async function readNote(worktree: Worktree): Promise<AdvanceNote | null> {
  const text = await readText(noteOf(worktree));
  return text === null ? null : advanceNote.parse(JSON.parse(text));
}

async function forget(worktree: Worktree): Promise<void> {
  await rm(noteOf(worktree), { force: true });
}
