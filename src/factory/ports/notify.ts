import type { FactoryEvent } from '../model/event.ts';
import type { KnownTargets, Notice, Outbox } from '../model/notifications/notification.ts';
import type { NotificationTarget } from '../model/notifications/notification-target.ts';
import type { DocumentStore } from './state.ts';

export type Sent =
  | { ok: true }
  /** `problem` is for people and logs and holds nothing of the address. */
  | { ok: false; problem: string; retryAfterMs?: number };

/** Brings a notice to a target. Never throws for what the target did; ends within its own time limit, or with the signal. */
export type SendNotice = (target: NotificationTarget, notice: Notice, signal: AbortSignal) => Promise<Sent>;

/** What was noticed and what is still to be sent, in state files. */
export interface OutboxStore {
  targets: DocumentStore<KnownTargets>;
  /** Nobody is to be told anything any more. */
  forgetTargets(): Promise<void>;
  /** @param id a project's, or `factory`. Made at the first update */
  box(id: string): DocumentStore<Outbox>;
  /** Ids of boxes that are there. */
  list(): Promise<string[]>;
  remove(id: string): Promise<void>;
  /** Events of the factory itself, from byte `offset` on. */
  factoryEvents(offset: number): Promise<{ entries: FactoryEvent[]; offset: number }>;
}
