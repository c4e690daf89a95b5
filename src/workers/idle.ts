import type { QueueName } from '../queues/jobs/catalogue.ts';

/** What one look at a queue showed. */
export interface QueueLook {
  /** Jobs that any worker could take. */
  waiting: number;
  /** Jobs of this queue in this process, begun since it started and at work now. */
  begun: number;
  running: number;
  /** The queue is paused or at its rate limit: taking nothing is right. */
  held: boolean;
}

export interface Idle {
  /** Since when jobs wait and this process takes none. */
  since: number;
  begun: number;
}

/**
 * Does a worker that is connected take no jobs? Jobs wait, none is at work here and none was begun, at look after look, for
 * longer than a healthy worker takes to answer.
 *
 * @param before what the look before made of it
 * @param patience milliseconds
 */
export function judgeIdle(
  before: Idle | null,
  { waiting, begun, running, held }: QueueLook,
  now: number,
  patience: number,
): { idle: Idle | null; stuck: boolean } {
  if (waiting === 0 || running > 0 || held) return { idle: null, stuck: false };
  if (before === null || before.begun !== begun) return { idle: { since: now, begun }, stuck: false };
  return now - before.since < patience ? { idle: before, stuck: false } : { idle: null, stuck: true };
}

/** The worker of one queue, and what it did so far. */
export interface Post<Worker> {
  readonly name: QueueName;
  worker: Worker;
  begun: number;
  running: number;
  idle: Idle | null;
}

/** @returns the posts whose worker takes no jobs. To be asked again and again; what each look showed is kept in the posts */
export async function findStuck<Worker extends { isPaused(): boolean }>(
  posts: readonly Post<Worker>[],
  look: (name: QueueName) => Promise<Pick<QueueLook, 'waiting' | 'held'>>,
  now: number,
  patience: number,
): Promise<Post<Worker>[]> {
  const stuck: Post<Worker>[] = [];
  for (const post of posts) {
    const { waiting, held } = await look(post.name);
    const { begun, running } = post;
    const seen = { waiting, begun, running, held: held || post.worker.isPaused() };
    const judged = judgeIdle(post.idle, seen, now, patience);
    post.idle = judged.idle;
    if (judged.stuck) stuck.push(post);
  }
  return stuck;
}
