import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DarkFactoryError } from '../lib/failure.ts';
import { createFactSum, type FactSource, type Windows } from './meter-facts.ts';
import type { Scripts } from './meter-scripts.ts';

/** A rebuilder that gives no sign for this long is dead, and another one takes over. */
const CLAIM_MS = 15_000;
/** After a failed rebuild nobody tries again for this long: reading all ledgers is not cheap. */
const PAUSE_AFTER_FAILURE_MS = 5_000;
const POLL_MS = 25;

export interface RebuildOptions {
  run(name: keyof Scripts, argument: Record<string, unknown>): Promise<unknown>;
  facts: FactSource;
  windows: Windows;
  /** How long a reservation found in a journal is held, in milliseconds. */
  openTtlMs: number;
  /** Give up waiting for somebody else's rebuild after this many milliseconds. */
  deadlineMs: number;
}

/**
 * Loads the books after Redis was emptied or restarted: one process of all reads the ledgers, the others wait.
 *
 * The returned function resolves when the books are loaded. It throws `environment`/`ledger_unreadable` when the facts
 * cannot be read, and `environment`/`meter_not_ready` when another process does not come to an end.
 */
export function createRebuild(options: RebuildOptions): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= untilReady(options).finally(() => {
      running = undefined;
    });
    return running;
  };
}

async function untilReady(options: RebuildOptions): Promise<void> {
  const token = randomUUID();
  const deadline = Date.now() + options.deadlineMs;
  while (Date.now() < deadline) {
    const answer = await options.run('claim', { token, ttl: CLAIM_MS });
    if (answer === 'ready') return;
    if (answer === 'yours') {
      if (await rebuild(options, token)) return;
    } else {
      await sleep(POLL_MS);
    }
  }
  throw new DarkFactoryError(
    'environment',
    'meter_not_ready',
    'Redis was emptied or restarted, and the books of what was spent were not loaded again in time',
    'No money is spent meanwhile. See the logs of the workers for a ledger that cannot be read; it is tried again by itself.',
  );
}

/** @returns whether the books were loaded; `false`: the claim was lost, start over */
async function rebuild(options: RebuildOptions, token: string): Promise<boolean> {
  const alive = setInterval(() => {
    // A missed sign of life only lets another process take over; the load then finds its claim gone.
    options.run('extend', { token, ttl: CLAIM_MS }).catch(() => undefined);
  }, CLAIM_MS / 3);
  try {
    const total = createFactSum(new Date(), options.windows);
    await options.facts(total);
    return (await options.run('load', { token, ttl: options.openTtlMs, ...total.books() })) === 1;
  } catch (error) {
    await options.run('extend', { token, ttl: PAUSE_AFTER_FAILURE_MS });
    if (error instanceof DarkFactoryError) {
      throw new DarkFactoryError(
        'environment',
        // A disk that is away, or a lock that is held, is no damage: what is done about it goes by its own name.
        error.kind === 'environment' && error.code !== 'state_unreadable' ? error.code : 'ledger_unreadable',
        `What was spent so far cannot be read, so nothing more is spent: ${error.message}`,
        error.hint,
        { cause: error },
      );
    }
    throw error;
  } finally {
    clearInterval(alive);
  }
}
