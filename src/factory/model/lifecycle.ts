import { DarkFactoryError } from '../../lib/failure.ts';
import { type Fork, openFork } from './fork.ts';
import { ENDED, exploresDecision, type Project, type Waiting } from './project.ts';

/**
 * The transitions that a person asks for, as pure changes of the document. Each returns the same object when there is
 * nothing to change. Pausing and resuming a project that has ended throws `usage`/`project_ended`.
 */

/** What runs or has ended already stays as it is; a paused project goes on. */
export function start(project: Project, now: Date): Project {
  if (project.status === 'paused') return resume(project, now);
  if (project.started || ENDED.has(project.status)) return project;
  return { ...project, started: true, startTime: project.startTime ?? now, updatedAt: now };
}

export function pause(project: Project, now: Date, waiting: Waiting): Project {
  refuseEnded(project, 'pause');
  if (project.status === 'paused' && !(exploresDecision(project) && waiting.for === 'owner')) return project;
  return { ...project, status: 'paused', statusReason: waiting.detail, waiting, updatedAt: now };
}

export function resume(project: Project, now: Date): Project {
  refuseEnded(project, 'resume');
  if (project.started && (project.status === 'active' || project.status === 'initializing')) return project;
  const fork = openFork(project);
  if (fork !== undefined && fork.phase !== 'planned') return explore(project, fork, now);
  const { waiting: _waiting, statusReason: _reason, ...rest } = project;
  return {
    ...rest,
    started: true,
    startTime: project.startTime ?? now,
    status: project.prepared ? 'active' : 'initializing',
    updatedAt: now,
  };
}

/** With an open fork a project goes on through its branches; with one that is for its owner to decide it goes on waiting. */
function explore(project: Project, fork: Fork, now: Date): Project {
  if (fork.phase === 'ready' || exploresDecision(project)) return project;
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
  return { ...rest, status: outcome, statusReason: reason, endTime: now, updatedAt: now };
}

/** What is told of an end. */
export function endEvent({ status }: Pick<Project, 'status'>) {
  return status === 'completed' || status === 'timeout' ? (`project.${status}` as const) : 'project.failed';
}

function refuseEnded(project: Project, verb: 'pause' | 'resume'): void {
  if (!ENDED.has(project.status)) return;
  throw new DarkFactoryError(
    'usage',
    'project_ended',
    `The project ${project.name} (${project.id}) has ended (${project.status}), so there is nothing to ${verb}`,
    'Look at it with df status or df export, or make a new project with df init.',
  );
}
