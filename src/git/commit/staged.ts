import { type AskGit, eachBlob } from '../run/blobs.ts';
import { expectSuccess } from '../run/failures.ts';
import type { Git } from '../run/git.ts';
import type { Worktree } from '../run/places.ts';
import { type Entry, parseRaw } from '../run/raw-diff.ts';

/** A plain file that differs between a commit and the index. The path is bytes, carried as latin1 text. */
export interface StagedFile {
  path: string;
  blob: string;
  /** `null`: the commit has no plain file there. */
  before: Entry | null;
}

/** Files that `commit` does not have like this. Links, submodules and removed files are left out. */
export async function stagedFiles(git: Git, worktree: Worktree, commit: string): Promise<StagedFile[]> {
  const args = ['diff-index', '--cached', '--raw', '-z', '--no-renames', '--no-abbrev', '--diff-filter=AMT'];
  const answer = await git.worktree(worktree, [...args, '--ignore-submodules=all', commit, '--']);
  const changes = parseRaw(expectSuccess(answer, 'list the staged files').stdout);
  return [...changes].flatMap(([path, { before, after }]) =>
    after?.mode.startsWith('100')
      ? [{ path, blob: after.id, before: before?.mode.startsWith('100') ? before : null }]
      : [],
  );
}

/** A larger file is no source that somebody wrote. */
const MOST_OF_FILE = 2 * 1024 * 1024;
/** git's own test for binary files looks as far. */
const LOOKED_AT = 8_000;

/** Hands out text after text, a few at a time in memory. Binary and large blobs are left out. */
export async function eachText(
  ask: AskGit,
  blobs: readonly string[],
  work: (blob: string, text: string) => Promise<void>,
): Promise<void> {
  await eachBlob(ask, blobs, MOST_OF_FILE, async (blob, content) => {
    if (!content.subarray(0, LOOKED_AT).includes(0)) await work(blob, content.toString('utf8'));
  });
}

/** Brings the index back to the commit's state for these files; those of the worktree stay as they are. */
export async function unstage(git: Git, worktree: Worktree, files: readonly StagedFile[]): Promise<void> {
  const rows = files.map(({ path, blob, before }) =>
    before === null ? `0 ${'0'.repeat(blob.length)}\t${path}\0` : `${before.mode} ${before.id}\t${path}\0`,
  );
  const input = Buffer.from(rows.join(''), 'latin1');
  const done = await git.worktree(worktree, ['update-index', '-z', '--index-info'], { input });
  expectSuccess(done, 'leave files out of the commit');
}
