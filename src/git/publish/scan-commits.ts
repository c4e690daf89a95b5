import type { SecretFinding } from '../../factory/model/secrets/secrets-found.ts';
import { readable } from '../commit/scan.ts';
import type { SecretScan } from '../commit/secrets.ts';
import { eachText } from '../commit/staged.ts';
import { rangeAfter } from '../history/history.ts';
import { showFile } from '../history/read.ts';
import { expectSuccess } from '../run/failures.ts';
import { type Git, rowsOf, textOf } from '../run/git.ts';
import { type GitDirs, requireGitDirs } from '../run/places.ts';
import { type RawRow, rawRows } from '../run/raw-diff.ts';
import { treeOf } from '../run/tree-entries.ts';

/** Commits that are looked at in one go. */
const AT_ONCE = 1_000;

/**
 * Looks for keys in all that the commits after `from` up to `to` would show to others: files that they add or change, where links lead,
 * names of files, and messages. What a later commit has taken out again would be pushed all the same; what was there at `from` already
 * is none of theirs. A few commits at a time are in memory.
 *
 * @param from `null`: the whole history of `to`
 */
export async function scanCommits(
  git: Git,
  repository: string,
  from: string | null,
  to: string,
  scan: SecretScan,
): Promise<SecretFinding[]> {
  const dirs = await requireGitDirs(repository);
  const found: SecretFinding[] = [];
  const commits = await textOf(git.repository(dirs, ['rev-list', rangeAfter(from, to)]), 'list the commits');
  const ids = commits === '' ? [] : commits.split('\n');
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const some = ids
      .slice(at, at + AT_ONCE)
      .map((id) => `${id}\n`)
      .join('');
    const rows = await changesOf(git, dirs, some);
    found.push(...(await scanFiles(git, dirs, repository, from, rows, scan)));
    found.push(...(await scanNames(git, dirs, from, rows, scan)));
    found.push(...(await scanMessages(git, dirs, some, scan)));
  }
  return found;
}

/** @param commits a line for each */
async function changesOf(git: Git, dirs: GitDirs, commits: string): Promise<RawRow[]> {
  const args = [
    'diff-tree',
    '--stdin',
    '-r',
    '-m',
    '--root',
    '--raw',
    '-z',
    '--no-commit-id',
    '--no-renames',
  ];
  const answer = await git.repository(dirs, [...args, '--no-abbrev', '--diff-filter=AMT'], {
    input: commits,
  });
  return [...rawRows(expectSuccess(answer, 'list what the commits change').stdout)];
}

/** Plain files and links. */
const WITH_TEXT = /^1[02]0/;

async function scanFiles(
  git: Git,
  dirs: GitDirs,
  repository: string,
  from: string | null,
  rows: readonly RawRow[],
  scan: SecretScan,
): Promise<SecretFinding[]> {
  const paths = new Map<string, Set<string>>();
  for (const { path, after } of rows)
    if (after !== null && WITH_TEXT.test(after.mode))
      paths.set(after.id, (paths.get(after.id) ?? new Set()).add(readable(path)));
  const found: SecretFinding[] = [];
  await eachText(
    (asked, call) => git.repository(dirs, asked, call),
    [...paths.keys()],
    async (blob, text) => {
      for (const path of paths.get(blob) ?? []) {
        const before = async () => (from === null ? null : showFile(git, repository, from, path));
        found.push(...(await scan({ path, text, before })));
      }
    },
  );
  return found;
}

async function scanNames(
  git: Git,
  dirs: GitDirs,
  from: string | null,
  rows: readonly RawRow[],
  scan: SecretScan,
): Promise<SecretFinding[]> {
  const text = [...new Set(rows.map(({ path }) => readable(path)))].join('\n');
  const before = async () => (from === null ? null : [...(await treeOf(git, dirs, from)).keys()].join('\n'));
  return scan({ path: 'the names of its files', text, before });
}

async function scanMessages(
  git: Git,
  dirs: GitDirs,
  commits: string,
  scan: SecretScan,
): Promise<SecretFinding[]> {
  const args = ['log', '-z', '--format=%H%n%B', '--no-walk=unsorted', '--stdin'];
  const asked = git.repository(dirs, args, { input: commits });
  const found: SecretFinding[] = [];
  for (const row of await rowsOf(asked, 'read the messages of the commits')) {
    const end = row.indexOf('\n');
    const path = `the message of ${row.slice(0, Math.min(end, 12))}`;
    found.push(...(await scan({ path, text: row.slice(end + 1), before: async () => null })));
  }
  return found;
}
