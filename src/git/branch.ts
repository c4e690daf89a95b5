import { slug } from '../lib/slug.ts';
import { expectSuccess } from './failures.ts';
import { type Git, splitNul } from './git.ts';
import { requireGitDirs } from './places.ts';

/** Longest branch name in characters. */
export const LONGEST_BRANCH = 120;
const LONGEST_SLUG = 60;

/** `df/<slug>/<date>`, made unique against the refs of the repository and the names already promised. */
export async function generateBranchName(
  git: Git,
  repository: string,
  projectName: string,
  date: Date,
  taken: ReadonlySet<string>,
): Promise<string> {
  const dirs = await requireGitDirs(repository);
  const answer = await git.repository(dirs, [
    'for-each-ref',
    '--format=%(refname:lstrip=2)%00',
    'refs/heads',
    'refs/tags',
  ]);
  const refs = splitNul(expectSuccess(answer, 'list the branches').stdout).map((name) => name.trim());
  return freeBranchName(projectName, date, [...refs, ...taken]);
}

/**
 * The first free name. A branch is a file below `refs/heads`, so `df` or `df/<slug>` as a branch keeps every name below
 * it from being made, and `df/<slug>/<date>/x` keeps `df/<slug>/<date>`: the part that is in the way gets `-2`, `-3` …
 * Letter case is ignored, as some file systems ignore it.
 */
export function freeBranchName(projectName: string, date: Date, existing: Iterable<string>): string {
  const names = new Set<string>();
  const folders = new Set<string>();
  for (const name of existing) {
    const parts = name.toLowerCase().split('/');
    names.add(parts.join('/'));
    for (let length = 1; length < parts.length; length++) folders.add(parts.slice(0, length).join('/'));
  }
  const day = date.toISOString().slice(0, 10);
  const top = firstFree('df', (name) => names.has(name));
  const middle = firstFree(`${top}/${slug(projectName, { max: LONGEST_SLUG })}`, (name) => names.has(name));
  return firstFree(`${middle}/${day}`, (name) => names.has(name) || folders.has(name));
}

function firstFree(name: string, isTaken: (name: string) => boolean): string {
  let candidate = name;
  for (let number = 2; isTaken(candidate); number++) candidate = `${name}-${number}`;
  return candidate;
}
