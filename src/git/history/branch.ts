import { createHash } from 'node:crypto';
import { DarkFactoryError } from '../../lib/failure.ts';
import { slug } from '../../lib/text/slug.ts';
import { complaint, expectSuccess } from '../run/failures.ts';
import { type Git, rowsOf } from '../run/git.ts';
import { requireGitDirs } from '../run/places.ts';
import { looseBranch } from '../run/refs.ts';

/** Longest branch name in characters. */
export const LONGEST_BRANCH = 120;
const LONGEST_SLUG = 60;
/** Of a child's own part. */
const LONGEST_LABEL = 30;
/** Room for the number that makes a name unique. */
const NUMBER_ROOM = 6;

/** `df/<slug>/<date>`, made unique against the refs of the repository and the names already promised. */
export async function generateBranchName(
  git: Git,
  repository: string,
  projectName: string,
  date: Date,
  taken: ReadonlySet<string>,
): Promise<string> {
  return freeBranchName(projectName, date, [...(await refNames(git, repository)), ...taken]);
}

/** `<parent branch>--<slug of context>`, made unique in the same way. */
export async function generateChildBranchName(
  git: Git,
  repository: string,
  parentBranch: string,
  context: string,
  taken: ReadonlySet<string>,
): Promise<string> {
  return freeChildBranchName(parentBranch, context, [...(await refNames(git, repository)), ...taken]);
}

/** Commit a branch stands at; `null` when there is no branch of that name. */
export async function branchHead(git: Git, repository: string, branch: string): Promise<string | null> {
  const dirs = await requireGitDirs(repository);
  // No name of a ref, and nothing that a command line could carry.
  if (branch.length > 1_000 || /[\p{Cc}\s]/u.test(branch)) return null;
  const loose = looseBranch(dirs, branch);
  if (loose !== null) return loose;
  // Takes the name as it is: no pattern, no `^{tree}`, no `@{-1}`.
  const answer = await git.repository(dirs, ['show-ref', '--verify', '--hash', '--', `refs/heads/${branch}`]);
  const hash = answer.stdout.toString('utf8').trim();
  return answer.code === 0 && hash !== '' ? hash : null;
}

/** Throws `failed`/`branch_in_use`; nothing was removed then. */
export async function deleteBranch(
  git: Git,
  repository: string,
  branch: string,
  commit: string,
): Promise<void> {
  const dirs = await requireGitDirs(repository);
  const ref = `refs/heads/${branch}`;
  const trees = expectSuccess(
    await git.repository(dirs, ['worktree', 'list', '--porcelain']),
    'list the worktrees',
  );
  const inUse = trees.stdout.toString('utf8').split('\n').includes(`branch ${ref}`);
  const gone = inUse ? null : await git.repository(dirs, ['update-ref', '-d', ref, commit]);
  if (gone?.code === 0) return;
  throw new DarkFactoryError(
    'failed',
    'branch_in_use',
    inUse
      ? `${branch} is checked out in a worktree`
      : `${branch} could not be removed (${complaint(gone?.stderr ?? '')})`,
    'It was left as it is. Remove the worktree first (df clean --all), or ask again.',
  );
}

/** All branches and tags. */
export async function refNames(git: Git, repository: string): Promise<string[]> {
  const dirs = await requireGitDirs(repository);
  const args = ['for-each-ref', '--format=%(refname:lstrip=2)%00', 'refs/heads', 'refs/tags'];
  return (await rowsOf(git.repository(dirs, args), 'list the branches')).map((name) => name.trim());
}

/**
 * The first free name. A branch is a file below `refs/heads`, so `df` or `df/<slug>` as a branch keeps every name below
 * it from being made, and `df/<slug>/<date>/x` keeps `df/<slug>/<date>`: the part that is in the way gets `-2`, `-3` …
 * Letter case is ignored, as some file systems ignore it.
 */
export function freeBranchName(projectName: string, date: Date, existing: Iterable<string>): string {
  const { names, folders } = sortNames(existing);
  const day = date.toISOString().slice(0, 10);
  const top = firstFree('df', (name) => names.has(name));
  const middle = firstFree(`${top}/${slug(projectName, { max: LONGEST_SLUG })}`, (name) => names.has(name));
  return firstFree(`${middle}/${day}`, (name) => names.has(name) || folders.has(name));
}

/**
 * The first free name for a child. It stands beside its parent's branch, for a branch cannot lie below another. A parent
 * whose name is long keeps its beginning and gives a hash for the rest, so that children of different parents stay apart.
 */
export function freeChildBranchName(
  parentBranch: string,
  context: string,
  existing: Iterable<string>,
): string {
  const { names, folders } = sortNames(existing);
  const label = slug(context, { max: LONGEST_LABEL, fallback: 'option' });
  const parts = shortened(parentBranch, LONGEST_BRANCH - label.length - '--'.length - NUMBER_ROOM).split('/');
  const last = parts.pop() ?? '';
  const folder = parts.reduce((above, part) => `${firstFree(above + part, (name) => names.has(name))}/`, '');
  return firstFree(`${folder}${last}--${label}`, (name) => names.has(name) || folders.has(name));
}

/** The name of a branch of the factory; any other is first made as harmless as those are. */
function shortened(branch: string, length: number): string {
  const safe = branch
    .split('/')
    .map((part) => (/^[a-z0-9]+(-{1,2}[a-z0-9]+)*$/.test(part) ? part : slug(part, { fallback: 'branch' })))
    .join('/');
  if (safe.length <= length) return safe;
  const mark = createHash('sha256').update(branch).digest('hex').slice(0, 8);
  const [root = ''] = safe.split('--');
  return `${root.slice(0, length - mark.length - '--'.length).replace(/[-/]+$/, '')}--${mark}`;
}

function sortNames(existing: Iterable<string>): { names: Set<string>; folders: Set<string> } {
  const names = new Set<string>();
  const folders = new Set<string>();
  for (const name of existing) {
    const parts = name.toLowerCase().split('/');
    names.add(parts.join('/'));
    for (let length = 1; length < parts.length; length++) folders.add(parts.slice(0, length).join('/'));
  }
  return { names, folders };
}

function firstFree(name: string, isTaken: (name: string) => boolean): string {
  let candidate = name;
  for (let number = 2; isTaken(candidate); number++) candidate = `${name}-${number}`;
  return candidate;
}
