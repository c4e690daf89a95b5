import { usageError } from '../../lib/failure.ts';
import { type Fork, openFork } from './fork.ts';
import {
  type Attempt,
  branchLivesOn,
  ENDED,
  exploresDecision,
  type Project,
  pausesForATime,
  shownStatus,
} from './project.ts';
import type { Waiting } from './waiting.ts';

/**
 * The transitions that a person asks for, as pure changes of the document. Each returns the same object when there is
 * nothing to change. Starting, pausing and resuming a project that has ended throws `usage`/`project_ended`.
 */

/** What runs already stays as it is; a paused project goes on. */
export function start(project: Project, now: Date): Project {
  refuseEnded(project, 'start');
  if (project.status === 'paused') return resume(project, now);
  if (project.started) return project;
  return { ...begun(project, now), updatedAt: now };
}

/** Its first attempt begins, unless it has. */
function begun(project: Project, now: Date): Project {
  const startTime = project.startTime ?? now;
  const attempts = project.attempts.length > 0 ? project.attempts : [{ startedAt: startTime }];
  // Branches of decisions are made started: they need no turn, nor does what an older program started.
  const queued = project.started ? {} : { queuedAt: project.queuedAt ?? now };
  return { ...project, ...queued, started: true, startTime, attempts };
}

export function pause(project: Project, now: Date, waiting: Waiting): Project {
  refuseEnded(project, 'pause');
  // Its owner's own pause takes the place of one that would end by itself.
  const { question, after } = project.waiting ?? {};
  const endsByItself =
    exploresDecision(project) || pausesForATime(project) || question !== undefined || after !== undefined;
  const isOrder = waiting.for === 'owner' && waiting.question === undefined && waiting.after === undefined;
  if (project.status === 'paused' && !(endsByItself && isOrder)) return project;
  return { ...project, status: 'paused', statusReason: waiting.detail, waiting, updatedAt: now };
}

export function resume(project: Project, now: Date): Project {
  refuseEnded(project, 'resume');
  if (project.started && (project.status === 'active' || project.status === 'initializing')) return project;
  const fork = openFork(project);
  if (fork !== undefined && fork.phase !== 'planned') return explore(project, fork, now);
  const {
    waiting: reason,
    statusReason: _reason,
    toldOf: _told,
    toldOfPause: _of,
    waits: _waits,
    ...rest
  } = project;
  const ended = reason?.after ?? [];
  // Its owner has it go on without those that will not be completed.
  const after = ended.length === 0 ? {} : { after: project.after?.filter((id) => !ended.includes(id)) };
  return {
    ...begun({ ...rest, ...after }, now),
    status: project.prepared ? 'active' : 'initializing',
    updatedAt: now,
  };
}

/** With an open fork a project goes on through its branches; with one that is for its owner to decide it goes on waiting. */
function explore(project: Project, fork: Fork, now: Date): Project {
  if (exploresDecision(project) || (fork.phase === 'ready' && project.waiting !== undefined)) return project;
  if (fork.phase === 'ready') {
    const detail = `Its branches wait for you to choose: "${fork.question}".`;
    return {
      ...project,
      waiting: { for: 'owner', detail, since: now },
      statusReason: detail,
      updatedAt: now,
    };
  }
  const detail = `Explores "${fork.question}" in ${fork.branches.length} branches.`;
  const waiting: Waiting = { for: 'project', detail, since: now };
  return { ...project, waiting, statusReason: detail, updatedAt: now };
}

/** Ends a project for good; its branch and all it committed stay. */
export function end(
  project: Project,
  now: Date,
  outcome: 'completed' | 'failed' | 'timeout',
  reason: string,
): Project {
  if (ENDED.has(project.status)) return project;
  const { waiting: _waiting, ...rest } = project;
  const attempts = ended(project, { endedAt: now, status: outcome, reason });
  return { ...rest, status: outcome, statusReason: reason, attempts, endTime: now, updatedAt: now };
}

