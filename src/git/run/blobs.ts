import { gathered } from '../../lib/async/gathered.ts';
import { expectSuccess, gitFailed } from './failures.ts';
import type { GitDirs } from './places.ts';
import type { GitAnswer, GitCall } from './run.ts';

/** A git on a repository's objects and refs. */
export type OnRepository = (dirs: GitDirs, args: readonly string[], call?: GitCall) => Promise<GitAnswer>;

/** The same on one of them. */
export type AskGit = (args: readonly string[], call: GitCall) => Promise<GitAnswer>;

/** The content of a blob; `null` where it has more than a mebibyte. */
export type ReadBlob = (dirs: GitDirs, id: string) => Promise<Buffer | null>;

/** Bytes that are read in one go. */
const MOST_AT_ONCE = 32 * 1024 * 1024;
const LARGEST = 1024 * 1024;

/**
 * Reads blobs, those that are asked for at the same moment by one git: to start a program takes a worker longer than anything that
 * git does for a few files.
 */
export function createBlobs(repository: OnRepository): ReadBlob {
  return gathered<GitDirs, Buffer>(
    ({ gitDir }) => gitDir,
    (dirs, ids) => readAll((args, call) => repository(dirs, args, call), ids),
  );
}

async function readAll(ask: AskGit, ids: readonly string[]): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  const [only = ''] = ids;
  if (ids.length === 1) {
    const blob = await ask(['cat-file', 'blob', only], { enough: LARGEST + 1 });
    const { stdout } = expectSuccess(blob, `read ${only}`);
    if (stdout.length <= LARGEST) found.set(only, stdout);
    return found;
  }
  const missing = await eachBlob(ask, ids, LARGEST, async (id, content) => void found.set(id, content));
  // What cannot be read must not look as if it were not there.
  if (missing.length > 0) throw gitFailed('read files', `${missing.join(', ')}: missing`);
  return found;
}

/**
 * Hands out blob after blob, a few at a time in memory.
 *
 * @param mostBytes larger ones are left out
 * @returns those that are not there, or are no blobs
 */
export async function eachBlob(
  ask: AskGit,
  blobs: readonly string[],
  mostBytes: number,
  work: (blob: string, content: Buffer) => Promise<void>,
): Promise<string[]> {
  const ids = [...new Set(blobs)];
  const check = await ask(['cat-file', '--batch-check'], { input: lines(ids) });
  const missing = new Set(ids);
  let batch: string[] = [];
  let bytes = 0;
  const flush = async () => {
    const answer = await ask(['cat-file', '--batch'], { input: lines(batch) });
    for (const [blob, content] of contents(expectSuccess(answer, 'read files').stdout))
      await work(blob, content);
    batch = [];
    bytes = 0;
  };
  const rows = expectSuccess(check, 'measure files').stdout.toString('utf8').split('\n');
  for (const row of rows) {
    const [, id, size] = /^([0-9a-f]+) blob (\d+)$/.exec(row) ?? [];
    if (id === undefined) continue;
    missing.delete(id);
    if (Number(size) > mostBytes) continue;
    if (bytes + Number(size) > MOST_AT_ONCE) await flush();
    batch.push(id);
    bytes += Number(size);
  }
  if (batch.length > 0) await flush();
  return [...missing];
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
