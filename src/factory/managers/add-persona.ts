import type * as z from 'zod';
import { type DarkFactoryError, usageError } from '../../lib/failure.ts';
import { placeAndProblem } from '../../lib/schema.ts';
import { findEcosystem } from '../gates/ecosystems/ecosystem.ts';
import { baseTree } from '../gates/run/commands.ts';
import { planGates } from '../gates/run/gate-plan.ts';
import { type CreateDeps, newAgent } from '../lifecycle/create/create.ts';
import { personaFor, refuseReserved } from '../lifecycle/create/personas.ts';
import type { AgentState } from '../model/agent.ts';
import type { NewEvent } from '../model/event.ts';
import { givenPersona, type PersonaConfig } from '../model/personas/persona-config.ts';
import type { Project } from '../model/project.ts';
import { refuseEnded } from './refusals.ts';

export type AddPersonaDeps = Pick<CreateDeps, 'state' | 'git' | 'config' | 'loadPersona' | 'now'> & {
  /** In whose name it acts. */
  by: string;
  record(event: NewEvent): Promise<void>;
};

/**
 * Gives an unfinished project another persona, whose turn comes by its priority. Its template is read from the path that is given, now and
 * whenever its agent is at work; its gate runs the criteria that are given.
 *
 * @returns its agent; that of a persona which the project has already, unchanged
 * @throws DarkFactoryError `usage`: `persona_invalid`, `persona_reserved`, `project_ended`, `tests_missing`; `not_found`:
 *   `persona_not_found`
 */
export async function addPersona(
  deps: AddPersonaDeps,
  projectId: string,
  wanted: PersonaConfig,
): Promise<AgentState> {
  const { state, git, now } = deps;
  const parsed = givenPersona.safeParse(wanted);
  if (!parsed.success) throw invalid(parsed.error);
  const { templateName } = parsed.data;
  const project = await state.project(projectId).get();
  if (has(project, templateName)) return state.agent(projectId, templateName).get();
  refuseEnded(project, JOINS);
  refuseReserved([templateName]);
  const persona = await personaFor(deps, project.repository, parsed.data);
  const tree = baseTree(git, project, await git.listFiles(project.repository, project.baseCommit));
  const plan = await planGates(
    deps.config,
    { personas: [persona], settings: project.settings },
    await findEcosystem(tree),
    tree,
  );
  // First: whoever sees the persona in the project reads its agent.
  await state.addAgent(newAgent(projectId, templateName));
  await state.project(projectId).update((project) => {
    if (has(project, templateName)) return project;
    refuseEnded(project, JOINS);
    // What was found so far says nothing of what this one will do.
    const { lastAudit: _overtaken, ...current } = project;
    const known = current.settings.notChecked ?? [];
    const more = plan.notChecked.filter(({ name }) => !known.some((each) => each.name === name));
    const notChecked = [...known, ...more];
    return {
      ...current,
      personas: [...current.personas, persona],
      settings: { ...current.settings, ...(notChecked.length === 0 ? {} : { notChecked }) },
      updatedAt: now(),
    };
  });
  await deps.record({
    ...{ projectId, type: 'persona.added', level: 'info', persona: templateName, data: { by: deps.by } },
    message: `The persona ${templateName} was added by its owner.`,
  });
  return state.agent(projectId, templateName).get();
}

const has = ({ personas }: Project, name: string) =>
  personas.some(({ templateName }) => templateName === name);

const JOINS = 'nobody joins it any more';

function invalid({ issues: [issue] }: z.ZodError): DarkFactoryError {
  return usageError(
    'persona_invalid',
    `It is no persona of a project: ${placeAndProblem(issue)}`,
    "Give templateName, templatePath, acceptanceCriteria (name, path and config of loadPersona's answer) and priority.",
  );
}
