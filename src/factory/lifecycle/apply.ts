import { DarkFactoryError } from '../../lib/failure.ts';
import type { NewEvent } from '../model/event.ts';
import { type Project, shownStatus } from '../model/project.ts';
import type { Applied, GitManager, StateStore } from '../ports.ts';

export interface ApplyDeps {
  state: Pick<StateStore, 'project'>;
  git: Pick<GitManager, 'branchHead' | 'applyCommit' | 'history'>;
  now(): Date;
  record(event: NewEvent): Promise<void>;
  by: string;
}

/** What `df apply` answers. */
export interface ApplyAnswer extends Applied {
  projectId: string;
  workBranch: string;
  /** What of the project's branch was merged. */
  commit: string;
  squash: boolean;
  /** Commits of the branch after what was proved: left out. */
  leftOut: number;
}

/**
 * The owner takes the work: the proved commit of a project is merged into the branch that is checked out in its repository.
 *
 * @param order `unproved`: the branch as it stands, whatever is proved of it
 * @throws DarkFactoryError `usage`: `not_proved`, `no_branch`; and as `GitManager.applyCommit`
 */
export async function applyProject(
  { state, git, now, record, by }: ApplyDeps,
  projectId: string,
  { squash = false, unproved = false }: { squash?: boolean; unproved?: boolean },
): Promise<ApplyAnswer> {
  const project = await state.project(projectId).get();
  const { repository, workBranch, name } = project;
  const head = await git.branchHead(repository, workBranch);
  if (head === null)
    throw refuse(
      'no_branch',
      `The project ${name} has no branch ${workBranch} in ${repository}`,
      'There is nothing to take.',
    );
  const proved = provedCommit(project);
  if (proved === null && !unproved)
    throw refuse(
      'not_proved',
      `The project ${name} is not proved (${shownStatus(project)})`,
      `Look with df diff, and take it all the same with: df apply ${projectId.slice(0, 8)} --unproved.`,
    );
  const commit = unproved ? head : (proved ?? head);
  const message = `${squash ? '' : `Merge ${workBranch}: `}${name}\n\n${project.description}`;
  const applied = await git.applyCommit({
    ...{ repository, commit, squash, message },
    trailers: { project: projectId, step: `apply/${commit.slice(0, 12)}` },
  });
  const leftOut = commit === head ? 0 : (await git.history(repository, commit, workBranch)).length;
  if (applied.to !== applied.from) {
    const into = { branch: applied.branch, commit: applied.to, at: now() };
    await state.project(projectId).update((current) => ({ ...current, applied: into }));
    await record({
      projectId,
      ...{ type: 'project.applied', level: 'info' },
      message: `Its owner took ${commit.slice(0, 12)}${proved === null ? ', which is not proved,' : ''} into ${applied.branch}.`,
      data: { by, commit, into: applied.branch, to: applied.to, squash, unproved },
    });
  }
  return { projectId, workBranch, commit, squash, leftOut, ...applied };
}

/** The commit of a project that all is proved of; `null` where there is none. */
export function provedCommit({ status, lastAudit }: Pick<Project, 'status' | 'lastAudit'>): string | null {
  return status === 'completed' && lastAudit?.passed === true ? lastAudit.commit : null;
}

function refuse(code: string, message: string, hint: string): DarkFactoryError {
  return new DarkFactoryError('usage', code, message, `Nothing was changed. ${hint}`);
}
