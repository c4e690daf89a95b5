import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const MOST_OUTPUT = 256 * 1024 * 1024;

/** One file as a commit leaves it. `content: null`: removed. */
export interface WrittenFile {
  path: string;
  content: Buffer | null;
  executable: boolean;
  /** What changed in a file of the parent's. */
  patch: Buffer | null;
}

export interface Commit {
  id: string;
  subject: string;
  message: string;
  files: WrittenFile[];
}

export interface Checkout {
  dir: string;
  remove(): Promise<void>;
}

async function git(dir: string, ...args: string[]): Promise<Buffer> {
  const options = { cwd: dir, maxBuffer: MOST_OUTPUT, encoding: 'buffer' as const };
  return (await execute('git', args, options)).stdout;
}

const text = async (dir: string, ...args: string[]): Promise<string> =>
  (await git(dir, ...args)).toString().trim();

/** What a commit did, read from a repository with or without a work tree. */
export async function readCommit(repository: string, name: string): Promise<Commit> {
  const id = await text(repository, 'rev-parse', '--verify', `${name}^{commit}`);
  const message = await text(repository, 'show', '-s', '--format=%B', id);
  const changed = (await git(repository, 'diff-tree', '-r', '-z', '--no-renames', `${id}^`, id)).toString();
  const parts = changed.split('\0').filter((each) => each !== '');
  const files: WrittenFile[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [, mode = '', , blob = '', status = ''] = (parts[at] ?? '').split(' ');
    const content = status === 'D' ? null : await git(repository, 'cat-file', 'blob', blob);
    const path = parts[at + 1] ?? '';
    const patch =
      status === 'M'
        ? await git(repository, 'diff', '--binary', '--no-renames', `${id}^`, id, '--', path)
        : null;
    files.push({ path, content, executable: mode === '100755', patch });
  }
  return { id, subject: message.split('\n')[0] ?? '', message, files };
}

/** A clone of its own, with the commit's parent checked out on a branch. */
export async function checkoutParent(repository: string, { id }: Commit): Promise<Checkout> {
  const dir = await mkdtemp(join(tmpdir(), 'replay-'));
  const remove = () => rm(dir, { recursive: true, force: true, maxRetries: 3 });
  try {
    await git(dir, 'clone', '--quiet', '--no-checkout', '--shared', repository, 'clone');
    await git(join(dir, 'clone'), 'checkout', '--quiet', '-B', 'main', `${id}^`);
  } catch (error) {
    await remove();
    throw error;
  }
  return { dir: join(dir, 'clone'), remove };
}
