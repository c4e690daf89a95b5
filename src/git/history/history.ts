import { randomBytes } from 'node:crypto';
import { TASK_TRAILER } from '../commit/message.ts';
import { expectSuccess } from '../run/failures.ts';
import { type Git, splitNul } from '../run/git.ts';
import { requireGitDirs } from '../run/places.ts';
import { resolveCommit } from './inspect.ts';

/** Commits from `from` (exclusive) to `to`, oldest first, each with its DF-Task trailer and the files that it changed. */
export async function history(
  git: Git,
  repository: string,
  from: string,
  to: string,
): Promise<{ hash: string; task: string | null; files: string[] }[]> {
  const dirs = await requireGitDirs(repository);
  const [first, last] = await Promise.all([from, to].map((each) => resolveCommit(git, repository, each)));
  // File names are the agent's: no name may pass for the beginning of a commit.
  const mark = `${randomBytes(8).toString('hex')} `;
  const answer = await git.repository(dirs, [
    'log',
    '-z',
    '--reverse',
    '--no-show-signature',
    '--no-renames',
    '--no-ext-diff',
    '--no-textconv',
    '--name-only',
    `--format=${mark}%H %(trailers:key=${TASK_TRAILER},valueonly,separator=%x2C)`,
    `${first}..${last}`,
  ]);
  const commits: { hash: string; task: string | null; files: string[] }[] = [];
  for (const part of splitNul(expectSuccess(answer, 'list the commits').stdout)) {
    const text = part.replace(/^\n/, '');
    if (text.startsWith(mark)) {
      const [hash = '', task = ''] = text.slice(mark.length).trimEnd().split(' ');
      commits.push({ hash, task: task === '' ? null : (task.split(',').at(-1) ?? null), files: [] });
    } else if (text !== '') commits.at(-1)?.files.push(text);
  }
  return commits;
}
