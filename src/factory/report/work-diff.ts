import { DarkFactoryError } from '../../lib/failure.ts';
import type { Project } from '../model/project.ts';
import type { GitManager } from '../ports.ts';

/** What a project's branch changes. */
export interface WorkDiff {
  /** Where its branch began. */
  base: string;
  /** Where it stands. */
  head: string;
  files: { path: string; added: number; removed: number; binary?: true }[];
  /** Lines; binary files have none. */
  added: number;
  removed: number;
}

type Git = Pick<GitManager, 'branchHead' | 'diffStat' | 'diff'>;

/** Most of a patch that is read, in bytes: some 200,000 lines. */
const LONGEST_PATCH = 32 * 1024 * 1024;

/**
 * All that was committed so far. Also while the project works, and when it has ended.
 *
 * @throws DarkFactoryError `failed`/`branch_missing`; `usage`/`not_a_repository`
 */
export async function workDiff(git: Git, project: Project): Promise<WorkDiff> {
  const { base, head } = await rangeOf(git, project);
  const files = await git.diffStat(project.repository, base, head);
  const lines = files.map(({ path, insertions, deletions, binary }) => ({
    ...{ path, added: insertions, removed: deletions },
    ...(binary === undefined ? {} : { binary }),
  }));
  const sum = (which: 'added' | 'removed') => lines.reduce((all, file) => all + file[which], 0);
  return { base, head, files: lines, added: sum('added'), removed: sum('removed') };
}

/** The same as a patch. @returns with `cut` when there is more of it. Throws as `workDiff`. */
export async function workPatch(git: Git, project: Project): Promise<{ patch: string; cut: boolean }> {
  const { base, head } = await rangeOf(git, project);
  const patch = await git.diff(project.repository, base, head, LONGEST_PATCH);
  return { patch, cut: Buffer.byteLength(patch) >= LONGEST_PATCH };
}

async function rangeOf(git: Git, project: Project): Promise<{ base: string; head: string }> {
  const { name, repository, workBranch, baseCommit, forkCommit, baselineGate } = project;
  const base = forkCommit ?? baseCommit;
  const head = await git.branchHead(repository, workBranch);
  if (head !== null) return { base, head };
  // Before its first gate nothing can have been done: it may have ended before its branch was made.
  if (baselineGate === undefined) return { base, head: base };
  throw new DarkFactoryError(
    'failed',
    'branch_missing',
    `The branch ${workBranch} of ${name} is not in ${repository}`,
    'Somebody removed the branch. What it did is told in its report: df export.',
  );
}
