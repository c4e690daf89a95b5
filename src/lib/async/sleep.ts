import { setTimeout as sleep } from 'node:timers/promises';

/** Waits, and returns early when the signal is cut. */
export async function sleepUnless(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
