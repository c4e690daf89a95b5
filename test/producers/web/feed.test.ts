import { expect, it } from 'vitest';
import { createFeed, type FeedDeps } from '../../../src/producers/web/events/feed.ts';
import { until } from '../../support/until.ts';

/** One project's log, of which each event is a byte long. The list of projects can be held back, or fail. */
function world() {
  const log: { projectId: string; timestamp: Date; message: string }[] = [];
  /** What each listing of the projects waits for, the next one first. */
  let listings: Promise<unknown>[] = [];
  const problems: unknown[] = [];
  const state = {
    looks: 0,
    events: () => ({
      size: () => ({ bytes: log.length, changedAt: new Date(1) }),
      async readFrom(at: number) {
        const entries = log.slice(at);
        return { entries, ends: entries.map((_, index) => at + index + 1), offset: log.length };
      },
    }),
    async listOpenProjects() {
      state.looks += 1;
      return [{ id: 'a' }];
    },
    async listSummaries() {
      await listings.shift();
      return { projects: [{ id: 'a' }], unreadable: [] };
    },
  };
  const feed = createFeed({
    state: state as unknown as FeedDeps['state'],
    sleep: () => new Promise((resolve) => setImmediate(resolve)),
    onProblem: (error) => problems.push(error),
  });
  return {
    state,
    say: (message: string) => log.push({ projectId: 'a', timestamp: new Date(1), message }),
    listWhen(...conditions: Promise<unknown>[]) {
      listings = conditions;
    },
    listen() {
      const gone = new AbortController();
      const heard: string[] = [];
      const place = { sent: new Map<string, number>(), floor: new Date(0) };
      const ended = feed.follow({ place }, ({ message }) => heard.push(message), gone.signal);
      return { heard, ended, leave: () => gone.abort() };
    },
  };
}

it('tells whoever comes while the last one goes', async () => {
  const { state, say, listWhen, listen } = world();
  const first = listen();
  await until(() => state.looks > 0);
  let go: () => void = () => {};
  listWhen(new Promise<void>((resolve) => (go = resolve)));
  const second = listen();
  say('while it catches up');
  first.leave();
  await new Promise(setImmediate);
  go();
  await until(() => second.heard.length === 1);
  say('later');
  await until(() => second.heard.length === 2);
  second.leave();
  await Promise.all([first.ended, second.ended]);
});

it('looks no more once nobody listens, also where one could not be told what it missed', async () => {
  const { state, say, listWhen, listen } = world();
  listWhen(Promise.resolve(), Promise.reject(new Error('the disk is away')));
  await expect(listen().ended).rejects.toThrow('the disk is away');
  const next = listen();
  say('there again');
  await until(() => next.heard.length === 1);
  next.leave();
  await next.ended;
  const { looks } = state;
  for (let turns = 0; turns < 20; turns += 1) await new Promise(setImmediate);
  expect(state.looks).toBe(looks);
});
