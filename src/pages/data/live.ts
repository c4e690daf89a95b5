/** One stream of events for the whole page. */
import type { FactoryEvent } from '../../factory/model/event.ts';
import type { OverviewRow } from '../../producers/documents/overview.ts';
import type { Wire } from './wire.ts';

export type Happened = FactoryEvent;
type Row = Wire<OverviewRow>;
/** `cut`: what is shown may be old; it is tried again and again. `refused`: so is the token, which is not known any more. */
export type LiveState = 'connecting' | 'live' | 'cut' | 'refused';

export interface Live {
  state(): LiveState;
  /** @returns how to stop listening */
  onState(listener: (state: LiveState) => void): () => void;
  onEvent(listener: (event: Happened) => void): () => void;
  /** Of a project's row in the overview, when it has changed. */
  onRow(listener: (row: Row) => void): () => void;
}

/** A stream that says nothing for so long is dead: the server gives a sign of life every 15 s. Milliseconds. */
const SILENCE_MS = 40_000;
const RETRY_MS = 2_000;
/** Each try with a token that is not known counts against this address. */
const REFUSED_RETRY_MS = 30_000;

export function openLive(): Live {
  const states = new Set<(state: LiveState) => void>();
  const events = new Set<(event: Happened) => void>();
  const rows = new Set<(row: Row) => void>();
  let state: LiveState = 'connecting';
  let lastId = '';
  const become = (next: LiveState) => {
    if (state === next) return;
    state = next;
    for (const each of states) each(next);
  };

  async function follow(): Promise<LiveState> {
    const cut = new AbortController();
    let timer = setTimeout(() => cut.abort(), SILENCE_MS);
    try {
      const answer = await fetch('/api/v1/events?rows=true', {
        credentials: 'same-origin',
        headers: lastId === '' ? {} : { 'Last-Event-ID': lastId },
        signal: cut.signal,
      });
      if (answer.status === 400) lastId = '';
      // Too many wrong ones, which this page's own may be, are answered with 429.
      if (answer.status === 401 || answer.status === 429) return 'refused';
      if (!answer.ok || answer.body === null) return 'cut';
      become('live');
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = '';
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return 'cut';
        clearTimeout(timer);
        timer = setTimeout(() => cut.abort(), SILENCE_MS);
        const parts = `${rest}${value}`.split('\n\n');
        rest = parts.pop() ?? '';
        for (const part of parts) take(part);
      }
    } catch {
      return 'cut';
    } finally {
      clearTimeout(timer);
    }
  }

  function take(part: string): void {
    const [, row] = /^event: project\ndata: (.*)$/.exec(part) ?? [];
    if (row !== undefined) for (const each of rows) each(JSON.parse(row) as Row);
    const [, id, data] = /^id: (.*)\ndata: (.*)$/.exec(part) ?? [];
    if (id === undefined || data === undefined) return;
    lastId = id;
    const event = JSON.parse(data) as Happened;
    for (const each of events) each(event);
  }

  async function followForEver(): Promise<void> {
    for (;;) {
      const end = await follow();
      become(end);
      await new Promise((resolve) => setTimeout(resolve, end === 'refused' ? REFUSED_RETRY_MS : RETRY_MS));
    }
  }
  void followForEver();
  const listen =
    <T>(set: Set<T>) =>
    (listener: T) => {
      set.add(listener);
      return () => set.delete(listener);
    };
  return { state: () => state, onState: listen(states), onEvent: listen(events), onRow: listen(rows) };
}
