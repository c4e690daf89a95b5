/**
 * One at a time, across processes and machines that share a folder: the one lock of the factory.
 *
 * A lock is a symbolic link whose target is its holder's name: one system call makes it, exclusively and with its content, so
 * no half-written lock exists at any moment. Its holder renews it and removes it. A holder is given up
 *
 * - at once, when that very process (pid and start time, on this machine) is gone;
 * - when it gave no sign for `silentMs` by the lock's time stamp, and for `observeMs` in which the waiter itself was awake:
 *   it is stopped, swapped out, hung in a dead disk, or on a machine that went down. After a machine slept, all of its
 *   holders have the time to give a sign.
 *
 * Nobody removes the lock of somebody else. Who gives a holder up makes a second link, `<lock>.<hash of the first>`, which is
 * exclusive again, and holds from there on; who gives that one up makes a third. The last of such a row holds, and its
 * release removes the first link, then the others. A link that a newcomer made after the row was gone counts for nothing: it
 * looks at the first one again.
 *
 * A holder that was given up may live, and go on one day. `assertHeld` then throws, to be asked right before each effect;
 * what it may have been in the middle of is for its successor to make void, which is told whom it follows (`after`).
 */
import { randomBytes } from 'node:crypto';
import { lutimes } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { always, orNullSync } from '../errno.ts';
import { DarkFactoryError } from '../failure.ts';
import type { Processes } from '../process/process.ts';
import {
  contentOf,
  describeHolder,
  holderText,
  type Link,
  type LockHolder,
  make,
  modifiedAt,
  parseHolder,
  removeQuietly,
  rowAt,
  successorOf,
} from './lock-links.ts';

export interface LockTimings {
  /** A holder renews its lock this often. */
  refreshMs: number;
  /** A lock that was not renewed for this long may be taken over … */
  silentMs: number;
  /** … once it was also seen unchanged for this long. */
  observeMs: number;
  /**
   * Longest time between two looks of a waiter that counts as awake: one that was stopped itself has not seen that another one
   * is silent.
   */
  lookMs: number;
}

/** Together they keep the promise that whoever waits for a holder that gives no sign goes on within a minute. */
export const LOCK_TIMINGS: LockTimings = {
  refreshMs: 5_000,
  silentMs: 40_000,
  observeMs: 8_000,
  lookMs: 1_000,
};

export interface LockOptions {
  processes: Processes;
  /** How long to wait for it, in milliseconds. */
  patienceMs: number;
  timings?: Partial<LockTimings>;
  /** Cut: the waiting ends with its reason. */
  signal?: AbortSignal;
  /** The folder that the lock lies in may go at any moment, and is made again. */
  makesFolder?: boolean;
  /** What callers of one process saw, for those that come after them. Missing: each begins to look anew. */
  sightings?: Sightings;
}

/**
 * By lock. Many callers that each have a little patience see together what none of them could see alone: that a holder gives no
 * sign.
 */
export type Sightings = Map<string, Sighting>;

/** A holder that was given up. */
export interface FormerHolder {
  token: string;
  /** `gone`: it can do nothing any more. `silent`: it may go on one day. */
  was: 'gone' | 'silent';
}

export interface HeldLock {
  /** Names this holding alone. */
  token: string;
  /** Those that were given up for this one, the first one first. Empty: the lock was free. */
  after: readonly FormerHolder[];
  /** Throws `environment`/`lock_lost` when this process was given up, for it gave no sign for too long. */
  assertHeld(): void;
}

/** The lock was not to be had in time. */
export class LockBusy extends Error {
  override readonly name = 'LockBusy';
  readonly holder: LockHolder | null;

  constructor(path: string, holder: LockHolder | null) {
    super(`${path} is held by ${describeHolder(holder)}`);
    this.holder = holder;
  }
}

/**
 * A look too short to see whether a holder gives signs: several of them see it, with the same `sightings`. What counts of the time
 * between two is, with that between two signs, less than `observeMs`.
 */
export const GLANCE = { patienceMs: 25, timings: { lookMs: 2_000 } };

/** Throws `LockBusy`, and what `work` throws. Not reentrant. */
export async function withLock<T>(
  path: string,
  options: LockOptions,
  work: (lock: HeldLock) => Promise<T>,
): Promise<T> {
  const { release, ...lock } = await takeLock(path, options);
  try {
    return await work(lock);
  } finally {
    release();
  }
}

