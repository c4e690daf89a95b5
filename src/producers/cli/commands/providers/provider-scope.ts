import type { ProviderConfig } from '../../../../factory/model/money/finance.ts';
import { DarkFactoryError } from '../../../../lib/failure.ts';
import type { CommandContext } from '../../framework/context.ts';
import { plural } from '../../render/output.ts';

/** Projects that are there by their id, which never changes; a name that no project has yet stays and counts for one to come. */
export async function knownProjects(
  context: CommandContext,
  given: readonly string[] | null | undefined,
): Promise<{ projects?: string[] | null }> {
  if (given === undefined || given === null) return given === undefined ? {} : { projects: null };
  const { state } = await context.services();
  const projects: string[] = [];
  for (const each of given) {
    try {
      projects.push(await state.resolveProject(each));
    } catch (error) {
      if (!(error instanceof DarkFactoryError) || error.kind !== 'not_found') throw error;
      context.err.line(`hint: there is no project "${each}" yet; one of that name may use it.`);
      projects.push(each);
    }
  }
  return { projects };
}

/** Whom it works for; empty: for all. */
export function scopeText({ personas, projects }: Pick<ProviderConfig, 'personas' | 'projects'>): string {
  const parts = [
    ...(personas === undefined ? [] : [personas.join(', ')]),
    ...(projects === undefined ? [] : [plural(projects.length, 'project', 'projects')]),
  ];
  return parts.join(' in ');
}
