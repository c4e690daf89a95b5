import { expect, it } from 'vitest';
import { createSoon } from '../../../src/lib/async/soon.ts';

it('does each work once, the newest of its name, when its time has come or when it is asked to', async () => {
  const done: string[] = [];
  const problems: unknown[] = [];
  const soon = createSoon(5, (problem) => problems.push(problem));
  const work = (name: string) => async () => void done.push(name);
  soon.ask('a', work('old'));
  soon.ask('a', work('new'));
  soon.ask('b', async () => {
    throw 'trouble';
  });
  await expect.poll(() => done).toEqual(['new']);
  expect(problems).toEqual(['trouble']);
  soon.ask('a', async () => soon.ask('c', work('asked for meanwhile')));
  await soon.flush();
  expect(done).toEqual(['new', 'asked for meanwhile']);
});
