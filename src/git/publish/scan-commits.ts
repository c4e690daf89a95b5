import type { SecretFinding } from '../../factory/model/secrets/secrets-found.ts';
import { readable } from '../commit/scan.ts';
import type { SecretScan } from '../commit/secrets.ts';
import { eachText } from '../commit/staged.ts';
import { showFile } from '../history/read.ts';
import { expectSuccess } from '../run/failures.ts';
import type { Git } from '../run/git.ts';
import { requireGitDirs } from '../run/places.ts';
import { rawRows } from '../run/raw-diff.ts';

/**
 * Looks for keys in every file that a commit after `from` up to `to` adds or changes: one that a later commit has taken out again
 * would be pushed all the same. A key that the file had at `from` already is none of theirs.
 */
export async function scanCommits(
  git: Git,
  repository: string,
  from: string,
  to: string,
  scan: SecretScan,
): Promise<SecretFinding[]> {
  const dirs = await requireGitDirs(repository);
  const commits = await git.repository(dirs, ['rev-list', `${from}..${to}`]);
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
    input: expectSuccess(commits, 'list the commits').stdout,
  });
  const paths = new Map<string, Set<string>>();
  for (const { path, after } of rawRows(expectSuccess(answer, 'list what the commits change').stdout))
    if (after?.mode.startsWith('100'))
      paths.set(after.id, (paths.get(after.id) ?? new Set()).add(readable(path)));
  const found: SecretFinding[] = [];
  await eachText(
    (asked, call) => git.repository(dirs, asked, call),
    [...paths.keys()],
    async (blob, text) => {
      for (const path of paths.get(blob) ?? []) {
        const before = () => showFile(git, repository, from, path);
        found.push(...(await scan({ path, text, before })));
      }
    },
  );
  return found;
}
