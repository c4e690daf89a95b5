import { join } from 'node:path';
import { type AgentState, agentState } from '../../factory/model/agent.ts';
import { type FinanceState, financeState } from '../../factory/model/money/finance.ts';
import { PERSONA_NAME } from '../../factory/model/personas/persona.ts';
import { type Project, project as projectSchema } from '../../factory/model/project.ts';
import { type TaskList, taskList } from '../../factory/model/task.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import { newDocument } from '../documents/new-document.ts';
import type { NewFile } from './project-folders.ts';

export /** The files a project begins with. Throws when one does not fit its schema. */
function firstDocuments(
  project: Project,
  agents: readonly AgentState[],
  finance: FinanceState,
  tasks: TaskList = { schemaVersion: 1, version: 0, projectId: project.id, tasks: [] },
): Map<string, NewFile> {
  const files = new Map<string, NewFile>([
    ['project.yaml', newDocument('project.yaml', projectSchema, project)],
    ['tasks.yaml', newDocument('tasks.yaml', taskList, tasks)],
    ['finance.yaml', newDocument('finance.yaml', financeState, finance)],
  ]);
  for (const agent of agents) {
    const name = agentFile(agent.personaName, 'yaml');
    files.set(name, newDocument(name, agentState, agent));
  }
  return files;
}

/** The file of an agent below a project's folder. Throws `not_found`/`persona_not_found` for what is no persona's name. */
export function agentFile(persona: string, ending: string): string {
  if (PERSONA_NAME.test(persona)) return join('agents', `${persona}.${ending}`);
  throw new DarkFactoryError(
    'not_found',
    'persona_not_found',
    `${JSON.stringify(persona.slice(0, 60))} is no name of a persona.`,
    'See df persona list.',
  );
}
