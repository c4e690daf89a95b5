import type * as z from 'zod';
import { agentSteps } from './agent-steps.ts';
import { audits } from './audits.ts';
import { forge } from './forge.ts';
import { notifications } from './notifications.ts';
import { projects } from './projects.ts';
import { providerProbes } from './provider-probes.ts';
import { qualityGates } from './quality-gates.ts';

/** Everything that can be asked of the factory. Board, metrics, `--queues` and the workers' table are read from here. */
export const catalogue = {
  projects,
  'agent-steps': agentSteps,
  'quality-gates': qualityGates,
  audits,
  'provider-probes': providerProbes,
  notifications,
  forge,
} as const;

export type QueueName = keyof typeof catalogue;
export type Payload<Name extends QueueName> = z.infer<(typeof catalogue)[Name]['payload']>;

/** A job to enqueue. */
export type NextJob = {
  /** While a job with this id waits, is delayed or runs, a second one is not added. */
  deduplicationId: string;
  /** Of its project, 1 to 5. Missing: the usual one. Counts where the queue goes by it. */
  priority?: number;
  /** Milliseconds before the job may run. */
  delay?: number;
  /** Milliseconds in which a further job with this id is not added, also when the first one is done already. */
  throttle?: number;
  /** Added beside this one by whoever hastens it, where it has begun already and knows nothing of what is new. */
  ifBegun?: NextJob;
} & { [Name in QueueName]: { queue: Name; payload: Payload<Name> } }[QueueName];

export const queueNames = Object.keys(catalogue) as QueueName[];

/** Narrows a text from a command line or a file to a queue's name. */
export function isQueueName(text: string): text is QueueName {
  return Object.hasOwn(catalogue, text);
}

export type QueueCounts = Record<'waiting' | 'active' | 'delayed' | 'completed' | 'failed', number>;
