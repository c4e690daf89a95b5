import { DarkFactoryError, usageError } from '../../lib/failure.ts';
import type { NewId } from '../../lib/ids.ts';
import type { NextJob } from '../../queues/jobs/catalogue.ts';
import type { JobResult } from '../../queues/jobs/result.ts';
import { stateAfter } from '../agent/memory/agent-state.ts';
import { type HistoryMessage, history } from '../agent/memory/history.ts';
import { nextJobs } from '../lifecycle/next-jobs.ts';
import { loadSnapshot } from '../lifecycle/snapshot.ts';
import type { AgentState } from '../model/agent.ts';
import { agentIdOf } from '../model/agent-id.ts';
import type { QualityReport } from '../model/gates/gate-report.ts';
import type { PersonaTemplate } from '../model/personas/persona.ts';
import type { PersonaConfig } from '../model/personas/persona-config.ts';
import type { Project } from '../model/project.ts';
import type { JobQueue, Perform } from '../ports.ts';
import { tell } from '../talk/messages.ts';
import { type AddPersonaDeps, addPersona } from './add-persona.ts';
import { decidedFields } from './decided-fields.ts';
import { notRun, personaOf, refuseEnded, tellAfterEnd } from './refusals.ts';

/** An agent's state with its conversation, which stands in its journal. */
export type LoadedAgent = AgentState & { conversationHistory: HistoryMessage[] };

/**
 * The specification's AgentRuntime (§4.3). An agent is a persona of a project; its id is `<project id>/<persona>`. All methods that
 * take one throw `usage`/`agent_id_invalid`, `not_found`/`project_not_found` and `not_found`/`persona_not_found`.
 */
export interface AgentRuntime {
  /** Reads a persona's template. Throws `usage`/`persona_invalid`, `not_found`/`persona_not_found`. */
  loadPersona(templatePath: string): Promise<PersonaTemplate>;
  /** Gives an unfinished project another persona. See `addPersona`; of the project only the id counts. */
  instantiateAgent(project: Pick<Project, 'id'>, persona: PersonaConfig): Promise<AgentState>;
  /**
   * Takes the agent's next step in this process, as a worker would: under the step's lease, with money reserved before it is spent, and
   * commands in the sandbox. One turn, or the gate on its claim to be done. What must come before it (worktree, set-up, baseline gate)
   * is done first. A step that another worker is at is left to that one.
   *
   * @param signal ends the turn at the next safe place
   * @returns how it ended; `parked`: not before `until`, for example for want of money
   * @throws DarkFactoryError `usage`/`not_its_turn`; `environment`: `halted`, `sandbox_missing`, `redis_unreachable`
   */
  executeAgent(agentId: string, signal?: AbortSignal): Promise<JobResult>;
  /**
   * Says something to the agent: it is handed over once, with its next request, whatever worker takes it. Nobody waits for an answer.
   *
   * @param message at most 20,000 characters
   * @returns the message's id; it has been handed over when a note `message-<id>` stands in the conversation's journal
   * @throws DarkFactoryError `usage`: `message_invalid`, `too_many_messages` (100 wait), `project_ended`
   */
  sendMessage(agentId: string, message: string): Promise<string>;
  /**
   * Brings the agent's state file up to its journal, which has the last word, and with `state` changes what a caller may decide: which
   * task is at hand (`currentTask`). All else follows from the journal, or no claim of being done would be worth anything.
   *
   * @param state as `loadAgentState` gave it
   * @throws DarkFactoryError `failed`/`agent_state_changed` when it was changed since it was loaded (by `version`);
   *   `usage`/`agent_state_decided` when another field differs
   */
  saveAgentState(agentId: string, state?: AgentState): Promise<AgentState>;
  loadAgentState(agentId: string): Promise<LoadedAgent>;
  /** Asks the workers for the gate of a persona, by default of the one at work. @returns the id that its report will have, and the job */
  requestGate(
    projectId: string,
    persona?: string,
  ): Promise<{ reportId: string; persona: string; job: NextJob }>;
  /**
   * Runs the agent's acceptance criteria now, in this process and in the sandbox, on the commit that its branch stands at, pinned to the
   * base commit as every gate is. It is kept with the project's reports; by itself it completes nothing.
   *
   * @throws DarkFactoryError `failed`/`not_run`; `environment`: `halted`, `sandbox_missing`
   */
  validateQualityGates(agentId: string): Promise<QualityReport>;
}

export interface AgentRuntimeDeps extends AddPersonaDeps {
  newId: NewId;
  /** Reads a template wherever it is. */
  readPersona(templatePath: string): Promise<PersonaTemplate>;
  queue(): Promise<JobQueue>;
  perform: Perform;
}

