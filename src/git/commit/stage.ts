import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { orNull } from '../../lib/errno.ts';
import { complaint, expectSuccess, gitFailed } from '../run/failures.ts';
import { type Git, rowsOf, splitNul } from '../run/git.ts';
import { ours, type Worktree } from '../run/places.ts';
import type { GitAnswer, GitCall } from '../run/run.ts';
import { despiteStaleLock, type LockDomain } from '../run/stale.ts';

export interface Staging {
  /** Which index is brought up to date. Missing: the worktree's own. */
  index?: string;
  /** Only the ids are wanted: no object is written to the repository. */
  infoOnly?: boolean;
  locks: LockDomain;
}

export interface Staged {
  /** The index was written. */
  changed: boolean;
  /** Paths that git cannot hold (a name such as `git~1`, a file that cannot be read), each with git's reason. */
  skipped: string[];
  /** Folders or files that could not be looked at, in git's words: something may be missing. */
  unseen: string[];
}

const UNSEEN = /cannot lstat|could not open|File name too long/;
/** In characters: git cuts its complaints at this length, before it comes to the reason. */
const CUT_AT = 4_000;
/** So many paths git may refuse before it is asked no more. */
const MOST_REFUSALS = 50;

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
  if (files.length === 0) return { changed: false, skipped, unseen };
  skipped.push(...(await update(git, worktree, staging, files)));
  return { changed: true, skipped, unseen };
}

function callFor(staging: Staging): GitCall {
  return staging.index === undefined ? {} : { variables: { GIT_INDEX_FILE: staging.index } };
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

/** Stages files; a path that git refuses is left out and named, so that one odd name does not lose the others' work. */
async function update(git: Git, worktree: Worktree, staging: Staging, files: string[]): Promise<string[]> {
  const skipped: string[] = [];
  let rest = files;
  // `--refresh`: the written index also learns the times of files that were only looked at.
  const args = ['update-index', '--refresh', '--add', '--remove', '--replace', '-z', '--stdin'];
  if (staging.infoOnly) args.splice(1, 0, '--info-only');
  for (;;) {
    const input = joinNul(rest);
    const answer = await despiteStaleLock(git, staging.locks, () =>
      git.worktree(worktree, args, { ...callFor(staging), input }),
    );
    const ignored = [...answer.stderr.matchAll(/^Ignoring path (.+)$/gm)].map(
      ([, path]) => `${path}: invalid path`,
    );
    // 1: the refresh, which comes first, found changed files. Everything that fails says 128.
    if (answer.code <= 1) return [...skipped, ...ignored];
    const refused = /^fatal: Unable to process path (.+)$/m.exec(answer.stderr)?.[1];
    const remaining = rest.filter((path) => Buffer.from(path, 'latin1').toString('utf8') !== refused);
    if (
      remaining.length === rest.length ||
      skipped.length >= MOST_REFUSALS ||
      /No space left/.test(answer.stderr)
    )
      throw gitFailed('stage the files', answer.stderr);
    skipped.push(`${refused}: ${answer.stderr.split('\n')[0] ?? ''}`);
    if (remaining.length === 0) return skipped;
    rest = remaining;
  }
}

async function isFolder(worktree: Worktree, path: string): Promise<boolean> {
  const whole = Buffer.concat([Buffer.from(`${worktree.folder}/`), Buffer.from(path, 'latin1')]);
  return (await orNull(lstat(whole)))?.isDirectory() ?? false;
}

function joinNul(paths: readonly string[]): Buffer {
  return Buffer.from(paths.map((path) => `${path}\0`).join(''), 'latin1');
}

/** A complaint of git about a path that is longer than the system allows. */
export function isTooLong(complaint: string): boolean {
  return complaint.length > CUT_AT || complaint.includes('File name too long');
}
