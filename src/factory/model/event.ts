import * as z from 'zod';
import {
  type Audit,
  type ByOwner,
  type Changed,
  type Claim,
  type Cleaned,
  type Done,
  type For,
  type Gate,
  type Kind,
  type OfDecision,
  type OfForge,
  type OfIssue,
  type OfProvider,
  own,
  type Plain,
  told,
} from './event-data.ts';
import type { Publication } from './forge/publication.ts';
import type { Holder } from './journal.ts';

/** All that can happen. One that is not here, or lacks a datum, does not compile. */
export const EVENTS = {
  'access.changed': own<ByOwner>(),
  'agent.escalated': told<{ tier: string; requestId: string }>(),
  'agent.finished': told(),
  'audit.failed': told<Audit>(),
  'audit.passed': told<Audit>(),
  'audit.scheduled': told<{ by: string; intervalMs: number }>(),
  'board.changed': own<ByOwner>(),
  'board.started': own<ByOwner>(),
  'branches.removed': told<ByOwner>(),
  'budget.warning': own<{ percent: number; budget: number; spent: number }>(),
  'checks.ended': told(),
  'checks.failed': told(),
  'checks.given_up': told(),
  'checks.passed': told(),
  'commit.held': told<{ findings: unknown }>(),
  'commit.left_out': told<{ findings?: unknown; file?: string }>(),
  'commit.made': told(),
  'config.changed': own<{ changed: string[]; seen: Record<string, string> }>(),
  'config.written': own<ByOwner>(),
  'decision.dropped': told<OfDecision>(),
  'decision.handed_over': told<OfDecision>(),
  'decision.made': told(),
  'decision.merged': told<OfDecision>(),
  'decision.proposed': told(),
  'decision.weighed': told<OfDecision & { phase?: string }>(),
  'disk.cleaned': own(),
  'disk.enough': own(),
  'disk.low': own(),
  'factory.halted': own<ByOwner>(),
  'factory.resumed': own<ByOwner>(),
  'forge.changed': own<ByOwner & { forge: string }>(),
  'forge.answers': own<OfForge>(),
  'forge.moved': own<OfForge>(),
  'forge.refused': told<OfForge>(),
  'gate.failed': told<Gate>(),
  'gate.passed': told<Gate>(),
  'git.lock_removed': own(),
  'home.cleaned': own<ByOwner & Cleaned>(),
  'issue.edited': told<OfIssue>(),
  'issue.refused': told<OfIssue & OfForge>(),
  'issue.taken': told<OfIssue>(),
  'job.quarantined': own(),
  'job.requeued': own<{ queue: string; job: string }>(),
  'lease.taken_over': own<{ lost: number; holder: Holder }>(),
  'memory.enough': own(),
  'memory.low': own(),
  'merge.failed': told(),
  'message.sent': told<{ by: string; messageId: string }>(),
  'night.ended': told<{ since: string; markdown?: string; sections?: readonly object[] }>(),
  'persona.added': own<{ by: string }>(),
  'prices.updated': own<ByOwner & { url: string; models: number }>(),
  'progress.blocked': told(),
  'progress.fresh': told(),
  'progress.warned': told(),
  'project.applied': told<{
    by: string;
    commit: string;
    into: string;
    to: string;
    squash: boolean;
    unproved: boolean;
  }>(),
  'project.completed': told(),
  'project.created': own(),
  'project.failed': told(),
  'project.forked': told<OfDecision & { commit: string; branches: readonly object[] }>(),
  /** A word of its owner that nothing else tells of. */
  'project.ordered': own(),
  'project.paused': told(),
  'project.prepared': own<Done>(),
  'project.published': told<{ by: string } & Omit<Publication, 'forge' | 'watch' | 'at'>>(),
  'project.resumed': own(),
  'project.retried': told(),
  'project.stalled': own(),
  'project.started': own(),
  'project.stopped': told(),
  'project.timeout': told(),
  'project.unpublished': told<{ by: string }>(),
  'project.waiting': told<For>(),
  'project.waiting_for_credits': told<For>(),
  'project.rested': own(),
  'project.turn': own(),
  'project.went_on': own(),
  'project.woken': own(),
  'provider.added': own<Changed & { model: string; key: string; baseUrl?: string }>(),
  'provider.changed': own<Changed>(),
  'provider.disabled': told<OfProvider>(),
  'provider.disabled_by_owner': own<Changed>(),
  'provider.enabled': own<Changed>(),
  'provider.exhausted': told<OfProvider & { kind: string }>(),
  'provider.failing': told<OfProvider & { kind: string }>(),
  'provider.key_set': own<Changed & { key: string }>(),
  'provider.key_unusable': own<OfProvider>(),
  'provider.probed': own<Changed & { healthy: boolean; cost: number }>(),
  'provider.recovered': own<OfProvider>(),
  'provider.removed': own<Changed>(),
  'provider.switched': own<{ from: string; to: string; reason: string }>(),
  'question.answered': told<{ by: string; questionId: string }>(),
  'question.asked': told<{ questionId: string }>(),
  'redis.enough': told(),
  'redis.low': told(),
  'request.failed': told<
    OfProvider & { model: string; kind: string; requestId: string; operation: string }
  >(),
  'request.retried': own<OfProvider & { failures: number; pauseMs: number }>(),
  'reservation.expired': own(),
  'review.finding': told(),
  'sandbox.orphans_ended': own(),
  'scratch.orphans_removed': own(),
  'schedule.changed': told<ByOwner>(),
  'schedule.failed': told(),
  'schedule.ran': told(),
  'sealed.refused': told(),
  'sealed.written': told<{ checks: readonly object[]; providers: readonly object[] }>(),
  'sealing.started': own(),
  'setup.failed': told(),
  'step.compacted': own(),
  'step.quarantined': told(),
  'step.replied': told<
    OfProvider & { requestId: string; model: string; cost: number; tokens: number; calls: number }
  >(),
  'task.added': told(),
  'task.blocked': told<Claim>(),
  'task.completed': told<Claim>(),
  'task.refused': told<Claim>(),
  'task.skipped': told(),
  'task.updated': told(),
  'temporary.orphans_removed': own(),
  'rehearsal.orphans_removed': own(),
  'tier.unavailable': told<{ tier: string; instead: string; operation: string; detail: string }>(),
  'tool.ran': told<{ callId: string; call: number; output: string; isError: boolean }>(),
  'up.hung_up': own(),
  'up.stuck': own(),
  'worker.recreated': own(),
  'worker.started': own(),
  'worktree.lost': told(),
  'worktree.not_copied': own(),
  'worktree.orphan_kept': own(),
  'worktree.orphan_removed': own(),
  'worktree.teardown_failed': told(),
  'worktree.unsaved': told(),
} as const;
export type EventType = keyof typeof EVENTS;
type DataOf<T extends EventType> = NonNullable<(typeof EVENTS)[T]['data']>;
/** What the owner does to the factory itself: type, message and what it carries. */
export type OwnerAct = {
  [T in EventType]: DataOf<T> extends ByOwner
    ? Plain extends Omit<DataOf<T>, 'by'>
      ? [type: T, message: string]
      : [type: T, message: string, data: Omit<DataOf<T>, 'by'>]
    : never;
}[EventType];
/** Those that need not carry anything. */
export type PlainType = { [T in EventType]: Plain extends DataOf<T> ? T : never }[EventType];

