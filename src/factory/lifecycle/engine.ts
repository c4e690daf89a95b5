import { DarkFactoryError } from '../../lib/failure.ts';
import type { AgentState } from '../model/agent.ts';
import { type ByOwner, dropFork, takeBranch } from '../decisions/choose/by-owner.ts';
import { setBudget } from '../decisions/budget/set-budget.ts';
import { branchLineage } from '../decisions/tree/tree.ts';
import { endBranches, pauseBranches, resumeBranches } from '../decisions/tree/whole-tree.ts';
import { freshStart } from '../finance/books/fresh-start.ts';
import { requireProviders } from '../finance/calls/scope.ts';
import type { FinanceManager, JobQueue } from '../ports.ts';
import { type CreatedProject, type CreateHands, createProject, type NewProject } from './create.ts';
import { dispatch } from './dispatch.ts';
import type { FactoryEvent } from '../model/event.ts';
import { end, pause, resume, start } from '../model/lifecycle.ts';
import type { NextJob } from '../../queues/jobs/catalogue.ts';
import type { Project } from '../model/project.ts';
import { loadSnapshot } from './snapshot.ts';

/** The specification's OrchestrationEngine (§4.3): what people ask of a project. */
export interface OrchestrationEngine {
  createProject(input: NewProject): Promise<CreatedProject>;
  /**
   * Throws `environment`/`redis_unreachable`, and `environment`/`no_provider` where nobody could do its work, before anything is
   * changed. A project that runs, or has ended, stays as it is.
   */
  startProject(projectId: string): Promise<{ project: Project; alreadyRunning: boolean }>;
  /** Takes effect between two turns. Needs no Redis. */
  pauseProject(projectId: string): Promise<{ project: Project; changed: boolean }>;
  resumeProject(
    projectId: string,
    change?: { budget?: number },
  ): Promise<{ project: Project; changed: boolean }>;
  /**
   * Ends the project as `failed` with this reason; what is running is interrupted, what was done is committed.
   *
   * Needs no Redis: `queued` tells whether workers were told, or will see it when they next compare the state files.
   */
  terminateProject(
    projectId: string,
    reason: string,
  ): Promise<{ project: Project; changed: boolean; queued: boolean }>;
  /** The owner takes a branch of a decision: it is merged next. See `takeBranch`. */
  mergeBranch(childId: string): Promise<ByOwner>;
  /** The owner goes on without any of the branches. See `dropFork`. */
  dropBranches(projectId: string): Promise<ByOwner>;
  /** The branches that led to a branch, the root's first. */
  getBranchLineage(branchName: string): Promise<string[]>;
  /**
   * Asks for a run of a persona's gate, by default of the one at work.
   *
   * @returns the id that its report will have, the persona, and the job
   */
  requestGate(
    projectId: string,
    persona?: string,
  ): Promise<{ reportId: string; persona: string; job: NextJob }>;
  /** Asks for an audit. @returns the round that `lastAudit` will show, and the job */
  requestAudit(projectId: string): Promise<{ round: number; job: NextJob }>;
}

export interface EngineHands extends CreateHands {
  /** Connects to Redis when it is first asked; throws `environment`/`redis_unreachable`. */
  queue(): Promise<JobQueue>;
  finance(): Promise<Pick<FinanceManager, 'requireProvider'>>;
  record(event: Omit<FactoryEvent, 'timestamp'>): Promise<void>;
}

