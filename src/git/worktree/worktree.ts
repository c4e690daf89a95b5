import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isOpened } from '../../lib/clear-way.ts';
import { DarkFactoryError, usageError } from '../../lib/failure.ts';
import { branchHead } from '../history/branch.ts';
import { gitFailed } from '../run/failures.ts';
import type { Git } from '../run/git.ts';
import { inRepository } from '../run/hold.ts';
import { DURABLE } from '../run/identity.ts';
import {
  asideOf,
  blankOf,
  findWorktree,
  type GitDirs,
  holdsFiles,
  kindOf,
  linkOf,
  readNote,
  readText,
  requireGitDirs,
  type Worktree,
  writeNote,
} from '../run/places.ts';
import { looseHead } from '../run/refs.ts';
import { isFullHash } from '../run/remembered.ts';
import { despiteStaleLock, type LockDomain } from '../run/stale.ts';
import { addWorktree, type BranchOrder, type WorktreeOrder } from './add.ts';
import { enableWorktreeConfig } from './extension.ts';
import { refusePushes, refusesPushes } from './push.ts';
import { clearHalfMade, isOurs, mendLinks, wasWorkedIn } from './repair.ts';
import { fillSubmodules } from './submodules.ts';

/**
 * Makes branch and worktree, or repairs what a crash or a hand left of them. The note in the admin dir is written last:
 * without it nobody worked in the worktree yet, so it may be thrown away and made again.
 *
 * Throws `usage`: `unsafe_branch_name`, `branch_checked_out`; `environment`/`branch_missing`; `failed`: `commit_missing`, `branch_taken`,
 * `worktree_taken`, `partial_clone`, `git_failed`.
 */
export async function createWorktree(git: Git, order: WorktreeOrder): Promise<void> {
  requireSafeBranch(order.branch);
  const dirs = await requireGitDirs(order.repository);
  await mkdir(dirname(order.worktree), { recursive: true });
  await inRepository(git, dirs.commonDir, async (held) => {
    const { worked } = order;
    await makeBranch(held, dirs, order, async () =>
      worked === undefined ? order.commit : lastCommit(held, dirs, order, worked),
    );
    const worktree = (await keepSound(held, dirs, order)) ?? (await addWorktree(held, dirs, order));
    await enableWorktreeConfig(held, dirs.commonDir);
    await refusePushes(held, worktree);
    const head = await branchHead(held, order.repository, order.branch);
    await fillSubmodules(held, order.repository, worktree, head ?? order.commit);
    await writeNote(worktree, { branch: order.branch, base: order.commit });
  });
}

/** Throws as `createWorktree` for the branch; one that is there already and comes from the commit stays as it is. */
export async function createBranch(git: Git, order: BranchOrder): Promise<void> {
  requireSafeBranch(order.branch);
  const dirs = await requireGitDirs(order.repository);
  await inRepository(git, dirs.commonDir, (held) => makeBranch(held, dirs, order, async () => order.commit));
}

export async function preventPush(git: Git, repository: string, folder: string): Promise<void> {
  const { commonDir } = await requireGitDirs(repository);
  await inRepository(git, commonDir, async (held) => {
    const worktree = await findWorktree(commonDir, folder);
    if (worktree === null) throw taken(`${folder} is not a worktree of ${repository}`);
    await enableWorktreeConfig(held, commonDir);
    await refusePushes(held, worktree);
  });
}

/** Registered, complete, linked both ways, on its branch, and refusing pushes. */
export async function validateWorktree(git: Git, repository: string, folder: string): Promise<boolean> {
  const { commonDir } = await requireGitDirs(repository);
  const worktree = await findWorktree(commonDir, folder);
  const note = worktree === null ? null : await readNote(worktree);
  if (worktree === null || note === null) return false;
  if (!isOpened(worktree.folder)) return false;
  if ((await linkOf(worktree.folder)) !== worktree.admin) return false;
  if ((await blankOf(worktree)).length > 0) return false;
  if (looseHead({ ...worktree, note }) === null) {
    // Fails where the branch is gone.
    const head = await git.worktree(worktree, ['rev-parse', '--symbolic-full-name', 'HEAD']);
    if (head.stdout.toString('utf8').trim() !== `refs/heads/${note.branch}`) return false;
  }
  return refusesPushes(git, worktree);
}

