import { RED_GATES } from '../../config/routing-settings.ts';
import type { AgentState } from '../../model/agent.ts';
import type { Tier } from '../../model/money/tier.ts';
import type { Task } from '../../model/task.ts';
import type { StateStore } from '../../ports.ts';
import type { RoutingConfig } from './routes.ts';

export interface Escalation {
  to: Tier;
  /** One sentence for people. */
  why: string;
}

/**
 * Work that stayed red so often, one gate after the other, goes on with another tier until it is green: all that the persona does
 * while its own gate is red, or a task of its that is open. `null`: it is not so. Pure.
 */
export function escalation(
  { escalate: { afterRedGates = RED_GATES, to } }: RoutingConfig['routing'],
  { personaName, redGates = 0 }: Pick<AgentState, 'personaName' | 'redGates'>,
  tasks: readonly Pick<Task, 'title' | 'status' | 'assignedPersona' | 'redRuns'>[],
): Escalation | null {
  if (to === undefined) return null;
  const because = (what: string, times: number) => ({
    to,
    why: `${what} was red ${times === 1 ? 'once' : `${times} times in a row`}, so it goes on with the tier ${to} until it is green.`,
  });
  if (redGates >= afterRedGates) return because(`The gate of ${personaName}`, redGates);
  const red = tasks.find(
    ({ status, assignedPersona = personaName, redRuns = [] }) =>
      (status === 'pending' || status === 'in_progress') &&
      assignedPersona === personaName &&
      redRuns.length >= afterRedGates,
  );
  return red === undefined ? null : because(`The task "${red.title}"`, red.redRuns?.length ?? 0);
}

/** The same, from the state. Reads nothing where nothing is escalated ever. */
export async function readEscalation(
  { state, config }: { state: Pick<StateStore, 'agent' | 'tasks'>; config: Pick<RoutingConfig, 'routing'> },
  projectId: string,
  persona: string,
): Promise<Escalation | null> {
  if (config.routing.escalate.to === undefined) return null;
  const [agent, list] = await Promise.all([
    state.agent(projectId, persona).get(),
    state.tasks(projectId).get(),
  ]);
  return escalation(config.routing, agent, list.tasks);
}
