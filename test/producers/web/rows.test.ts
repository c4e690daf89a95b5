import { expect, it } from 'vitest';
import type { FactoryEvent } from '../../../src/factory/model/event.ts';
import type { Feed } from '../../../src/producers/web/events/feed.ts';
import { createRows } from '../../../src/producers/web/events/rows.ts';

/** A feed that is told by hand what happens, and pauses that end by hand. */
function world() {
  let happens: (projectId: string, type?: string) => void = () => {};
  const state = { follows: 0, reads: [] as string[], problems: [] as string[], cost: 0 };
  let failing: Error | undefined;
  let pauses: { ms: number; end(): void }[] = [];
  const feed: Feed = {
    follow(_options, send, signal) {
      state.follows += 1;
      if (failing !== undefined) {
        const error = failing;
        failing = undefined;
        return Promise.reject(error);
      }
      happens = (projectId, type = 'tool.ran') => send({ projectId, type } as FactoryEvent, 0, '');
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
    },
  };
  const rows = createRows({
    feed,
    async row(id) {
      state.reads.push(id);
      return { id, cost: state.cost };
    },
    now: () => new Date(0),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        pauses.push({ ms, end: () => resolve() });
        signal.addEventListener('abort', () => resolve());
      }),
    onProblem: (error) => state.problems.push(String((error as Error).message)),
  });
  return {
    rows,
    state,
    /** The next follower of the feed. */
    fail(error: Error) {
      failing = error;
    },
    happens: (id: string, type?: string) => happens(id, type),
    /** Lets the pauses of up to so many milliseconds end, and what follows them happen. */
    async later(most = Number.POSITIVE_INFINITY) {
      const ending = pauses.filter(({ ms }) => ms <= most);
      pauses = pauses.filter((each) => !ending.includes(each));
      for (const { end } of ending) end();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

it('reads a row once for all who listen, and a last time when its project is quiet', async () => {
  const { rows, state, happens, later } = world();
  const heard: string[][] = [[], [], []];
  const gone = new AbortController();
  for (const mine of heard) rows.follow((row) => mine.push(row), gone.signal);
  expect(state.follows).toBe(1);
  for (let events = 0; events < 10; events += 1) happens('a');
  await later();
  expect(state.reads).toEqual(['a']);
  happens('a');
  state.cost = 1;
  // What happened within the pause is told after it, and once more, since figures are written late.
  await later();
  await later();
  await later();
  expect(state.reads).toEqual(['a', 'a', 'a']);
  const last = JSON.stringify({ id: 'a', cost: 1 });
  for (const mine of heard) expect(mine).toEqual([JSON.stringify({ id: 'a', cost: 0 }), last, last]);
  gone.abort();
});

it('tells at once how a project stands, though its row was read just now', async () => {
  const { rows, state, happens, later } = world();
  const gone = new AbortController();
  rows.follow(() => {}, gone.signal);
  happens('a');
  await later();
  const rest = () => new Promise((resolve) => setImmediate(resolve));
  happens('a');
  await rest();
  expect(state.reads).toEqual(['a']);
  happens('a', 'project.completed');
  await rest();
  // The pause for the writing of the row; the long one does not end.
  await later(500);
  expect(state.reads).toEqual(['a', 'a']);
  gone.abort();
});

it('follows again where the logs could not be read once', async () => {
  const { rows, state, happens, fail, later } = world();
  const gone = new AbortController();
  fail(new Error('the disk is away'));
  rows.follow(() => {}, gone.signal);
  await later();
  await later();
  happens('a');
  await later();
  expect([state.follows, state.problems, state.reads]).toEqual([2, ['the disk is away'], ['a']]);
  gone.abort();
});

it('follows the feed only while somebody listens', async () => {
  const { rows, state } = world();
  const gone = new AbortController();
  rows.follow(() => {}, gone.signal);
  gone.abort();
  rows.follow(() => {}, new AbortController().signal);
  expect(state.follows).toBe(2);
});
