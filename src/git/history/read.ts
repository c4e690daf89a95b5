import type { DiffFigures, FileFigures } from '../../factory/ports.ts';
import { expectSuccess } from '../run/failures.ts';
import { type Git, rowsOf, splitNul, textOf } from '../run/git.ts';
import { requireGitDirs, requireWorktree } from '../run/places.ts';
import { looseHead } from '../run/refs.ts';
import type { GitAnswer, GitCall } from '../run/run.ts';
import { entryAt, treeOf } from '../run/tree-entries.ts';
import { requireBranch } from '../worktree/head.ts';
import { commitOf } from './inspect.ts';

const LINK = '120000';
const LONGEST_PATCH = 1024 * 1024;
/** Changes between two trees, without running a program on them or looking into submodules. */
const TREE_DIFF = ['diff-tree', '-r', '--no-renames', '--no-ext-diff', '--no-textconv', '--submodule=short'];

export async function showFile(
  git: Git,
  repository: string,
  commit: string,
  path: string,
): Promise<string | null> {
  const dirs = await requireGitDirs(repository);
  // No path of a tree; git would complain instead of not finding it.
  if (path === '' || path.startsWith('/') || path.split('/').includes('..')) return null;
  const at = await commitOf(git, repository, commit);
  const entry = await entryAt(git, dirs, at, path);
  // A symbolic link is no file with a text of its own.
  if (entry?.type !== 'blob' || entry.mode === LINK) return null;
  return (await git.blobs(dirs, entry.id))?.toString('utf8') ?? null;
}

export async function listFiles(git: Git, repository: string, commit: string): Promise<string[]> {
  const dirs = await requireGitDirs(repository);
  const at = await commitOf(git, repository, commit);
  return [...(await treeOf(git, dirs, at)).keys()];
}

export async function fileIds(
  git: Git,
  repository: string,
  commit: string,
): Promise<ReadonlyMap<string, string>> {
  const dirs = await requireGitDirs(repository);
  const at = await commitOf(git, repository, commit);
  return new Map([...(await treeOf(git, dirs, at)).values()].map(({ path, id }) => [path, id]));
}

/** Whether the ignore files of a worktree, or the owner's own, name a path. */
export async function isIgnored(
  git: Git,
  repository: string,
  folder: string,
  path: string,
): Promise<boolean> {
  const worktree = await requireWorktree(repository, folder);
  const answer = await git.worktree(worktree, ['check-ignore', '-q', '--no-index', '--', `./${path}`], {
    variables: { GIT_LITERAL_PATHSPECS: '0' },
  });
  return answer.code === 0;
}

export async function diffFigures(
  git: Git,
  repository: string,
  from: string,
  to: string,
): Promise<DiffFigures> {
  const dirs = await requireGitDirs(repository);
  const [first, last] = await rangeOf(git, repository, from, to);
  if (first === last) return { commits: 0, files: 0, insertions: 0, deletions: 0 };
  const [count, files] = await Promise.all([
    textOf(git.repository(dirs, ['rev-list', '--count', `${first}..${last}`]), 'count the commits'),
    diffStat(git, repository, first, last),
  ]);
  const figures = { commits: Number(count), files: files.length, insertions: 0, deletions: 0 };
  for (const { insertions, deletions } of files) {
    figures.insertions += insertions;
    figures.deletions += deletions;
  }
  return figures;
}

export async function diffStat(
  git: Git,
  repository: string,
  from: string,
  to: string,
): Promise<FileFigures[]> {
  const { stdout } = await compare(git, repository, from, to, ['-z', '--numstat']);
  return splitNul(stdout).map((row) => {
    const [added, removed, ...path] = row.split('\t');
    // A binary file counts `-` lines.
    const lines = { insertions: Number(added) || 0, deletions: Number(removed) || 0 };
    return { path: path.join('\t'), ...lines, ...(added === '-' ? { binary: true } : {}) };
  });
}

export async function changedFiles(
  git: Git,
  repository: string,
  from: string,
  to: string,
): Promise<string[]> {
  return splitNul((await compare(git, repository, from, to, ['-z', '--name-only'])).stdout);
}

export async function diff(
  git: Git,
  repository: string,
  from: string,
  to: string,
  mostBytes = LONGEST_PATCH,
): Promise<string> {
  const { stdout } = await compare(git, repository, from, to, ['--patch'], { enough: mostBytes });
  return stdout.toString('utf8');
}

async function compare(
  git: Git,
  repository: string,
  from: string,
  to: string,
  options: readonly string[],
  call: GitCall = {},
): Promise<GitAnswer> {
  const dirs = await requireGitDirs(repository);
  const range = await rangeOf(git, repository, from, to);
  const diff = await git.repository(dirs, [...TREE_DIFF, ...options, ...range], call);
  return expectSuccess(diff, 'compare the trees');
}

export async function log(
  git: Git,
  repository: string,
  from: string,
  to: string,
  limit: number,
): Promise<{ hash: string; subject: string }[]> {
  const dirs = await requireGitDirs(repository);
  const [first, last] = await rangeOf(git, repository, from, to);
  const most = `--max-count=${Math.max(0, Math.trunc(limit))}`;
  const args = ['log', '-z', '--format=%H %s', most, '--no-show-signature', `${first}..${last}`];
  return (await rowsOf(git.repository(dirs, args), 'list the commits')).map((line) => {
    const end = line.indexOf(' ');
    return { hash: line.slice(0, end), subject: line.slice(end + 1) };
  });
}

export async function head(git: Git, repository: string, folder: string): Promise<string> {
  const worktree = await requireWorktree(repository, folder);
  const loose = looseHead(worktree);
  if (loose !== null) return loose;
  const answer = await git.worktree(worktree, ['rev-parse', '--verify', 'HEAD^{commit}']);
  if (answer.code !== 0) await requireBranch(git, worktree);
  return expectSuccess(answer, `read HEAD of ${folder}`).stdout.toString('utf8').trimEnd();
}

function rangeOf(git: Git, repository: string, from: string, to: string): Promise<[string, string]> {
  return Promise.all([commitOf(git, repository, from), commitOf(git, repository, to)]);
}
