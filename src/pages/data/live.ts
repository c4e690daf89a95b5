/** What happens, for the whole page. */
import type { TabSays } from '../live-worker.ts';
import { followStream, type Happened, type LiveState, type News, type Row, SILENCE_MS } from './stream.ts';

export type { Happened, LiveState };

export interface Live {
  state(): LiveState;
  /** @returns how to stop listening */
  onState(listener: (state: LiveState) => void): () => void;
  onEvent(listener: (event: Happened) => void): () => void;
  /** Of a project's row in the overview, when it has changed. */
  onRow(listener: (row: Row) => void): () => void;
}

/** @param worker address of the script that follows the stream for all tabs. Missing, or a browser without such: this page's own */
export function openLive(worker: string | undefined): Live {
  const states = new Set<(state: LiveState) => void>();
  const events = new Set<(event: Happened) => void>();
  const rows = new Set<(row: Row) => void>();
  let state: LiveState = 'connecting';
  function take(news: News): void {
    if ('event' in news) for (const each of events) each(news.event);
    else if ('row' in news) for (const each of rows) each(news.row);
    else if (news.state !== state) {
      state = news.state;
      for (const each of states) each(state);
    }
  }
  if (worker === undefined || typeof SharedWorker === 'undefined') followStream(take);
  else shareStream(worker, take);
  const listen =
    <T>(set: Set<T>) =>
    (listener: T) => {
      set.add(listener);
      return () => set.delete(listener);
    };
  return { state: () => state, onState: listen(states), onEvent: listen(events), onRow: listen(rows) };
}

function shareStream(address: string, take: (news: News) => void): void {
  let timer: ReturnType<typeof setTimeout>;
  let say: (what: TabSays) => void = () => undefined;
  let alone = false;
  function join(): void {
    const worker = new SharedWorker(address);
    say = (what) => worker.port.postMessage(what);
    worker.port.onmessage = ({ data }: MessageEvent<News>) => {
      watch();
      take(data);
    };
    // Its script is gone, for instance with the version that this page is of.
    worker.onerror = () => {
      clearTimeout(timer);
      if (!alone) followStream(take);
      alone = true;
    };
    say('join');
    watch();
  }
  /** Of a worker that ended nobody says so. */
  function watch(): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      take({ state: 'cut' });
      say('leave');
      join();
    }, SILENCE_MS);
  }
  addEventListener('pagehide', () => {
    clearTimeout(timer);
    // What happens until it is shown again, it misses.
    take({ state: 'cut' });
    say('leave');
  });
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted && !alone) join();
  });
  join();
}
