import { randomBytes } from 'node:crypto';
import type { HistoryCommit } from '../../factory/ports.ts';
import { STEP_TRAILER, TASK_TRAILER } from '../commit/message.ts';
import { expectSuccess } from '../run/failures.ts';
import { type Git, splitNul, textOf } from '../run/git.ts';
import { requireGitDirs } from '../run/places.ts';
import { commitOf } from './inspect.ts';

/** How git names all that `to` has and `from` has not; `null`: all that `to` has. */
export const rangeAfter = (from: string | null, to: string): string =>
  from === null ? to : `${from}..${to}`;

export async function countCommits(
  git: Git,
  repository: string,
  from: string | null,
  to: string,
): Promise<number> {
  const dirs = await requireGitDirs(repository);
  const counted = git.repository(dirs, ['rev-list', '--count', rangeAfter(from, to), '--']);
  return Number(await textOf(counted, 'count the commits'));
}

/** Commits from `from` (exclusive) to `to`, oldest first, each with its task and step by its trailers and the files that it changed. */
export async function history(
  git: Git,
  repository: string,
  from: string,
  to: string,
): Promise<HistoryCommit[]> {
  const dirs = await requireGitDirs(repository);
  const [first, last] = await Promise.all([from, to].map((each) => commitOf(git, repository, each)));
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
    `--format=${mark}%H ${valuesOf(TASK_TRAILER)} ${valuesOf(STEP_TRAILER)}`,
    `${first}..${last}`,
  ]);
  const commits: HistoryCommit[] = [];
  for (const part of splitNul(expectSuccess(answer, 'list the commits').stdout)) {
    const text = part.replace(/^\n/, '');
    if (text.startsWith(mark)) {
      const [hash = '', task, step] = text.slice(mark.length).trimEnd().split(' ');
      commits.push({ hash, task: lastOf(task), step: lastOf(step), files: [] });
    } else if (text !== '') commits.at(-1)?.files.push(text);
  }
  return commits;
}

/** The values of a trailer, as git prints them. */
const valuesOf = (trailer: string) => `%(trailers:key=${trailer},valueonly,separator=%x2C)`;

/** The factory's own trailer stands below all that the message may hold of the kind. */
function lastOf(values = ''): string | null {
  return values.split(',').at(-1) || null;
}
