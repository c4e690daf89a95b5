import { DarkFactoryError, usageError } from '../../lib/failure.ts';
import { ENDED, type Project, shownStatus } from '../model/project.ts';
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

/** How more can be asked of a project that has ended. */
function moreAfterEnd({ id, status, workBranch }: Pick<Project, 'id' | 'status' | 'workBranch'>): string {
  return status === 'completed'
    ? `What it did stays as it was proved. For more on top of it: df init <name> --base ${workBranch}`
    : `Nothing was changed. Let it live on first: df retry ${id.slice(0, 8)}`;
}

/** What can be done with words for a project that has ended. */
export const tellAfterEnd = (project: Pick<Project, 'id' | 'status' | 'workBranch'>): string =>
  project.status === 'completed'
    ? moreAfterEnd(project)
    : `Let it live on with your words: df retry ${project.id.slice(0, 8)} --message TEXT`;

/** Throws `usage`/`project_ended`. @param so what follows from that */
export function refuseEnded(
  project: Pick<Project, 'id' | 'name' | 'status' | 'stopped' | 'workBranch'>,
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