export async function takeLock(
  path: string,
  { processes, patienceMs, timings: given, signal, makesFolder = false, sightings = new Map() }: LockOptions,
): Promise<HeldLock & { release(): void }> {
  const timings = { ...LOCK_TIMINGS, ...given };
  const deadline = performance.now() + patienceMs;
  const token = randomBytes(8).toString('hex');
  const me = holderText({ nonce: token, ...(await processes.self()) });
  const judge = createJudge(processes, timings, path, sightings);
  for (let attempt = 0; ; attempt += 1) {
    signal?.throwIfAborted();
    if (make(path, me, makesFolder)) {
      sightings.delete(path);
      return hold(token, [{ path, content: me }], [], timings);
    }
    const row = rowAt(path);
    const last = row.at(-1);
    if (last !== undefined) {
      const left = await judge(last);
      const mine = { path: successorOf(path, last.content), content: me };
      if (left !== null && make(mine.path, me)) {
        if (contentOf(path) === row[0]?.content) {
          sightings.delete(path);
          return hold(token, [...row, mine], formers(row, left), timings);
        }
        removeQuietly(mine.path);
      }
      if (performance.now() >= deadline) throw new LockBusy(path, parseHolder(last.content));
    }
    // Random, so that waiters do not march in step; growing, so that many of them do not keep the disk busy.
    await sleep(1 + Math.random() * Math.min(12, 2 + attempt));
  }
}

/** All before the last one are called silent: whoever gave them up may not have got to making void what they were at. */
function formers(row: readonly Link[], last: FormerHolder['was']): FormerHolder[] {
  return row.map(({ content }, index) => ({
    token: parseHolder(content)?.nonce ?? '',
    was: index === row.length - 1 ? last : 'silent',
  }));
}

function hold(
  token: string,
  row: readonly Link[],
  after: readonly FormerHolder[],
  timings: LockTimings,
): HeldLock & { release(): void } {
  const [first] = row;
  const own = row.at(-1);
  if (first === undefined || own === undefined) throw new Error('a lock has a link');
  const isHeld = () =>
    contentOf(first.path) === first.content &&
    (own === first || contentOf(own.path) === own.content) &&
    contentOf(successorOf(first.path, own.content)) === null;
  const refresh = setInterval(() => {
    // A sign on the lock of somebody else would keep that one alive.
    const held = orNullSync(isHeld, always);
    if (held === false) clearInterval(refresh);
    if (held !== true) return;
    const now = new Date();
    // A sign that cannot be given is one that is missed; the work itself will meet the same trouble.
    lutimes(own.path, now, now).catch(() => {});
  }, timings.refreshMs);
  refresh.unref();
  return {
    token,
    after,
    assertHeld() {
      if (!isHeld()) throw lockLost(first.path);
    },
    release() {
      clearInterval(refresh);
      // Where a disk is away it is left, as by a holder that died.
      orNullSync(() => {
        if (isHeld()) for (const { path } of row) removeQuietly(path);
      }, always);
    },
  };
}

/** What a waiter has seen of a lock, and for how long, of its own waking time, it looks like that. */
interface Sighting {
  content: string;
  modified: number;
  at: number;
  awakeMs: number;
}

function createJudge(
  processes: Processes,
  timings: LockTimings,
  lock: string,
  sightings: Sightings,
): (link: Link) => Promise<FormerHolder['was'] | null> {
  return async ({ path, content }) => {
    const name = parseHolder(content);
    if (name !== null && (await processes.liveness(name)) === 'dead') return 'gone';
    const modified = modifiedAt(path);
    if (modified === null) return null;
    const at = performance.now();
    const last = sightings.get(lock);
    const isSame = last !== undefined && last.content === content && last.modified === modified;
    const awakeMs = isSame && last !== undefined ? last.awakeMs + Math.min(at - last.at, timings.lookMs) : 0;
    sightings.set(lock, { content, modified, at, awakeMs });
    const silentMs = Date.now() - modified;
    // A clock that was ahead when the sign was given: what was seen alone tells.
    const isSilent =
      silentMs < 0 ? awakeMs > timings.silentMs : silentMs > timings.silentMs && awakeMs >= timings.observeMs;
    return isSilent ? 'silent' : null;
  };
}

function lockLost(path: string): DarkFactoryError {
  return new DarkFactoryError(
    'environment',
    'lock_lost',
    `${path}: was taken over while this process was suspended; nothing more was written.`,
    'Try again.',
  );
}
