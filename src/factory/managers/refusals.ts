import { DarkFactoryError, usageError } from '../../lib/failure.ts';
import { ENDED, type Project, shownStatus } from '../model/project.ts';

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

/** What can be done with words for a project that has ended. */
export const TELL_ENDED = 'Let it live on with your words: df retry <id> --message TEXT';

/** Throws `usage`/`project_ended`. @param so what follows from that */
export function refuseEnded(
  project: Pick<Project, 'name' | 'status' | 'stopped'>,
  so: string,
  hint = 'df retry lets one that failed live on; df init makes a new one',
): void {
  if (!ENDED.has(project.status)) return;
  throw usageError(
    'project_ended',
    `The project ${project.name} has ended (${shownStatus(project)}), so ${so}`,
    hint,
  );
}
