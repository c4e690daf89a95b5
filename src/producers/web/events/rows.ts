/** Rows of the overview as they change: each is read once for everybody who listens, however many pages are open. */
import type { FactoryEvent } from '../../../factory/model/event.ts';
import type { Feed } from './feed.ts';

export interface Rows {
  /** Sends each row that changes, as JSON, until `signal`. */
  follow(send: (row: string) => void, signal: AbortSignal): void;
}

export interface RowsDeps {
  feed: Feed;
  /** The row in which something of this project is shown. */
  row(projectId: string): Promise<object>;
  now(): Date;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  onProblem(error: unknown): void;
}

/** Events come in bursts. Milliseconds between the first of them and the reading. */
const SETTLE_MS = 50;
/** Between two readings of a project that never rests; figures are written with this delay, too. Milliseconds. */
const REST_MS = 1_500;
/** How a project stands, or that it asks something, is on the screen within half a second, however lately its row was read. */
const AT_ONCE = /^(project|question)\./;

export function createRows({ feed, row, now, sleep, onProblem }: RowsDeps): Rows {
  const listeners = new Set<(row: string) => void>();
  /** Projects that are being told of; `again`: something happened since; `hurry` ends the rest. */
  const busy = new Map<string, { again: boolean; hurry: AbortController }>();
  let following: AbortController | null = null;

  async function tell(id: string): Promise<void> {
    const text = JSON.stringify(await row(id));
    for (const send of listeners) send(text);
  }

  async function tellUntilQuiet(id: string, signal: AbortSignal): Promise<void> {
    const mine = { again: false, hurry: new AbortController() };
    busy.set(id, mine);
    try {
      await sleep(SETTLE_MS, signal);
      await tell(id);
      do {
        mine.again = false;
        await sleep(REST_MS, AbortSignal.any([signal, mine.hurry.signal]));
        if (mine.hurry.signal.aborted) {
          mine.hurry = new AbortController();
          // The row may be written just after its event.
          await sleep(SETTLE_MS, signal);
        }
        if (signal.aborted) return;
        await tell(id);
      } while (mine.again);
    } finally {
      busy.delete(id);
    }
  }

  function begin(): void {
    const ended = new AbortController();
    following = ended;
    const happened = ({ projectId, type }: FactoryEvent) => {
      const known = busy.get(projectId);
      if (known === undefined) tellUntilQuiet(projectId, ended.signal).catch(onProblem);
      else {
        known.again = true;
        if (AT_ONCE.test(type)) known.hurry.abort();
      }
    };
    const place = { sent: new Map<string, number>(), floor: now() };
    void followUntil(ended.signal, () => feed.follow({ place }, happened, ended.signal));
  }

  /** Logs that could not be read once may be read the next time: those who listen would hear nothing any more. */
  async function followUntil(signal: AbortSignal, follow: () => Promise<void>): Promise<void> {
    while (!signal.aborted) {
      await follow().catch(onProblem);
      await sleep(REST_MS, signal);
    }
  }

  return {
    follow(send, signal) {
      listeners.add(send);
      if (following === null) begin();
      signal.addEventListener(
        'abort',
        () => {
          listeners.delete(send);
          if (listeners.size > 0) return;
          following?.abort();
          following = null;
        },
        { once: true },
      );
    },
  };
}
