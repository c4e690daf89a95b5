import { followJournal } from '../agent/memory/agent-state.ts';
import type { NewEvent } from '../model/event.ts';
import type { Holder } from '../model/journal.ts';
import type { Project } from '../model/project.ts';
import type { StateStore } from '../ports.ts';
import { whoHasNews } from './notes.ts';

export interface WakeDeps {
  state: Pick<StateStore, 'project' | 'talk' | 'journal' | 'agent' | 'tasks'>;
  holder(): Promise<Holder>;
  record(event: NewEvent): Promise<void>;
}

/**
 * Sets an agent to work again that its owner has said something to, or changed the task list for, after it was done, instead of ending the
 * project over the owner's head. The audit that has passed counts no more, and that is put down first: work that is done now is never
 * taken for audited.
 *
 * @returns whether there was anything to say
 */
export async function wakeForNews({ state, holder, record }: WakeDeps, project: Project): Promise<boolean> {
  const { id: projectId } = project;
  const persona = await whoHasNews(state, project);
  if (persona === null) return false;
  await state.project(projectId).update(({ lastAudit: _overtaken, ...rest }) => rest);
  const { nextStep } = await state.agent(projectId, persona).get();
  const writer = await state.journal(projectId, persona).lease(nextStep, await holder());
  const text =
    'You were done, and your owner has said something since: you are told now. When it is settled, call finish.';
  await writer?.append(
    { type: 'note', key: `woken-${nextStep}`, text },
    { type: 'step_done', outcome: 'continue' },
  );
  await followJournal(state, { projectId, persona });
  const message = `Its owner has said something: ${persona} goes on.`;
  await record({ projectId, persona, type: 'project.woken', level: 'info', message });
  return true;
}
