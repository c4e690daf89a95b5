import { DarkFactoryError, usageError } from '../../lib/failure.ts';
import { projectOrNull } from '../decisions/tree/tree.ts';
import { openFork } from '../model/fork.ts';
import { branchLivesOn, ENDED, type Project, shownStatus } from '../model/project.ts';
import type { StateStore } from '../ports.ts';

/** Work that was asked for here left nothing. `detail`: how it ended, in its own words. */
export function notRun(what: string, detail: string): DarkFactoryError {
  return new DarkFactoryError(
    'failed',
    'not_run',
    `The ${what} was not run to its end: ${detail}`,
    'The project says what it waits for; ask again when that is over.',
  );
}

/** Throws `not_found`/`persona_not_found`. */
export function personaOf({ personas }: Pick<Project, 'personas'>, name: string): string {
  const names = personas.map(({ templateName }) => templateName);
  if (names.includes(name)) return name;
  throw new DarkFactoryError(
    'not_found',
    'persona_not_found',
    `The project has no persona ${JSON.stringify(name.slice(0, 80))}`,
    `It has: ${names.join(', ')}`,
  );
}

type Ended = Pick<Project, 'id' | 'status' | 'parentProjectId' | 'workBranch'>;

/** How more can be asked of a project that has ended. */
function moreAfterEnd(project: Ended): string {
  const { id, status, workBranch } = project;
  return status === 'completed'
    ? `What it did stays as it was proved. For more on top of it: df init <name> --base ${workBranch}`
    : `Nothing was changed. ${branchLivesOn(project) ?? `Let it live on first: df retry ${id.slice(0, 8)}`}`;
}

/** What can be done with words for a project that has ended. */
export const tellAfterEnd = (project: Ended): string =>
  project.status === 'completed' || project.parentProjectId !== undefined
    ? moreAfterEnd(project)
    : `Let it live on with your words: df retry ${project.id.slice(0, 8)} --message TEXT`;

/** Throws `usage`/`project_ended`. @param so what follows from that */
export function refuseEnded(
  project: Ended & Pick<Project, 'name' | 'stopped'>,
  so: string,
  hint = moreAfterEnd(project),
): void {
  if (!ENDED.has(project.status)) return;
  throw usageError(
    'project_ended',
    `The project ${project.name} has ended (${shownStatus(project)}), so ${so}`,
    hint,
  );
}

/**
 * The project once whoever may just be ending it is done: it looks for what is said and ordered with its document held, so what was written
 * before this is either seen by it, or the project has ended here.
 */
export async function asItStands(state: Pick<StateStore, 'project'>, projectId: string): Promise<Project> {
  return state.project(projectId).update((current) => current);
}

/**
 * Throws `usage`/`task_in_branches` for a task that branches of an open decision have as well: theirs takes its place with the merge, and of
 * what is changed here nothing but a skip would outlive that.
 */
export async function refuseInBranches(
  state: Pick<StateStore, 'project' | 'tasks'>,
  project: Project,
  taskId: string,
): Promise<void> {
  const fork = openFork(project);
  if (fork === undefined) return;
  const found = await Promise.all(fork.branches.map((each) => projectOrNull(state, each.projectId)));
  const branches = found.filter((each) => each !== null);
  const lists = await Promise.all(branches.map(({ id }) => state.tasks(id).get()));
  const isThere = lists.some(({ tasks }) => tasks.some(({ id }) => id === taskId));
  // Some of them may be made only now, with the list as it stands.
  if (!isThere && fork.phase !== 'planned') return;
  const orders = branches
    .filter(({ status }) => !ENDED.has(status))
    .map(({ id }) => `df tasks update ${id.slice(0, 8)} ${taskId.slice(0, 8)} …`);
  const later = 'here once the decision is taken. It can be skipped now, and tasks can be added.';
  throw usageError(
    'task_in_branches',
    `The project ${project.name} explores "${fork.question}": its branches have the task as well, and what is merged takes the place of this one`,
    orders.length === 0
      ? `Nothing was changed. Change it ${later}`
      : `Nothing was changed. Change it in the branches at work (${orders.join('; ')}), or ${later}`,
  );
}
