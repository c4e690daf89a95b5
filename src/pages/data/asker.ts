/** Asks for one thing again and again, one request at a time. */

export interface Asker {
  /** Asks now; while a request is under way once more after it, however often this is called. */
  ask(): void;
  /** Gives up what is under way; nothing is told any more. */
  stop(): void;
}

export interface AskerOptions<T> {
  load(signal: AbortSignal): Promise<T>;
  onFound(found: T): void;
  onFailed(error: unknown): void;
  /** Default: two minutes, in milliseconds. */
  longestMs?: number;
}

/** A connection can die unseen: a request that takes so long is lost, and would stand in the way of all later ones. */
const LONGEST_MS = 120_000;

export function createAsker<T>({ load, onFound, onFailed, longestMs = LONGEST_MS }: AskerOptions<T>): Asker {
  const stopped = new AbortController();
  let asking = false;
  let again = false;

  async function askOnce(): Promise<void> {
    const lost = AbortSignal.timeout(longestMs);
    try {
      const found = await load(AbortSignal.any([stopped.signal, lost]));
      if (!stopped.signal.aborted) onFound(found);
    } catch (error) {
      if (!stopped.signal.aborted) onFailed(error);
    }
  }

  async function askUntilCurrent(): Promise<void> {
    asking = true;
    do {
      again = false;
      await askOnce();
    } while (again && !stopped.signal.aborted);
    asking = false;
  }

  return {
    ask() {
      // An answer that is on its way is as good as it was: given up for each event, none would ever come.
      again = true;
      if (!asking) void askUntilCurrent();
    },
    stop: () => stopped.abort(),
  };
}
