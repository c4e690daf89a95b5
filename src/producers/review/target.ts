import type { Project } from '../../factory/model/project.ts';
import type { GitManager, StateStore } from '../../factory/ports.ts';
import { isFailure, usageError } from '../../lib/failure.ts';

/** What is reviewed: the change from `base` to `head`. */
export interface ReviewTarget {
  /** As it was said. */
  of: string;
  base: string;
  head: string;
  /** The project of this home whose branch it is. */
  madeBy?: Project;
}

export interface TargetDeps {
  git: Pick<GitManager, 'inspectRepository' | 'resolveCommit' | 'commonCommit' | 'changedFiles'>;
  state: Pick<StateStore, 'listProjects'>;
}

/** Where a branch is usually begun, after the branch that is checked out. */
const USUAL_BASES = ['origin/HEAD', 'main', 'master', 'origin/main', 'origin/master'];

/**
 * Finds the commits of a range (`main..feature`) or of a branch, which is compared with the branch that it will go into. What came to
 * the base meanwhile is no part of the change: it begins where the two met last.
 *
 * @param against what `--base` says
 * @throws DarkFactoryError `usage`: `base_branch_missing`, `base_unknown`, `base_twice`, `nothing_to_review`, `unrelated_commits`
 */
export async function findTarget(
  deps: TargetDeps,
  { repository, of, against }: { repository: string; of: string; against?: string | undefined },
): Promise<ReviewTarget> {
  const [, from, to] = /^(.*?)\.{2,3}(.*)$/.exec(of) ?? [];
  if (to !== undefined && against !== undefined)
    throw usageError(
      'base_twice',
      `The range ${of} has a base already`,
      'Leave out --base, or name a branch alone.',
    );
  const name = to === undefined ? of : to || 'HEAD';
  const head = await deps.git.resolveCommit(repository, name);
  const { projects } = await deps.state.listProjects();
  const madeBy = projects.findLast((each) => each.repository === repository && each.workBranch === name);
  const other =
    to === undefined
      ? await baseOf(deps, repository, { name, head, against: against ?? madeBy?.baseBranch })
      : await deps.git.resolveCommit(repository, from || 'HEAD');
  const base = await deps.git.commonCommit(repository, other, head);
  if (base === null)
    throw usageError(
      'unrelated_commits',
      `${of}: the two have no commit in common`,
      'A shallow clone does not have it: fetch the history (git fetch --unshallow), or name another base.',
    );
  const isNothing = base === head || (await deps.git.changedFiles(repository, base, head)).length === 0;
  if (isNothing)
    throw usageError(
      'nothing_to_review',
      base === head ? `There is no change in ${of}: its base has all of it` : `No file differs in ${of}`,
      to === undefined
        ? `Name the base (df review main..${of}); what came after it is df review ${of}.., and that commit alone df review ${of}^..${of}.`
        : 'Name the base, for example: df review main..feature.',
    );
  return { of, base, head, ...(madeBy === undefined ? {} : { madeBy }) };
}

async function baseOf(
  { git }: TargetDeps,
  repository: string,
  { name, head, against }: { name: string; head: string; against: string | undefined },
): Promise<string> {
  if (against !== undefined) return git.resolveCommit(repository, against);
  const { branch } = await git.inspectRepository(repository);
  for (const each of [...(branch === null || branch === name ? [] : [branch]), ...USUAL_BASES]) {
    if (each === name) continue;
    const commit = await git.resolveCommit(repository, each).catch((error: unknown) => {
      if (isFailure(error, 'base_branch_missing')) return null;
      throw error;
    });
    if (commit !== null && commit !== head) return commit;
  }
  throw usageError(
    'base_unknown',
    `What ${name} is to be compared with is not plain`,
    `Say it: df review ${name} --base BRANCH, or df review BASE..${name}.`,
  );
}
