/** The stream of events as the server sends it, begun again whenever it is cut. */
import type { FactoryEvent } from '../../factory/model/event.ts';
import type { OverviewRow } from '../../producers/documents/overview.ts';
import type { Wire } from './wire.ts';

export type Happened = FactoryEvent;
export type Row = Wire<OverviewRow>;
/** `cut`: what is shown may be old; it is tried again and again. `refused`: so is the token, which is not known any more. */
export type LiveState = 'connecting' | 'live' | 'cut' | 'refused';
/** What a page is told. The state comes with every sign of life, not only when it is another. */
export type News = { state: LiveState } | { event: Happened } | { row: Row };

/** A stream that says nothing for so long is dead: the server gives a sign of life every 15 s. Milliseconds. */
export const SILENCE_MS = 40_000;
const RETRY_MS = 2_000;
/** Each try with a token that is not known counts against this address. */
const REFUSED_RETRY_MS = 30_000;

/**
 * Follows the stream for ever.
 *
 * @returns `again`: a new try is worth it at once, for instance since somebody came with another token
 */
export function followStream(tell: (news: News) => void): { again(): void } {
  let lastId = '';
  let wake: () => void = () => undefined;

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
      tell({ state: 'live' });
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = '';
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return 'cut';
        clearTimeout(timer);
        timer = setTimeout(() => cut.abort(), SILENCE_MS);
        tell({ state: 'live' });
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
    if (row !== undefined) tell({ row: JSON.parse(row) as Row });
    const [, id, data] = /^id: (.*)\ndata: (.*)$/.exec(part) ?? [];
    if (id === undefined || data === undefined) return;
    lastId = id;
    tell({ event: JSON.parse(data) as Happened });
  }

  async function followForEver(): Promise<void> {
    for (;;) {
      const end = await follow();
      tell({ state: end });
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, end === 'refused' ? REFUSED_RETRY_MS : RETRY_MS);
      });
    }
  }
  void followForEver();
  return { again: () => wake() };
}
