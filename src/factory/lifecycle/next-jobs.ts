import { isOfFuture } from '../../lib/clock.ts';
import type { NextJob, Payload } from '../../queues/jobs/catalogue.ts';
import { activeTime } from '../model/active-time.ts';
import type { AgentState } from '../model/agent.ts';
import { openFork } from '../model/fork.ts';
import { attemptOf, ENDED, exploresDecision, isOutOfMoney, type Project } from '../model/project.ts';
import type { ReviewOrder } from '../model/review.ts';
import { lacksTurn } from '../model/turn.ts';
import { outcomeText } from '../review/order.ts';

/** What stands on disk about a project at one moment. */
export interface Snapshot {
  project: Project;
  /** One per persona, in order of priority. */
  agents: readonly AgentState[];
  /** Who writes sealed checks, as long as they are to be written. */
  sealer?: AgentState;
  /**
   * The epoch of an open lease whose holder is known to be dead. Its job may still count as running in Redis, so the
   * new one needs an id of its own.
   */
  abandonedEpoch?: number;
  /** Which tasks are blocked and why, for the reason of an end. Looked up only when an agent is blocked. */
  blockedTasks?: string;
  /** Milliseconds between two audits of a project at work. */
  auditInterval: number;
  /** The children of the fork that the project waits for; without those whose folder is gone. */
  branches?: readonly Pick<Project, 'status' | 'settled' | 'waiting'>[];
}

/**
 * What a project needs next. The one place that knows the order of work: prepare, sealed checks where a persona is to write
 * them, baseline gate, each persona's steps and gate in order of priority, closing audit, end; in between a fork where an agent
 * is unsure: branches, comparison, merge.
 *
 * Pure, and safe to ask at any moment and any number of times: asked twice of the same state it names the same jobs.
 *
 * @param snapshot the project as it stands on disk
 * @param now decides only whether a periodic audit is due
 * @returns at most one job of the main line, and a periodic audit when one is due; none while the project is paused by its owner, waits
 *   for its turn or for credits, was not started or has ended and is tidied up
 */
export function nextJobs(snapshot: Snapshot, now: Date): NextJob[] {
  const { priority } = snapshot.project;
  const jobs = jobsOf(snapshot, now);
  return priority === undefined ? jobs : jobs.map((job) => ({ ...job, priority }));
}

/** Whether all is done and proved, so that what is next is to end the project as completed. */
export function isComplete(snapshot: Snapshot, now: Date): boolean {
  return jobsOf(snapshot, now).some(
    ({ queue, payload }) =>
      queue === 'projects' && payload.action === 'stop' && payload.outcome === 'completed',
  );
}

function jobsOf(snapshot: Snapshot, now: Date): NextJob[] {
  const { project, agents } = snapshot;
  if (ENDED.has(project.status)) return project.settled ? toPublish(project) : [tidyUp(project)];
  if (!project.started) return [];
  if (exploresDecision(project)) return forFork(snapshot);
  if (project.status === 'paused' || project.status === 'waiting_for_credits' || lacksTurn(project))
    return [];
  if (activeTime(project, agents) >= project.maxRuntime) {
    return [stop(project, 'timeout', 'The maximum runtime is used up.')];
  }
  if (project.review !== undefined) return [forReview(snapshot, project.review)];
  if (!project.prepared || project.status === 'initializing') {
    return [
      {
        queue: 'projects',
        payload: { action: 'start', projectId: project.id },
        deduplicationId: `${project.id}.start`,
      },
    ];
  }
  if (snapshot.sealer !== undefined) return [turn(snapshot, snapshot.sealer)];
  const agent = agents.find((each) => each.status !== 'completed');
  if (agent === undefined) return afterLastPersona(snapshot);
  return [...forAgent(snapshot, agent), ...periodicAudit(snapshot, now)];
}

/** Of a project that reviews: the review, and its end. */
function forReview(snapshot: Snapshot, { outcome }: ReviewOrder): NextJob {
  return outcome === undefined
    ? audit(snapshot, 'review')
    : stop(snapshot.project, 'completed', outcomeText(outcome));
}

/** The next round of the auditor. */
function audit(
  { project, abandonedEpoch }: Pick<Snapshot, 'project' | 'abandonedEpoch'>,
  kind: Payload<'audits'>['kind'],
): NextJob {
  const { id: projectId, auditRounds } = project;
  const round = auditRounds + 1;
  const retry = abandonedEpoch === undefined ? '' : `.after-${abandonedEpoch}`;
  const deduplicationId = `${projectId}.audit.${round}${retry}`;
  return { queue: 'audits', payload: { projectId, kind, round }, deduplicationId };
}

