import type { Task, TaskList } from '../../model/task.ts';
import type { StateStore } from '../../ports.ts';
import { newestEvidence } from '../proof/runs.ts';
import { setStatus, withTasks } from './rules.ts';

export interface GivenUp {
  persona: string;
  /** What the agent was at, by its own word. */
  currentTask: string | undefined;
  /** Why the factory stopped the agent, as a sentence. */
  why: string;
  now: Date;
}

/**
 * Blocks what an agent was at when the factory stopped it: its current task, or what it has in progress where that is not
 * known. Doing it twice changes nothing.
 */
export function blockUnderWay(list: TaskList, { persona, currentTask, why, now }: GivenUp): TaskList {
  const begun = list.tasks.filter(({ status }) => status === 'in_progress');
  const current = begun.filter(({ id }) => id === currentTask);
  const mine = current.length > 0 ? current : begun.filter((task) => task.assignedPersona === persona);
  return withTasks(
    list,
    new Map(
      mine.map(({ id }) => [
        id,
        (task) =>
          setStatus(task, 'blocked', `Blocked by the factory: ${why} ${whatWasTried(task)}`, now, 'factory'),
      ]),
    ),
  );
}

/** The same in the list, of an agent that is blocked. Done after its state was saved, so that a crash skips neither. */
export async function blockTasksOf(
  { state, now }: { state: Pick<StateStore, 'agent' | 'tasks'>; now(): Date },
  { projectId, persona }: { projectId: string; persona: string },
): Promise<void> {
  const { status, blockedReason: why, currentTask } = await state.agent(projectId, persona).get();
  if (status !== 'blocked' || why === undefined) return;
  await state
    .tasks(projectId)
    .update((list) => blockUnderWay(list, { persona, currentTask, why, now: now() }));
}

function whatWasTried({ evidence }: Task): string {
  const runs = newestEvidence(evidence);
  if (runs.length === 0) return 'Its completion was never claimed.';
  const lines = runs.map(({ kind, name, command, passed, exitCode, commit, note }) => {
    const how =
      kind === 'audit'
        ? (note ?? 'no reason given')
        : `\`${command ?? 'no command'}\`, exit code ${exitCode ?? 'none'}`;
    return `"${name}" ${passed ? 'passed' : 'failed'} (${how}) at commit ${commit.slice(0, 12)}`;
  });
  return `Tried: ${lines.join('; ')}.`;
}
