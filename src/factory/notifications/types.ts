import type { NotificationTarget } from '../model/notifications/notification-target.ts';
import type { JobQueue, OutboxStore, SendNotice, Sent, StateStore } from '../ports.ts';

export interface NotificationDeps {
  targets: readonly NotificationTarget[];
  boxes: OutboxStore;
  state: Pick<StateStore, 'project' | 'events' | 'listOpenProjects'>;
  send: SendNotice;
  queue(): Promise<JobQueue>;
  /** Words of models and commands are kept encrypted, so none of them leaves the machine. */
  encrypt: boolean;
  /** Keys and addresses that must not leave the machine, wherever they stand. */
  secrets(): Promise<readonly string[]>;
  now(): Date;
  newId(): string;
  /** From 0 to 1. */
  chance(): number;
  /** For the log. Holds nothing of an address. */
  warn(fields: Record<string, unknown>, message: string): void;
}

export type Delivery =
  | { outcome: 'done'; detail: string }
  | { outcome: 'later'; until: Date; detail: string };

/** Telling the owner. What is to be told is found in the state files and stands there until it was sent. */
export interface Notifications {
  /**
   * Looks through all that is new and enqueues what is to be sent. A project that cannot be read holds up no other.
   *
   * @param only one project's id
   */
  scan(only?: string): Promise<void>;
  /** From now on, until its end was told, the project is looked at in every scan, although it needs no work any more. */
  watch(projectId: string): Promise<void>;
  /** Makes one try. A failure is no exception: the letter stays, with the moment of the next try. */
  deliver(letter: { box: string; notice: string; target: string }, signal: AbortSignal): Promise<Delivery>;
  /** Finds and sends what is to be told of the factory itself, where no worker is left to do it. What fails stays for the next one. */
  tellNow(signal: AbortSignal): Promise<void>;
  /** Sends a test message to each target, now. */
  test(signal: AbortSignal): Promise<{ name: string; type: NotificationTarget['type']; sent: Sent }[]>;
}
