import { rm, stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { orNull } from '../../lib/errno.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import type { Git } from './git.ts';
import type { Worktree } from './places.ts';
import { holderOf } from './processes.ts';
import type { GitAnswer } from './run.ts';

/** No git of the factory runs longer; where holders cannot be seen, an older lock file belongs to a dead one. */
export const OLD_MS = 60_000;
const LOOKS = 10;
const BETWEEN_LOOKS_MS = 200;

export interface LockDomain {
  /** Lock files that belong to the factory alone; no other is ever removed. */
  isOurs(file: string): boolean;
  /** Where a live git would have to be at work to hold such a file. */
  folders: readonly string[];
}

/** Index, HEAD and branch of a worktree of the factory. */
export function locksOf(worktree: Worktree, branch: string): LockDomain {
  const { admin, commonDir, folder } = worktree;
  return {
    isOurs: (file) => file.startsWith(`${admin}/`) || file === `${commonDir}/refs/heads/${branch}.lock`,
    folders: [admin, folder],
  };
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
  const file = first.code === 0 ? null : lockFileIn(first.stderr);
  if (file === null || !domain.isOurs(file)) return first;
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

/** The file in "fatal: Unable to create '…/index.lock': File exists." */
function lockFileIn(stderr: string): string | null {
  return /Unable to create '(.+\.lock)': File exists/.exec(stderr)?.[1] ?? null;
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