/** The worktree that is already there, with its `.git` fixed; `null` when it is to be made (again). */
async function keepSound(git: Git, dirs: GitDirs, order: WorktreeOrder): Promise<Worktree | null> {
  const worktree = await findWorktree(dirs.commonDir, order.worktree);
  if (worktree === null) return null;
  const note = await readNote(worktree);
  if (note !== null && note.branch !== order.branch)
    throw taken(`${order.worktree} is the worktree of the branch ${note.branch}, not of ${order.branch}`);
  const holds = await holdsFiles(worktree.folder);
  // An agent can remove all of its files, and not the link: whoever took that as well removed the worktree.
  const emptied = note !== null && (await kindOf(join(worktree.folder, '.git'))) !== null;
  const isSound = holds
    ? (await isOurs(worktree, order.branch)) && (await wasWorkedIn(git, worktree))
    : emptied && (await kindOf(asideOf(worktree.folder))) === null;
  if (isSound) {
    await mendLinks(worktree, order.branch);
    return worktree;
  }
  await clearHalfMade(worktree, order.branch);
  return null;
}

/** @param start where the branch begins when it is not there; asked for only then */
async function makeBranch(
  git: Git,
  dirs: GitDirs,
  order: BranchOrder,
  start: () => Promise<string>,
): Promise<void> {
  const { branch, commit } = order;
  const ref = `refs/heads/${branch}`;
  const known = await git.repository(dirs, ['cat-file', '-e', `${commit}^{commit}`]);
  if (known.code !== 0 || !isFullHash(commit))
    throw new DarkFactoryError(
      'failed',
      'commit_missing',
      `the commit ${commit.slice(0, 100)} is not in ${order.repository}`,
      'The repository was exchanged or its history rewritten; make the project anew.',
    );
  const there = await git.repository(dirs, ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`]);
  if (there.code === 0) {
    const grown = await git.repository(dirs, ['merge-base', '--is-ancestor', commit, ref]);
    if (grown.code === 0) return;
    throw new DarkFactoryError(
      'failed',
      'branch_taken',
      `the branch ${branch} is there already and does not come from ${commit.slice(0, 12)}`,
      'Rename that branch, or make the project anew to get another name.',
    );
  }
  const from = await start();
  const nothing = '0'.repeat(commit.length);
  const args = ['update-ref', '-m', 'dark-factory: start', ref, from, nothing];
  const made = await despiteStaleLock(git, lockOf(dirs, ref), () =>
    git.repository(dirs, args, { config: DURABLE }),
  );
  if (made.code === 0) return;
  // The git of a process that was killed may have been on its way to the same.
  if ((await branchHead(git, order.repository, branch)) !== from)
    throw gitFailed(`make the branch ${branch}`, made.stderr);
}

/** Where the branch stood when it was removed, as the worktree's own log of its HEAD tells. */
async function lastCommit(git: Git, dirs: GitDirs, order: WorktreeOrder, known: string): Promise<string> {
  const worktree = await findWorktree(dirs.commonDir, order.worktree);
  const lines = worktree === null ? null : await readText(join(worktree.admin, 'logs/HEAD'));
  const last = /^[0-9a-f]+ ([0-9a-f]{40,64}) .*$/.exec(lines?.trimEnd().split('\n').at(-1) ?? '')?.[1];
  if (last !== undefined) {
    const grown = await git.repository(dirs, ['merge-base', '--is-ancestor', order.commit, last]);
    if (grown.code === 0) return last;
  }
  throw new DarkFactoryError(
    'environment',
    'branch_missing',
    `The branch ${order.branch} was removed from ${order.repository}, and with it what the project has done`,
    `Make it again at its last commit and resume the project. Known is ${known.slice(0, 12)}: git branch ${order.branch} ${known.slice(0, 12)} (later ones: git fsck --lost-found).`,
  );
}

/** Nobody else has business with a branch that the factory is about to make. */
function lockOf({ commonDir }: GitDirs, ref: string): LockDomain {
  return { files: [`${commonDir}/${ref}.lock`], folders: [commonDir] };
}

/** Branch names of the factory are safe by make; this keeps any other from becoming an option or a wrong path. */
function requireSafeBranch(branch: string): void {
  const parts = branch.split('/');
  const safe = parts.every(
    (part) => /^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(part) && !/\.\.|\.$|\.lock$/.test(part),
  );
  if (safe && branch.length <= 200) return;
  throw usageError(
    'unsafe_branch_name',
    `${JSON.stringify(branch.slice(0, 100))} is no name for a branch of the factory`,
    'Use letters, digits, hyphens and slashes.',
  );
}

function taken(message: string): DarkFactoryError {
  return new DarkFactoryError(
    'failed',
    'worktree_taken',
    message,
    'Remove that worktree, or use another folder.',
  );
}
