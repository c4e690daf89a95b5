/**
 * One stream for all tabs of a browser: it opens six connections to a server at the most, and a stream keeps one for as long
 * as its page is open, so the seventh tab would never load.
 */
import { followStream, type LiveState, type News } from './data/stream.ts';

/** What a tab says: that it is there, and that it goes. */
export type TabSays = 'join' | 'leave';

const tabs = new Set<MessagePort>();
let state: LiveState = 'connecting';
const stream = followStream((news) => {
  if ('state' in news) state = news.state;
  for (const tab of tabs) tab.postMessage(news satisfies News);
});

self.addEventListener('connect', (event) => {
  const [tab] = (event as MessageEvent).ports;
  if (tab === undefined) return;
  tab.onmessage = ({ data }: MessageEvent<TabSays>) => {
    if (data === 'leave') tabs.delete(tab);
    else join(tab);
  };
});

function join(tab: MessagePort): void {
  tabs.add(tab);
  tab.postMessage({ state } satisfies News);
  // It may have come with a token that is known.
  if (state === 'refused') stream.again();
}