/** Its owner ends it. */
export function stop(project: Project, now: Date, reason: string): Project {
  const next = end(project, now, 'failed', reason);
  return next === project ? project : { ...next, stopped: true };
}

/** The end of the present attempt. One that was never started has none. */
function ended(
  { attempts, startTime }: Project,
  end: Required<Pick<Attempt, 'endedAt' | 'status' | 'reason'>>,
): Attempt[] {
  const begun = attempts.at(-1) ?? (startTime === undefined ? undefined : { startedAt: startTime });
  return begun === undefined || begun.endedAt !== undefined
    ? attempts
    : [...attempts.slice(0, -1), { ...begun, ...end }];
}

/** What another attempt changes, besides what its owner orders. */
export interface NextAttempt {
  settings?: Partial<Project['settings']>;
  maxRuntime: number;
  /** Active milliseconds so far. */
  activeMs: number;
  /** See `refuseRetry`. */
  news?: boolean | undefined;
}

/**
 * A project that ended lives on, on its branch: its worktree is made again first. Throws `usage`/`not_retryable` for one that is
 * completed, or has not ended.
 */
export function retry(
  project: Project,
  now: Date,
  { settings, maxRuntime, activeMs, news }: NextAttempt,
): Project {
  refuseRetry(project, news);
  const { endTime = project.updatedAt, status, statusReason: reason = '', lastAudit } = project;
  const {
    statusReason: _reason,
    endTime: _end,
    stopped: _stopped,
    applied: _applied,
    toPublish: _wish,
    unpublished: _unpublished,
    toldOf: _told,
    waits: _waits,
    toldOfPause: _of,
    lastAudit: _audit,
    turn: _turn,
    ...rest
  } = project;
  // One of an older program, or one that was ended before its start.
  const before = ended(begun(project, project.createdAt), { endedAt: endTime, status, reason });
  return {
    ...rest,
    // After more work it says nothing.
    ...(lastAudit === undefined || lastAudit.passed ? {} : { lastAudit }),
    status: 'initializing',
    started: true,
    startTime: project.startTime ?? now,
    queuedAt: now,
    prepared: false,
    settled: false,
    failedAudits: 0,
    maxRuntime,
    settings: { ...project.settings, ...settings },
    attempts: [...before, { startedAt: now, activeMs }],
    updatedAt: now,
  };
}

/** @param news there is more to do for it than what it was completed with */
export function refuseRetry({ name, id, status, workBranch }: Project, news = false): void {
  if (status === 'failed' || status === 'timeout' || (news && status === 'completed')) return;
  const done = status === 'completed';
  throw usageError(
    'not_retryable',
    `The project ${name} (${id}) is ${status}, so there is nothing to try again`,
    done
      ? `Nothing was changed. For more on top of it: df init <name> --base ${workBranch}.`
      : 'Nothing was changed. See df status for what it does.',
  );
}

/** Its worktree is there (again): it goes on, through its branches where it explores a decision. */
export function prepared(project: Project, now: Date): Project {
  const ready = { ...project, prepared: true, startTime: project.startTime ?? now, updatedAt: now };
  if (project.status !== 'initializing') return ready;
  const fork = openFork(project);
  if (fork === undefined || fork.phase === 'planned') return { ...ready, status: 'active' };
  return explore({ ...ready, status: 'paused' }, fork, now);
}

/** What is told of an end. */
export function endEvent({ status }: Pick<Project, 'status'>) {
  return status === 'completed' || status === 'timeout' ? (`project.${status}` as const) : 'project.failed';
}

function refuseEnded(project: Project, verb: 'start' | 'pause' | 'resume'): void {
  if (!ENDED.has(project.status)) return;
  throw usageError(
    'project_ended',
    `The project ${project.name} (${project.id}) has ended (${shownStatus(project)}), so there is nothing to ${verb}`,
    project.status === 'completed'
      ? 'Look at it with df status or df export, and take its work with df apply.'
      : `Look at it with df status or df export. ${branchLivesOn(project) ?? 'df retry lets it live on.'}`,
  );
}