export function createAgentRuntime(deps: AgentRuntimeDeps): AgentRuntime {
  const { state, now } = deps;
  const read = (agentId: string) => {
    const agent = parseAgentId(agentId);
    return { ...agent, document: state.agent(agent.projectId, agent.persona) };
  };

  async function gateOrder(projectId: string, persona: string): Promise<{ reportId: string; job: NextJob }> {
    const reportId = deps.newId();
    const payload = { kind: 'manual' as const, projectId, persona, reportId };
    // Each request is a job of its own: whoever made it waits for the report of this id.
    const deduplicationId = `${projectId}.manual.${reportId}`;
    return { reportId, job: { queue: 'quality-gates', payload, deduplicationId } };
  }

  return {
    loadPersona: deps.readPersona,
    instantiateAgent: ({ id }, persona) => addPersona(deps, id, persona),
    async executeAgent(agentId, signal) {
      const { projectId, persona, document } = read(agentId);
      await document.get();
      for (let before: NextJob | undefined; ; ) {
        const [job] = nextJobs(await loadSnapshot(state, projectId, deps.config), now());
        const isTurn = job !== undefined && isTurnOf(job, persona);
        if (job === undefined || !(isTurn || isPreparation(job)))
          throw notItsTurn(agentId, await state.project(projectId).get(), job);
        const result = await deps.perform(job, signal);
        // What is prepared in vain is not prepared for ever.
        const again = before?.deduplicationId === job.deduplicationId;
        if (isTurn || again || result.outcome !== 'done') return result;
        before = job;
      }
    },
    async sendMessage(agentId, message) {
      const { projectId, persona, document } = read(agentId);
      await document.get();
      const project = await state.project(projectId).get();
      refuseEnded(project, 'it would not be told', tellAfterEnd(project));
      return (await tell(deps, project, message, { by: deps.by, persona })).id;
    },
    async saveAgentState(agentId, given) {
      const { projectId, persona, document } = read(agentId);
      const entries = await state.journal(projectId, persona).entries();
      const { tasks } = await state.tasks(projectId).get();
      return document.update((current) => {
        if (given === undefined) return stateAfter(current, entries);
        if (given.version !== current.version) throw changedSince(agentId, given.version, current.version);
        const decided = decidedFields(current, given);
        if (decided.length > 0) throw notYours(decided);
        const { currentTask } = given;
        if (currentTask === current.currentTask) return stateAfter(current, entries);
        if (currentTask !== undefined && !tasks.some(({ id }) => id === currentTask))
          throw notYours(['currentTask']);
        const { currentTask: _was, ...rest } = stateAfter(current, entries);
        return currentTask === undefined ? rest : { ...rest, currentTask };
      });
    },
    async loadAgentState(agentId) {
      const { projectId, persona, document } = read(agentId);
      const agent = await document.get();
      const conversationHistory = history(await state.journal(projectId, persona).entries());
      return { ...agent, conversationHistory };
    },
    async requestGate(projectId, asked) {
      const { agents, project } = await loadSnapshot(state, projectId, deps.config);
      const persona = asked === undefined ? agentAtWork(agents) : personaOf(project, asked);
      const order = await gateOrder(projectId, persona);
      await (await deps.queue()).enqueue(order.job);
      await deps.record({
        ...{ projectId, persona, type: 'project.ordered', level: 'info', data: { by: deps.by } },
        message: `Its owner asks for the gate of ${persona}.`,
      });
      return { persona, ...order };
    },
    async validateQualityGates(agentId) {
      const { projectId, persona, document } = read(agentId);
      await document.get();
      const { reportId, job } = await gateOrder(projectId, persona);
      const { detail } = await deps.perform(job);
      const report = (await state.gates(projectId).list()).find(({ id }) => id === reportId);
      if (report === undefined) throw notRun('gate', detail);
      return report;
    },
  };
}

function parseAgentId(agentId: string): { projectId: string; persona: string } {
  const [projectId = '', persona = '', ...rest] = agentId.split('/');
  if (projectId !== '' && persona !== '' && rest.length === 0) return { projectId, persona };
  throw usageError(
    'agent_id_invalid',
    `${JSON.stringify(agentId.slice(0, 120))} is no agent's id`,
    `It is <project id>/<persona>, for example ${agentIdOf('7c9e6679-7425-40de-944b-e07fc1f90ae7', 'engineer')}.`,
  );
}

function isTurnOf({ queue, payload }: NextJob, persona: string): boolean {
  if (queue === 'agent-steps') return payload.persona === persona;
  return queue === 'quality-gates' && payload.kind === 'finish' && payload.persona === persona;
}

/** What every project needs before the first turn. */
function isPreparation({ queue, payload }: NextJob): boolean {
  return (
    (queue === 'projects' && payload.action === 'start') ||
    (queue === 'quality-gates' && payload.kind === 'baseline')
  );
}

/** The agent whose turn it is, or the last one when all are done. */
function agentAtWork(agents: readonly AgentState[]): string {
  const agent = agents.find((each) => each.status !== 'completed') ?? agents.at(-1);
  if (agent === undefined) throw new Error('A project without personas cannot have been created.');
  return agent.personaName;
}

function notItsTurn(agentId: string, project: Project, job: NextJob | undefined): DarkFactoryError {
  const next =
    job === undefined
      ? `The project is ${project.status}${project.started ? '' : ' and was not started'}. ${project.statusReason ?? ''}`.trim()
      : `Next is ${'persona' in job.payload ? agentIdOf(project.id, job.payload.persona) : `a job of ${job.queue}, which workers do`}.`;
  return usageError('not_its_turn', `It is not the turn of ${agentId}`, next);
}

function changedSince(agentId: string, given: number, is: number): DarkFactoryError {
  return new DarkFactoryError(
    'failed',
    'agent_state_changed',
    `The state of ${agentId} was changed since it was loaded (version ${given}, now ${is})`,
    'Nothing was saved. Load it again.',
  );
}

function notYours(fields: readonly string[]): DarkFactoryError {
  return usageError(
    'agent_state_decided',
    `Not for a caller to decide: ${fields.join(', ')}`,
    'Nothing was saved. Of an agent only currentTask may be set, to the id of a task of its list.',
  );
}
