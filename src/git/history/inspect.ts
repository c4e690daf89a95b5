import { resolve } from 'node:path';
import type { Repository } from '../../factory/ports.ts';
import { hasCode } from '../../lib/errno.ts';
import { DarkFactoryError, usageError } from '../../lib/failure.ts';
import { complaint } from '../run/failures.ts';
import { type Git, splitNul, textOf } from '../run/git.ts';
import { kindOf, requireGitDirs } from '../run/places.ts';
import { looseBranch } from '../run/refs.ts';
import { isFullHash } from '../run/remembered.ts';

const OLDEST_GIT = [2, 25] as const;

/** The only call that lets git search for a repository, and so the one that hears its doubts about the owner. */
export async function inspectRepository(git: Git, folder: string): Promise<Repository> {
  await requireGit(git);
  const place = resolve(folder);
  if ((await kindOf(place)) === null)
    throw usageError('not_a_repository', `${place} does not exist`, 'Give the folder of a git repository.');
  const root = await topFolder(git, place);
  const dirs = await requireGitDirs(root);
  const head = await git.repository(dirs, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']);
  if (head.code !== 0)
    throw usageError(
      'no_commits',
      `the repository ${root} has no commit yet`,
      'Make a first commit: git add --all && git commit.',
    );
  const branch = await git.repository(dirs, ['symbolic-ref', '--quiet', '--short', 'HEAD']);
  const status = await git.repository(
    dirs,
    ['status', '--porcelain', '-z', '--untracked-files=normal', '--ignore-submodules=all'],
    { workTree: root },
  );
  return {
    root,
    commonDir: dirs.commonDir,
    branch: branch.code === 0 ? branch.stdout.toString('utf8').trim() : null,
    dirty: status.code === 0 && status.stdout.length > 0,
  };
}

async function topFolder(git: Git, place: string): Promise<string> {
  const answer = await git.bare(['rev-parse', '--show-toplevel'], { cwd: place }).catch((error) => {
    if (!hasCode(error, 'ENOTDIR')) throw error;
    throw usageError('not_a_repository', `${place} is not a folder`, 'Give the folder of a git repository.');
  });
  if (answer.code === 0) return answer.stdout.toString('utf8').replace(/\n$/, '');
  const said = answer.stderr;
  if (/dubious ownership|unsafe repository/.test(said))
    throw usageError(
      'unsafe_ownership',
      `${place} belongs to another user, so git does not trust it`,
      `If you do: git config --global --add safe.directory ${JSON.stringify(place)}`,
    );
  const bare = await git.bare(['rev-parse', '--is-bare-repository'], { cwd: place });
  if (bare.stdout.toString('utf8').trim() === 'true')
    throw usageError(
      'bare_repository',
      `${place} is a bare repository`,
      'Clone it, and give the folder of the clone.',
    );
  throw usageError(
    'not_a_repository',
    `${place} is not a git repository (${complaint(said)})`,
    'Go to the folder of a repository or give it with --repo; to make one: git init.',
  );
}

/** Throws `environment` errors `git_missing`, `git_too_old`. */
async function requireGit(git: Git): Promise<void> {
  const said = await textOf(git.bare(['--version']), 'tell its version');
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(said) ?? []).slice(1).map(Number);
  if (major > OLDEST_GIT[0] || (major === OLDEST_GIT[0] && minor >= OLDEST_GIT[1])) return;
  throw new DarkFactoryError(
    'environment',
    'git_too_old',
    `${said} is too old`,
    `Install git ${OLDEST_GIT.join('.')} or newer.`,
  );
}

/** What may stand for a commit: names of branches and tags, hashes, `HEAD`, and their `~n` and `^n`. Never an option. */
const REFERENCE = /^[^\s\p{Cc}:?*[\\^~@{}-][^\s\p{Cc}:?*[\\^~]*([~^]\d*)*$/u;

export async function resolveCommit(git: Git, repository: string, reference: string): Promise<string> {
  const dirs = await requireGitDirs(repository);
  if (REFERENCE.test(reference) && !reference.includes('..') && !reference.includes('@{')) {
    // A branch first: a tag of the same name would win otherwise.
    const loose = looseBranch(dirs, reference);
    if (loose !== null) return loose;
    for (const spelling of [`refs/heads/${reference}`, reference]) {
      const answer = await git.repository(dirs, ['rev-parse', '--verify', '--quiet', `${spelling}^{commit}`]);
      if (answer.code === 0) return answer.stdout.toString('utf8').trim();
    }
  }
  throw usageError(
    'base_branch_missing',
    `there is no branch or commit ${JSON.stringify(reference.slice(0, 200))} in ${repository}`,
    `Branches: ${await branchNames(git, repository)}.`,
  );
}

/** A hash as it is, whether there is such a commit or not; anything else is resolved. Throws as `resolveCommit`. */
export async function commitOf(git: Git, repository: string, reference: string): Promise<string> {
  if (isFullHash(reference)) return reference;
  return resolveCommit(git, repository, reference);
}

async function branchNames(git: Git, repository: string): Promise<string> {
  const dirs = await requireGitDirs(repository);
  const refs = await git.repository(dirs, [
    'for-each-ref',
    '--sort=-committerdate',
    '--format=%(refname:short)%00',
    'refs/heads',
    'refs/remotes',
  ]);
  const names = splitNul(refs.stdout).map((name) => name.trim());
  const shown = names.filter((name) => name !== '').slice(0, 20);
  if (shown.length === 0) return 'none';
  return shown.join(', ') + (names.length > shown.length + 1 ? ', …' : '');
}
