import type { EventType, FactoryEvent } from '../model/event.ts';
import { type Notice, nightParts } from '../model/notifications/notification.ts';
import type { NoticeKind } from '../model/notifications/notification-target.ts';
import { ENDED, type Project } from '../model/project.ts';

/** What a rule says; id and redaction come later. */
export type Draft = Omit<Notice, 'id'>;

/** Events of a pause that its owner asked for are of level `info`: nobody needs to be told what they just did. */
const KIND_OF: Readonly<Partial<Record<EventType, (event: FactoryEvent) => NoticeKind | null>>> = {
  /** Told at level `info`, it is the same trouble again. */
  'project.waiting_for_credits': ({ level }) => (level === 'warn' ? 'waiting_for_credits' : null),
  'project.waiting': ({ level }) => (level === 'warn' ? 'stalled' : null),
  'project.paused': ({ level }) => (level === 'warn' ? 'paused' : null),
  'budget.warning': () => 'budget',
  'decision.made': () => 'decision',
  'decision.merged': () => 'decision',
  'decision.dropped': () => 'decision',
  'decision.handed_over': () => 'decision',
  'question.asked': () => 'question',
  /** Only when it is for the owner to choose. */
  'decision.weighed': ({ data }) => (data?.['phase'] === 'ready' ? 'decision' : null),
  'disk.low': () => 'disk_low',
  'memory.low': () => 'memory_low',
  'redis.low': () => 'memory_low',
  'night.ended': () => 'night_report',
  'forge.refused': () => 'forge',
  'forge.moved': () => 'forge',
  'issue.refused': () => 'forge',
  'issue.edited': () => 'forge',
  'checks.passed': () => 'checks',
  'checks.given_up': () => 'checks',
  'project.stalled': () => 'stalled',
  /** At level `info` something was made all the same, or it was asked for by hand. */
  'schedule.failed': ({ level }) => (level === 'warn' ? 'schedule' : null),
  'task.blocked': () => 'task_blocked',
  'up.hung_up': () => 'stalled',
  /** At level `info` others work. */
  'up.stuck': ({ level }) => (level === 'warn' ? 'stalled' : null),
};

const TITLES: Record<NoticeKind, (name: string) => string> = {
  completed: (name) => `${name} is completed`,
  failed: (name) => `${name} has failed`,
  timeout: (name) => `${name} ran out of time`,
  waiting_for_credits: (name) => `${name} waits for credits`,
  paused: (name) => `${name} is paused and waits for you`,
  budget: (name) => `Budget: ${name}`,
  decision: (name) => `Decision in ${name}`,
  question: (name) => `${name} asks you`,
  task_blocked: (name) => `${name} is stuck with a task`,
  schedule: () => 'A schedule made no projects',
  night_report: () => 'The night is over',
  forge: () => 'A forge needs you',
  checks: (name) => `Checks of ${name}`,
  stalled: (name) => `Nothing goes on in ${name}`,
  disk_low: () => 'The disk is nearly full',
  memory_low: () => 'Little memory is left',
};

/**
 * What an event tells the owner, `null` for most. Ends are not among them: they are told from the project's state, which
 * says so even where a crash swallowed the event.
 *
 * @param project `null` for an event of the factory
 */
export function draftOf(event: FactoryEvent, project: Project | null): Draft | null {
  const kind = KIND_OF[event.type]?.(event) ?? null;
  if (kind === null) return null;
  const told = draft(kind, event.message, event.timestamp, project);
  if (kind === 'night_report') return { ...told, ...nightOf(event) };
  const cause = kind === 'waiting_for_credits' ? WAITS_FOR[String(event.data?.['for'])] : undefined;
  return cause === undefined
    ? told
    : { ...told, title: `${project?.name ?? 'the factory'} waits for ${cause}` };
}

function nightOf({ message, data }: FactoryEvent): Partial<Draft> {
  const night = nightParts.safeParse(data?.['sections']).data;
  const text = data?.['markdown'];
  return {
    title: message,
    ...(typeof text === 'string' ? { message: text } : {}),
    ...(night ? { night } : {}),
  };
}

/** The specification's status has one name for all of these. */
const WAITS_FOR: Readonly<Record<string, string>> = {
  credits: 'credits',
  provider: 'a provider that answers',
  key: 'a key that works',
};

/** How long after its end a project's last figures may still be under way, in milliseconds. */
const SETTLING_MS = 60_000;

/** The end of a project, once its last figures are in. Of a branch of a decision it is nobody's business but its parent's. */
export function draftOfEnd(project: Project, now: Date): Draft | null {
  const { status, endTime, settled, parentProjectId, statusReason } = project;
  if (!ENDED.has(status) || parentProjectId !== undefined) return null;
  const at = endTime ?? project.updatedAt;
  if (!settled && now.getTime() - at.getTime() < SETTLING_MS) return null;
  if (status !== 'completed' && status !== 'failed' && status !== 'timeout') return null;
  const told = draft(status, statusReason ?? '', at.toISOString(), project);
  return project.stopped ? { ...told, title: `${project.name} was stopped` } : told;
}

function draft(kind: NoticeKind, message: string, timestamp: string, project: Project | null): Draft {
  return {
    kind,
    title: TITLES[kind](project?.name ?? 'the factory'),
    message,
    timestamp,
    project: project && {
      id: project.id,
      name: project.name,
      status: project.status,
      ...(project.stopped ? { stopped: true as const } : {}),
      branch: project.workBranch,
      cost: project.totalCost,
    },
  };
}