/** What a fork needs that its project waits for: a look at its branches once there is news, a judge, or the merge. */
function forFork(snapshot: Snapshot): NextJob[] {
  const { project, agents, branches = [] } = snapshot;
  const fork = openFork(project);
  if (fork === undefined) return [];
  const { id: projectId } = project;
  // While its branches are at work their time counts, and then its own again.
  if (fork.phase !== 'open' && activeTime(project, agents) >= project.maxRuntime)
    return [stop(project, 'timeout', 'The maximum runtime is used up.')];
  switch (fork.phase) {
    case 'open': {
      const still = branches.filter((branch) => !branch.settled && !isOutOfMoney(branch)).length;
      if (still === fork.branches.length && fork.order === undefined) return [];
      // The owner's word is news of its own: a look that is just being taken may have missed it.
      const deduplicationId = `${projectId}.weigh.${still}${fork.order === undefined ? '' : '.order'}`;
      return [{ queue: 'projects', payload: { action: 'weigh', projectId }, deduplicationId }];
    }
    case 'judging':
      return [audit(snapshot, 'tie')];
    case 'merging':
      return [
        {
          queue: 'quality-gates',
          payload: { kind: 'merge', projectId, persona: fork.persona },
          deduplicationId: `${projectId}.merge.${fork.decisionId}`,
        },
      ];
    default:
      return [];
  }
}

function periodicAudit({ project, auditInterval }: Snapshot, now: Date): NextJob[] {
  const last = project.lastAudit?.at ?? project.startTime ?? now;
  const isDue = now.getTime() - last.getTime() >= auditInterval || isOfFuture(last, now);
  if (project.baselineGate === undefined || !isDue) return [];
  return [audit({ project }, 'periodic')];
}

function forAgent(snapshot: Snapshot, agent: AgentState): NextJob[] {
  const { project, abandonedEpoch, blockedTasks } = snapshot;
  if (agent.status === 'blocked' && agent.pendingDecisions.length > 0) {
    const { id: projectId } = project;
    const deduplicationId = `${projectId}.fork.${agent.nextStep}`;
    return [{ queue: 'projects', payload: { action: 'fork', projectId }, deduplicationId }];
  }
  if (agent.status === 'blocked') {
    const reason = agent.blockedReason ?? 'It could make no progress.';
    const tasks = blockedTasks === undefined ? '' : ` Blocked: ${blockedTasks}.`;
    return [stop(project, 'failed', `${reason} The agent ${agent.personaName} was given up.${tasks}`)];
  }
  const retry = abandonedEpoch === undefined ? '' : `.after-${abandonedEpoch}`;
  if (project.baselineGate === undefined) {
    return [
      {
        queue: 'quality-gates',
        payload: { kind: 'baseline', projectId: project.id, persona: agent.personaName },
        deduplicationId: `${project.id}.baseline${retry}`,
      },
    ];
  }
  return [turn(snapshot, agent)];
}

/** The next step of an agent: its turn, or the gate on its claim. */
function turn(
  { project, abandonedEpoch }: Pick<Snapshot, 'project' | 'abandonedEpoch'>,
  agent: AgentState,
): NextJob {
  const retry = abandonedEpoch === undefined ? '' : `.after-${abandonedEpoch}`;
  const payload = { projectId: project.id, persona: agent.personaName, step: agent.nextStep };
  const deduplicationId = `${project.id}.${agent.personaName}.${agent.nextStep}${retry}`;
  return agent.status === 'waiting_for_quality'
    ? { queue: 'quality-gates', payload: { kind: 'finish', ...payload }, deduplicationId }
    : { queue: 'agent-steps', payload, deduplicationId };
}

function afterLastPersona(snapshot: Snapshot): NextJob[] {
  const { project } = snapshot;
  if (project.lastAudit?.passed === true && project.lastAudit.kind === 'closing') {
    return [stop(project, 'completed', 'Every task is done and proved.')];
  }
  return [audit(snapshot, 'closing')];
}

function toPublish(project: Project): NextJob[] {
  if (project.toPublish === undefined) return [];
  const deduplicationId = `${project.id}.publish.${attemptOf(project)}`;
  return [{ queue: 'forge', payload: { action: 'publish', project: project.id }, deduplicationId }];
}

/** A project that its owner stopped still has work to commit and a worktree to remove. */
function tidyUp(project: Project): NextJob {
  const outcome = project.status === 'completed' || project.status === 'timeout' ? project.status : 'failed';
  return stop(project, outcome, project.statusReason ?? 'Stopped.');
}

function stop(project: Project, outcome: 'completed' | 'failed' | 'timeout', reason: string): NextJob {
  return {
    queue: 'projects',
    payload: { action: 'stop', projectId: project.id, outcome, reason, attempt: attemptOf(project) },
    // A late one of the attempt before must not stand in its way.
    deduplicationId: `${project.id}.stop.${attemptOf(project)}`,
  };
}
