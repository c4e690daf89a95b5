import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { always, orNullSync } from '../../lib/errno.ts';
import type { GitDirs, NotedWorktree } from './places.ts';
import { isFullHash } from './remembered.ts';

/** Names of branches of which a file system makes just the file that git does. */
const PLAIN = /^[A-Za-z0-9_+=-][\w+=.-]*(?:\/[A-Za-z0-9_+=-][\w+=.-]*)*$/;

/**
 * The commit of a branch, where git keeps the branch in a file of its own, as it does with nearly every one that moves
 * (gitrepository-layout(5)). git replaces that file as a whole.
 *
 * @returns `null` when git is to be asked: the branch is packed or absent, points to another ref, or is kept in another format
 */
export function looseBranch({ commonDir }: Pick<GitDirs, 'commonDir'>, branch: string): string | null {
  if (!PLAIN.test(branch) || branch.includes('..')) return null;
  const text = orNullSync(() => readFileSync(join(commonDir, 'refs/heads', branch), 'latin1'), always);
  const hash = text?.trimEnd() ?? '';
  return isFullHash(hash) ? hash : null;
}

/**
 * The commit of a worktree of the factory.
 *
 * @returns `null` when git is to be asked: it is on another branch, or the branch is not in a file of its own
 */
export function looseHead({ commonDir, admin, note }: NotedWorktree): string | null {
  const text = orNullSync(() => readFileSync(join(admin, 'HEAD'), 'utf8'), always);
  return text?.trimEnd() === `ref: refs/heads/${note.branch}`
    ? looseBranch({ commonDir }, note.branch)
    : null;
}
