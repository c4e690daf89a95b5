import { usageError } from '../../../lib/failure.ts';
import type { Config } from '../../config/config.ts';
import { AUDITOR } from '../../model/agents.ts';
import { wishesOf } from '../../model/personas/persona.ts';
import type { PersonaConfig } from '../../model/personas/persona-config.ts';
import { SEALER } from '../../model/sealing/sealer.ts';
import type { StateStore } from '../../ports.ts';
import { requireModel } from '../require-model.ts';
import type { NewProject } from './new-project.ts';

export interface PersonaDeps {
  state: Pick<StateStore, 'providers'>;
  config: Pick<Config, 'tiers'>;
  /**
   * Throws `not_found`/`persona_not_found`, `usage`/`persona_invalid`.
   *
   * @param path of its template, which must bear that name. Missing: found by the name
   */
  loadPersona(repository: string, name: string, path?: string): Promise<Omit<PersonaConfig, 'priority'>>;
}

/** Those of a new project, in order of work. Throws `usage`: `personas_invalid`, `persona_reserved`, and as `personaFor`. */
export async function loadPersonas(
  deps: PersonaDeps,
  repository: string,
  wanted: NonNullable<NewProject['personas']>,
): Promise<PersonaConfig[]> {
  const named = wanted.map((each, index) =>
    typeof each === 'string' ? { templateName: each, priority: index + 1 } : each,
  );
  const names = named.map(({ templateName }) => templateName);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (names.length === 0 || twice !== undefined) {
    throw usageError(
      'personas_invalid',
      twice === undefined ? 'No persona was given' : `The persona "${twice}" was given twice`,
      'Name each persona once, in order of work: --persona engineer,tester.',
    );
  }
  refuseReserved(names);
  const personas = await Promise.all(named.map((each) => personaFor(deps, repository, each)));
  return personas.sort((a, b) => a.priority - b.priority);
}

/** Throws `usage`/`persona_reserved`. */
export function refuseReserved(names: readonly string[]): void {
  const reserved = names.find((name) => name === AUDITOR || name === SEALER);
  if (reserved === undefined) return;
  throw usageError(
    'persona_reserved',
    `The persona name "${reserved}" is the factory's own`,
    'Give the template another name.',
  );
}

/**
 * A persona as a project keeps it: its template is read where it is said to be, else found by its name; what is wanted of it goes before
 * what the template says.
 *
 * Throws as `loadPersona` and `requireModel`.
 */
export async function personaFor(
  deps: PersonaDeps,
  repository: string,
  wanted: Pick<PersonaConfig, 'templateName' | 'priority'> & Partial<PersonaConfig>,
): Promise<PersonaConfig> {
  const { templateName, priority } = wanted;
  const template = await deps.loadPersona(repository, templateName, wanted.templatePath);
  const { acceptanceCriteria = template.acceptanceCriteria } = wanted;
  const wishes = { ...wishesOf(template), ...wishesOf(wanted) };
  if (wishes.model !== undefined) await requireModel(deps, wishes.model, templateName);
  return { ...template, acceptanceCriteria, priority, ...wishes };
}
