import type { AgentState } from '../../factory/model/agent.ts';
import { readAgents } from '../../factory/model/agents.ts';
import type { AuditSummary } from '../../factory/model/audit-summary.ts';
import type { QualityReport } from '../../factory/model/gates/gate-report.ts';
import type { Project } from '../../factory/model/project.ts';
import type { Waiting } from '../../factory/model/waiting.ts';
import type { Halt } from '../../factory/ports.ts';
import { needInTree } from '../../factory/report/need-in-tree.ts';
import type { Need } from '../../factory/report/next-step.ts';
import { type Order, ordersOf } from '../../factory/report/orders.ts';
import { type TimeSpent, timeSpent } from '../../factory/report/time-spent.ts';
import { countTasks, type TaskCounts } from '../../factory/tasks/list/count.ts';
import type { Services } from '../../services.ts';
import { presenceOf } from '../../state/home/presence.ts';
import { asShown } from './as-shown.ts';
import { type ProviderInUse, providerInUse } from './provider-in-use.ts';
import { withPlaces } from './queue-places.ts';
import { countWorkers } from './workers.ts';

/** The document of `df status --json`. */
export interface StatusDocument {
  project: Project;
  tasks: TaskCounts;
  agents: AgentState[];
  /** The newest gate. */
  gate?: QualityReport;
  audit?: AuditSummary;
  /** Worker processes; `null` when the Redis that knows them does not answer. */
  workers: number | null;
  /** The emergency stop is on: nothing runs. */
  halted?: Halt;
  waiting?: Waiting;
  /** What only its owner can do for it. Missing: it goes on by itself, or has ended. */
  need?: Need;
  /** What may be ordered of it now. */
  may: Order[];
  /** What the project's calls go to, and why it left another one for it. */
  provider?: ProviderInUse;
  /** Where the time went, in milliseconds; the parts sum up to `wallMs`. */
  time: TimeSpent;
}

export async function statusDocument(
  services: Services,
  id: string,
  env: NodeJS.ProcessEnv,
): Promise<StatusDocument> {
  const { state, clock, emergencyStop } = services;
  const found = await asShown(state, await state.project(id).get());
  const project = (await withPlaces(state, [found]))[0] ?? found;
  const [list, agents, gates, workers, finance, events] = await Promise.all([
    state.tasks(id).get(),
    readAgents(state, project),
    state.gates(id).list(),
    countWorkers(services, env),
    state.finance(id).get(),
    state.events(id).readAll(),
  ]);
  const halt = emergencyStop.look();
  const provider = providerInUse(finance);
  const gate = gates.at(-1);
  const need = await needInTree(state, project, workers);
  const waiting = project.waiting ?? forWorker(project, workers);
  return {
    project,
    tasks: countTasks(list),
    agents,
    ...(gate === undefined ? {} : { gate }),
    ...(project.lastAudit === undefined ? {} : { audit: project.lastAudit }),
    workers,
    ...(halt === null ? {} : { halted: halt }),
    ...(waiting === undefined ? {} : { waiting }),
    ...(need === null ? {} : { need }),
    may: ordersOf(project, clock.now()),
    ...(provider === undefined ? {} : { provider }),
    time: timeSpent(project, events, clock.now(), await presenceOf(services).absences()),
  };
}

/** It would go on, and nobody is there to do it. */
function forWorker(project: Project, workers: number | null): Waiting | undefined {
  const moves = project.status === 'active' || project.status === 'initializing';
  if (workers !== 0 || !project.started || !moves) return undefined;
  return { for: 'worker', detail: 'No worker is running; start one with df up.', since: project.updatedAt };
}