export function createEngine(hands: EngineHands): OrchestrationEngine {
  const { state } = hands;

  /** Applies a transition; `changed` tells whether there was anything to change. */
  const apply = async (projectId: string, change: (project: Project) => Project) => {
    let changed = false;
    const project = await state.project(projectId).update((current) => {
      const next = change(current);
      changed = next !== current;
      return next;
    });
    return { project, changed };
  };
  /** A paused project whose worktree was lost is prepared again, from its branch. */
  const withWorktree = async (projectId: string) => {
    const { status, prepared, repository, worktreePath } = await state.project(projectId).get();
    const lost = status === 'paused' && prepared && (await isLost(hands, repository, worktreePath));
    return (current: Project): Project =>
      lost && current.status === 'paused' ? { ...current, prepared: false } : current;
  };
  const record = (projectId: string, type: string, message: string) =>
    hands.record({ projectId, type, level: 'info', message });

  const carryOn = async (answer: ByOwner): Promise<ByOwner> => {
    for (const id of answer.touched) await dispatch(hands, await hands.queue(), id);
    return answer;
  };

  return {
    async createProject(input) {
      const created = await createProject(hands, input);
      await record(created.project.id, 'project.created', `Created from ${created.project.baseBranch}.`);
      return created;
    },
    async startProject(projectId) {
      const queue = await hands.queue();
      const before = await state.project(projectId).get();
      if (!before.started || before.status === 'paused') {
        await (await hands.finance()).requireProvider();
        await requireProviders(state, before);
      }
      const seen = await withWorktree(projectId);
      await freshStart(state, projectId, hands);
      const { project, changed } = await apply(projectId, (current) => start(seen(current), hands.now()));
      if (changed) await record(projectId, 'project.started', 'Started by its owner.');
      await dispatch(hands, queue, projectId);
      return { project, alreadyRunning: !changed };
    },
    async pauseProject(projectId) {
      const detail = 'Paused by its owner; df resume goes on.';
      const answer = await apply(projectId, (current) =>
        pause(current, hands.now(), { for: 'owner', detail, since: hands.now() }),
      );
      if (answer.changed) await record(projectId, 'project.paused', detail);
      await pauseBranches(hands, projectId);
      return answer;
    },
    async resumeProject(projectId, change = {}) {
      const queue = await hands.queue();
      // Throws for a project that has ended, before its cap is changed.
      resume(await state.project(projectId).get(), hands.now());
      const seen = await withWorktree(projectId);
      await freshStart(state, projectId, hands);
      // The money first: what goes on without it would only wait for it again.
      const paid =
        change.budget === undefined ? [] : await setBudget(state, projectId, change.budget, hands.now());
      const answer = await apply(projectId, (current) => resume(seen(current), hands.now()));
      if (answer.changed) await record(projectId, 'project.resumed', 'Resumed by its owner.');
      const below = await resumeBranches(hands, projectId);
      for (const id of new Set([projectId, ...paid, ...below])) await dispatch(hands, queue, id);
      const changed = answer.changed || change.budget !== undefined || below.length > 0;
      return { project: await state.project(projectId).get(), changed };
    },
    async terminateProject(projectId, reason) {
      const answer = await apply(projectId, (current) => end(current, hands.now(), 'failed', reason));
      if (!answer.changed) return { ...answer, queued: true };
      await record(projectId, 'project.stopped', reason);
      const below = await endBranches(hands, projectId, 'The project that it was forked from was stopped.');
      const queue = await queueIfThere(hands);
      if (queue !== null) for (const id of [projectId, ...below]) await dispatch(hands, queue, id);
      return { ...answer, queued: queue !== null };
    },
    mergeBranch: async (childId) => carryOn(await takeBranch(hands, await state.project(childId).get())),
    dropBranches: async (projectId) => carryOn(await dropFork(hands, await state.project(projectId).get())),
    getBranchLineage: (branchName) => branchLineage(state, branchName),
    async requestGate(projectId, asked) {
      const { agents } = await loadSnapshot(state, projectId, hands.config);
      const persona = asked === undefined ? currentAgent(agents).personaName : oneOf(agents, asked);
      const reportId = hands.newId();
      const job = manualGate(projectId, persona, reportId);
      await (await hands.queue()).enqueue(job);
      return { reportId, persona, job };
    },
    async requestAudit(projectId) {
      const project = await state.project(projectId).get();
      const round = project.auditRounds + 1;
      const job: NextJob = {
        queue: 'audits',
        payload: { projectId, kind: 'manual', round },
        deduplicationId: `${projectId}.audit.${round}`,
      };
      await (await hands.queue()).enqueue(job);
      return { round, job };
    },
  };
}

async function queueIfThere(hands: EngineHands): Promise<JobQueue | null> {
  try {
    return await hands.queue();
  } catch (error) {
    if (error instanceof DarkFactoryError && error.code === 'redis_unreachable') return null;
    throw error;
  }
}

/** A repository that cannot be looked at is told of by the work that needs it. */
async function isLost({ git }: EngineHands, repository: string, worktree: string): Promise<boolean> {
  try {
    return !(await git.validateWorktree(repository, worktree));
  } catch (error) {
    if (error instanceof DarkFactoryError) return false;
    throw error;
  }
}

/** Each request is a job of its own: whoever made it waits for the report of this id. */
function manualGate(projectId: string, persona: string, reportId: string): NextJob {
  return {
    queue: 'quality-gates',
    payload: { kind: 'manual', projectId, persona, reportId },
    deduplicationId: `${projectId}.manual.${reportId}`,
  };
}

/** The agent whose turn it is, or the last one when all are done. */
export function currentAgent(agents: readonly AgentState[]): AgentState {
  const agent = agents.find((each) => each.status !== 'completed') ?? agents.at(-1);
  if (agent === undefined) throw new Error('A project without personas cannot have been created.');
  return agent;
}

function oneOf(agents: readonly AgentState[], persona: string): string {
  const names = agents.map(({ personaName }) => personaName);
  if (names.includes(persona)) return persona;
  throw new DarkFactoryError(
    'not_found',
    'persona_not_found',
    `The project has no persona ${JSON.stringify(persona.slice(0, 80))}`,
    `It has: ${names.join(', ')}.`,
  );
}
