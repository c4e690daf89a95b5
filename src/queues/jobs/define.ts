import type * as z from 'zod';

/** Every option of a queue and its workers, all explicit: a missing one does not compile. Times in milliseconds. */
export interface QueueOptions {
  /** Jobs at once in one worker process; `workers` and `gates` follow `workers.concurrency` and `gates.concurrency`. */
  concurrency: number | 'workers' | 'gates';
  /** At most `max` job starts in `duration` for one worker process, unless config.yaml limits the queue; `null`: not limited. */
  limiter: { max: number; duration: number } | null;
  /** A surprise (an exception) is tried again this often in all; expected failures are values and spend none. */
  attempts: number;
  backoff: { type: 'exponential'; delay: number; jitter: number };
  /** Finished jobs kept for the board. State files keep the history. */
  keepCompleted: { count: number; age: number };
  keepFailed: { count: number; age: number };
  /** Its jobs run commands of agents, gates or set-ups, so a worker without a sandbox does not take them. */
  runsCommands: boolean;
}

/** A queue: its name, what a job may carry, and how it is worked. */
export interface QueueDeclaration<Name extends string, Payload extends z.ZodType> {
  name: Name;
  /** One sentence for the board and for `df worker --queues`. */
  purpose: string;
  payload: Payload;
  /** What people read in a list of thousands of jobs: which project, what, and which step. Nothing is decided by it. */
  jobName(payload: z.infer<Payload>): string;
  /** Its jobs come by the priority of their projects. */
  byPriority?: true;
  /** Of jobs that come again whether anything happens or not, or beside one that does: nothing of one that went well is kept, and none is parked. */
  isRoutine?(payload: z.infer<Payload>): boolean;
  options: QueueOptions;
}

/**
 * Keeps the literal types of a declaration.
 *
 * @returns the declaration, and `job`: what BullMQ is told of a payload. It throws a ZodError for one that the queue does not take
 */
export function defineQueue<const Name extends string, Payload extends z.ZodType>(
  declaration: QueueDeclaration<Name, Payload>,
) {
  return {
    ...declaration,
    job(payload: unknown) {
      const data = declaration.payload.parse(payload);
      const { jobName, isRoutine, byPriority = false } = declaration;
      return { name: jobName(data), data, isRoutine: isRoutine?.(data) ?? false, byPriority };
    },
  };
}

/** Enough of an id to tell projects apart in a list. */
export const shortId = (id: string): string => id.slice(0, 8);
