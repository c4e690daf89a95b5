import { lstatSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { orNullSync } from '../../lib/errno.ts';
import { stageAll } from '../commit/stage.ts';
import { takeOverIndex } from '../history/tree.ts';
import { expectSuccess, gitFailed } from '../run/failures.ts';
import { dirsOf, type Git, rowsOf } from '../run/git.ts';
import { advanceIndex, type GitDirs, type NotedWorktree, type Worktree } from '../run/places.ts';
import { type Changes, type Entry, parseRaw } from '../run/raw-diff.ts';
import { locksOf } from '../run/stale.ts';

const GITLINK = '160000';

/** Nothing in the worktree, ignored files aside, differs from the commit. */
export async function isClean(git: Git, worktree: NotedWorktree, commit: string): Promise<boolean> {
  const index = advanceIndex(worktree);
  await takeOver(worktree);
  const locks = locksOf(worktree, worktree.note.branch);
  const { unseen, tooMany, tooLong } = await stageAll(git, worktree, { index, infoOnly: true, locks });
  const answer = await git.worktree(worktree, ['diff-index', '--cached', '--quiet', commit, '--'], {
    variables: { GIT_INDEX_FILE: index },
  });
  if (answer.code > 1) throw gitFailed('compare the worktree with its commit', answer.stderr);
  return answer.code === 0 && unseen.length + tooLong.length === 0 && !tooMany;
}

export async function changesBetween(
  git: Git,
  dirs: GitDirs,
  { from, to }: { from: string; to: string },
): Promise<Changes> {
  const args = ['diff-tree', '-r', '--raw', '-z', '--no-renames', '--no-abbrev', '--ignore-submodules=none'];
  const answer = await git.repository(dirs, [...args, from, to]);
  return parseRaw(expectSuccess(answer, 'compare the commits').stdout);
}

/**
 * What lies where a checkout of `to` puts something, and `from` does not have it: ignored files, which git overwrites, are
 * among it. A folder, which ends in `/`, may hold nothing but what `from` has.
 *
 * @returns paths as latin1 text
 */
export function inTheWay(folder: string, changes: Changes): string[] {
  const found = new Set<string>();
  const kindOf = kindsIn(folder);
  for (const [path, { before, after }] of changes) {
    if (before !== null || after === null) continue;
    const parts = path.split('/');
    for (let length = 1; length <= parts.length; length++) {
      const at = parts.slice(0, length).join('/');
      const kind = kindOf(at);
      if (kind === 'file' && !changes.get(at)?.before) found.add(at);
      if (kind === 'folder' && at === path && after.mode !== GITLINK) found.add(`${at}/`);
      if (kind !== 'folder') break;
    }
  }
  return [...found];
}

/**
 * Is every file that `from` and `to` have in common as they have it, and every other as one of them has it, absent, or
 * the beginning of what `to` has? That, and nothing else, a checkout that was killed leaves behind. Files that are in
 * neither are not looked at, but for `over`.
 *
 * @param git bound to the index of `advanceIndex`, which afterwards holds what the files are
 */
export async function holdsOnly(
  git: Git,
  worktree: Worktree,
  note: { from: string; to: string; over: readonly string[] },
): Promise<boolean> {
  const changes = await changesBetween(git, dirsOf(worktree), note);
  // With what the worktree's own index knows of the files (which are not checked out, which were found unchanged) that git
  // could not tell by looking.
  await takeOver(worktree);
  expectSuccess(await git.worktree(worktree, ['read-tree', '--reset', note.from]), 'read the commit');
  // 1: something needs an update, which the next command lists.
  await git.worktree(worktree, ['update-index', '-q', '--refresh', '--ignore-submodules']);
  const differ = ['diff-files', '--name-only', '-z', '--no-ext-diff', '--ignore-submodules=all'];
  const differing = await rowsOf(git.worktree(worktree, differ), 'list the changed files', 'latin1');
  if (differing.some((path) => !changes.has(path))) return false;
  await stage(git, worktree, changes);
  const args = ['diff-index', '--cached', '--raw', '-z', '--no-renames', '--no-abbrev', note.from, '--'];
  const state = parseRaw(expectSuccess(await git.worktree(worktree, args), 'compare the files').stdout);
  const over = new Set(note.over);
  for (const [path, { after: now }] of state) {
    const wanted = changes.get(path)?.after ?? null;
    if (now === null || over.has(path) || (now.id === wanted?.id && now.mode === wanted.mode)) continue;
    if (wanted === null || !(await isCutShort(git, worktree, path, wanted))) return false;
  }
  return true;
}

/** Brings the index to what lies at the changed paths, ignored or not. */
async function stage(git: Git, worktree: Worktree, changes: Changes): Promise<void> {
  const [gone, there]: [string[], string[]] = [[], []];
  const kindOf = kindsIn(worktree.folder);
  for (const [path, { before }] of changes) {
    if (kindBelow(worktree.folder, path, kindOf) === 'file') there.push(`${path}\0`);
    // A submodule of the owner is a folder, mostly an empty one, and never looked into.
    else if (before !== null && before.mode !== GITLINK)
      gone.push(`0 ${'0'.repeat(before.id.length)}\t${path}\0`);
  }
  // First all removals: a file may have taken the place of a folder.
  for (const [args, rows] of [
    [['--index-info'], gone],
    [['--add', '--replace', '--stdin'], there],
  ] as const) {
    if (rows.length === 0) continue;
    const input = Buffer.from(rows.join(''), 'latin1');
    expectSuccess(await git.worktree(worktree, ['update-index', '-z', ...args], { input }), 'read the files');
  }
}

/** A file that a checkout had begun to write when it was killed. */
async function isCutShort(git: Git, worktree: Worktree, path: string, wanted: Entry): Promise<boolean> {
  if (!wanted.mode.startsWith('100')) return false;
  const name = Buffer.from(path, 'latin1').toString('utf8');
  const args = ['cat-file', '--filters', `--path=${name}`, wanted.id];
  // This command looks for attributes (line ends, filters) where it stands.
  const whole = await git.worktree(worktree, args, { cwd: worktree.folder });
  const content = expectSuccess(whole, `read ${name}`).stdout;
  const place = bytesOf(worktree.folder, path);
  if (!lstatSync(place).isFile() || lstatSync(place).size > content.length) return false;
  const begun = readFileSync(place);
  return content.subarray(0, begun.length).equals(begun);
}

/**
 * What lies at a path below a folder: a symbolic link counts as a file, and none on the way there is followed.
 *
 * @param path bytes, as latin1 text
 */
export function kindBelow(folder: string, path: string, kindOf = kindsIn(folder)): Kind {
  const parts = path.split('/');
  for (let length = 1; length <= parts.length; length++) {
    const kind = kindOf(parts.slice(0, length).join('/'));
    if (length === parts.length || kind === 'none') return kind;
    if (kind === 'file') return 'none';
  }
  return 'none';
}

type Kind = 'file' | 'folder' | 'none';

/** Each place is looked at once: thousands of paths have the same folders on their way. */
function kindsIn(folder: string): (path: string) => Kind {
  const known = new Map<string, Kind>();
  return (path) => {
    const kind = known.get(path) ?? kindAt(bytesOf(folder, path));
    known.set(path, kind);
    return kind;
  };
}

function kindAt(place: Buffer): Kind {
  return orNullSync(() => (lstatSync(place).isDirectory() ? 'folder' : 'file')) ?? 'none';
}

function bytesOf(folder: string, path: string): Buffer {
  return Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(path, 'latin1')]);
}

/** The worktree's own index for that of `advanceIndex`; no lock file of a killed git stands in its way afterwards. */
async function takeOver(worktree: Worktree): Promise<void> {
  const index = advanceIndex(worktree);
  await rm(index, { force: true });
  await rm(`${index}.lock`, { force: true });
  await takeOverIndex(worktree, index);
}