const head = z.object({
  timestamp: z.iso.datetime(),
  projectId: z.string(),
  level: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  persona: z.string().optional(),
  /** Project and persona: together they are one agent everywhere. */
  agentId: z.string().optional(),
  step: z.number().int().optional(),
  taskId: z.string().optional(),
  /** One sentence for people. */
  message: z.string(),
});
type Head = z.infer<typeof head>;

/** What happened, without where. */
export type Happening =
  | { type: PlainType; data?: Plain }
  | { [T in EventType]: T extends PlainType ? never : { type: T; data: DataOf<T> } }[EventType];
/** As it is written. Its time comes when it is written down. */
export type NewEvent = Omit<Head, 'timestamp'> & Happening;
export type TimedEvent = NewEvent & Pick<Head, 'timestamp'>;

type KeysOf<D> = D extends unknown ? keyof D : never;
type Datum = KeysOf<DataOf<EventType>>;

/**
 * One line of events.jsonl, the audit log: what was done, by whom, to what. As it is read: another version may have written types that
 * are not in the list, and other data with them, so that each value has to be looked at before it is believed.
 */
export const factoryEvent = head.extend({
  type: z.custom<EventType>((type) => typeof type === 'string' && /^[a-z_]+(\.[a-z_]+)+$/.test(type)),
  data: z
    .custom<{ [K in Datum]?: unknown }>((data) => z.record(z.string(), z.unknown()).safeParse(data).success)
    .optional(),
});
export type FactoryEvent = z.infer<typeof factoryEvent>;

/** Of a type that is not in the list nobody knows whose words it holds. */
export function isOwnWords(type: string): boolean {
  const known: Readonly<Record<string, Kind<unknown>>> = EVENTS;
  return known[type]?.ownWords === true;
}
