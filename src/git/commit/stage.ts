import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { isUnseen, orNull } from '../../lib/errno.ts';
import { complaint, expectSuccess, gitFailed } from '../run/failures.ts';
import { type Git, rowsOf, splitNul } from '../run/git.ts';
import { ours, type Worktree } from '../run/places.ts';
import type { GitAnswer, GitCall } from '../run/run.ts';
import { callFor, joinNul, placeOf, type Staged, type Staging, update } from './update.ts';

/** What git says of what it could not look at. */
export const UNSEEN = /cannot lstat|could not open|File name too long/;
/** In characters: git cuts its complaints at this length, before it comes to the reason. */
const CUT_AT = 4_000;
/**
 * Brings an index up to date with the files of the worktree: new, changed and removed ones, without the ignored.
 *
 * `git add --all` would record a repository inside the worktree as a submodule, lose its files, refuse to work when it
 * has no commit, and later run git in it with a configuration that the agent wrote. Here only files are staged; those of
 * an inner repository are ordinary files, its `.git` is not looked at. Submodules of the owner stay at their commit.
 *
 * Paths are bytes, carried as latin1 text.
 */
export async function stageAll(git: Git, worktree: Worktree, staging: Staging): Promise<Staged> {
  const call = callFor(staging);
  const listing = await git.worktree(
    worktree,
    ['ls-files', '-z', '-t', '--others', '--modified', '--deleted', '--exclude-standard'],
    call,
  );
  expectSuccess(listing, 'list the changed files');
  const { files, inner } = await sort(git, worktree, call, listing);
  const skipped: string[] = [];
  for (const path of inner) files.push(...(await insideOf(git, worktree, path, skipped)));
  const unseen = listing.stderr.split('\n').filter((line) => UNSEEN.test(line));
  if (unseen.length > 0) staging.onUnseen?.(unseen);
  const staged: Staged = {
    skipped,
    refused: [],
    tooMany: false,
    tooLong: [],
    unfiltered: [],
    unseen,
  };
  if (files.length > 0) await update(git, worktree, staging, files, staged);
  return staged;
}

/** Tags: `?` new, `C` changed, `R` removed (and changed as well). `x/` is a repository that the index does not know. */
async function sort(
  git: Git,
  worktree: Worktree,
  call: GitCall,
  listing: GitAnswer,
): Promise<{ files: string[]; inner: string[] }> {
  const [added, changed, removed] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const row of splitNul(listing.stdout, 'latin1')) {
    const path = row.slice(2);
    (row.startsWith('?') ? added : row.startsWith('R') ? removed : changed).add(path);
  }
  const nowFolders: string[] = [];
  for (const path of changed)
    if (!removed.has(path) && (await isFolder(worktree, path))) nowFolders.push(path);
  if (nowFolders.length > 0) {
    const submodules = await submodulesIn(git, worktree, call);
    for (const path of nowFolders) if (submodules.has(path)) changed.delete(path);
  }
  const news = [...added];
  return {
    files: [
      ...removed,
      ...[...changed].filter((path) => !removed.has(path)),
      ...news.filter((p) => !p.endsWith('/')),
    ],
    inner: news.filter((path) => path.endsWith('/')),
  };
}

async function submodulesIn(git: Git, worktree: Worktree, call: GitCall): Promise<Set<string>> {
  const stage = git.worktree(worktree, ['ls-files', '-z', '--stage'], call);
  const rows = await rowsOf(stage, 'read the index', 'latin1');
  return new Set(
    rows.filter((row) => row.startsWith('160000 ')).map((row) => row.slice(row.indexOf('\t') + 1)),
  );
}

/** The files of an inner repository that neither its own ignore files nor the outer ones exclude. */
async function insideOf(git: Git, worktree: Worktree, path: string, skipped: string[]): Promise<string[]> {
  const found: string[] = [];
  const folders = [path];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    // As if the folder were the whole work tree, against an empty index: git then skips the folder's own `.git`.
    const listing = await git.worktree(worktree, ['ls-files', '-z', '--others', '--exclude-standard'], {
      workTree: join(worktree.folder, Buffer.from(folder, 'latin1').toString('utf8')),
      variables: { GIT_INDEX_FILE: ours(worktree.admin, 'no-index') },
    });
    if (listing.code !== 0) skipped.push(`${folder}: ${complaint(listing.stderr)}`);
    for (const name of splitNul(listing.stdout, 'latin1'))
      (name.endsWith('/') ? folders : found).push(folder + name);
  }
  return withoutIgnored(git, worktree, found);
}

async function withoutIgnored(git: Git, worktree: Worktree, paths: string[]): Promise<string[]> {
  if (paths.length === 0) return [];
  const answer = await git.worktree(worktree, ['check-ignore', '-z', '--stdin', '--no-index'], {
    // `../` keeps a name such as `:(glob)x` from being a pattern; this command does not know literal ones.
    input: joinNul(paths.map((path) => `./${path}`)),
    variables: { GIT_INDEX_FILE: ours(worktree.admin, 'no-index'), GIT_LITERAL_PATHSPECS: '0' },
  });
  // 1: none of them is ignored.
  if (answer.code > 1) throw gitFailed('read the ignore files', answer.stderr);
  const ignored = new Set(splitNul(answer.stdout, 'latin1'));
  return paths.filter((path) => !ignored.has(`./${path}`));
}

async function isFolder(worktree: Worktree, path: string): Promise<boolean> {
  // Below a folder that is closed to us there may be anything.
  const found = await orNull(lstat(placeOf(worktree, path)), isUnseen);
  return found?.isDirectory() ?? false;
}

/** A complaint of git about a path that is longer than the system allows. */
export function isTooLong(complaint: string): boolean {
  return complaint.length > CUT_AT || complaint.includes('File name too long');
}
