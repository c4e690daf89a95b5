import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { orNull } from '../../lib/errno.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import { ownWords } from './failures.ts';
import type { Git } from './git.ts';
import { advanceIndex, treeIndex, type Worktree } from './places.ts';
import { holderOf } from './processes.ts';
import { CHECKOUT_MS, type GitAnswer } from './run.ts';

/** No git of the factory runs longer; where holders cannot be seen, an older lock file belongs to a dead one. */
export const OLD_MS = CHECKOUT_MS + 60_000;
const LOOKS = 10;
const BETWEEN_LOOKS_MS = 200;

export interface LockDomain {
  /** Lock files that belong to the factory alone; no other is ever removed. */
  files: readonly string[];
  /** Where a live git would have to be at work to hold such a file. */
  folders: readonly string[];
}

/** Index, HEAD and branch of a worktree of the factory. */
export function locksOf(worktree: Worktree, branch: string): LockDomain {
  const { admin, commonDir, folder } = worktree;
  const locked = [
    join(admin, 'index'),
    join(admin, 'HEAD'),
    treeIndex(worktree),
    advanceIndex(worktree),
    join(commonDir, 'refs/heads', branch),
  ];
  return { files: locked.map((file) => `${file}.lock`), folders: [admin, folder] };
}

/**
 * Runs git; when it is kept out by a lock file that a dead git left, removes the file and runs it once more.
 *
 * Throws `failed`/`git_locked` when somebody holds the lock, or may.
 */
export async function despiteStaleLock(
  { staleLock }: Pick<Git, 'staleLock'>,
  domain: LockDomain,
  attempt: () => Promise<GitAnswer>,
): Promise<GitAnswer> {
  const first = await attempt();
  const file = first.code === 0 ? undefined : lockFileIn(first.stderr, domain);
  if (file === undefined) return first;
  for (let look = 1; ; look++) {
    const holder = await holderOf(file, domain.folders);
    if (holder === 'none' || (holder === 'unknown' && (await isOld(file)))) break;
    // A git that only reads there is soon gone; so is one that is about to finish.
    if (look === LOOKS) throw locked(file, holder);
    await wait(BETWEEN_LOOKS_MS);
  }
  await rm(file, { force: true });
  staleLock(file);
  return attempt();
}

/** Which of ours is in "fatal: Unable to create '…/index.lock': File exists.": a filter may say any other name in git's words. */
function lockFileIn(stderr: string, { files }: LockDomain): string | undefined {
  const words = ownWords(stderr);
  return files.find((file) => words.includes(`Unable to create '${file}': File exists`));
}

async function isOld(file: string): Promise<boolean> {
  const found = await orNull(stat(file));
  return found === null || Date.now() - found.mtimeMs > OLD_MS;
}

function locked(file: string, holder: number | 'unknown'): DarkFactoryError {
  return new DarkFactoryError(
    'failed',
    'git_locked',
    holder === 'unknown'
      ? `${file} is there, and whether a git still holds it cannot be seen`
      : `${file} is held by process ${holder}`,
    'Wait for that git to end. If none is running, remove the file.',
  );
}
