import { expectSuccess } from '../run/failures.ts';
import type { Git } from '../run/git.ts';
import type { Worktree } from '../run/places.ts';
import { type Entry, parseRaw } from '../run/raw-diff.ts';
import type { GitAnswer, GitCall } from '../run/run.ts';

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

/** Bytes that are read in one go, and of one file; a larger one is no source that somebody wrote. */
const MOST_AT_ONCE = 32 * 1024 * 1024;
const MOST_OF_FILE = 2 * 1024 * 1024;
/** git's own test for binary files looks as far. */
const LOOKED_AT = 8_000;

/** Hands out text after text, a few at a time in memory. Binary and large blobs are left out. */
export async function eachText(
  ask: (args: readonly string[], call: GitCall) => Promise<GitAnswer>,
  blobs: readonly string[],
  work: (blob: string, text: string) => Promise<void>,
): Promise<void> {
  const ids = [...new Set(blobs)];
  const check = await ask(['cat-file', '--batch-check'], { input: lines(ids) });
  let batch: string[] = [];
  let bytes = 0;
  const flush = async () => {
    const answer = await ask(['cat-file', '--batch'], { input: lines(batch) });
    for (const [blob, content] of contents(expectSuccess(answer, 'read the staged files').stdout))
      if (!content.subarray(0, LOOKED_AT).includes(0)) await work(blob, content.toString('utf8'));
    batch = [];
    bytes = 0;
  };
  const rows = expectSuccess(check, 'measure the staged files').stdout.toString('utf8').split('\n');
  for (const row of rows) {
    const [, id, size] = /^([0-9a-f]+) blob (\d+)$/.exec(row) ?? [];
    if (id === undefined || Number(size) > MOST_OF_FILE) continue;
    if (bytes + Number(size) > MOST_AT_ONCE) await flush();
    batch.push(id);
    bytes += Number(size);
  }
  if (batch.length > 0) await flush();
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

function* contents(output: Buffer): Generator<[blob: string, content: Buffer]> {
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf(10, at);
    const [, id, size] = /^([0-9a-f]+) blob (\d+)$/.exec(output.toString('utf8', at, end)) ?? [];
    if (id === undefined) throw new Error('git named a blob that it does not have');
    const start = end + 1;
    const stop = start + Number(size);
    yield [id, output.subarray(start, stop)];
    at = stop + 1;
  }
}

function lines(ids: readonly string[]): string {
  return ids.map((id) => `${id}\n`).join('');
}
