import { describe, expect, it } from 'vitest';
import { untold } from '../../../../src/factory/agent/turn/retold.ts';
import type { FactoryEvent } from '../../../../src/factory/model/event.ts';
import { createWorld, saying } from '../support.ts';

const WHERE = { projectId: '00000000-0000-4000-8000-000000000001', persona: 'engineer' };

/** A journal of two turns, the first with two calls, under one lease each. */
async function journal() {
  const world = createWorld({
    model: saying(
      {
        calls: [
          ['bash', { command: 'ls' }],
          ['bash', { command: 'pwd' }],
        ],
      },
      { text: 'Done.' },
    ),
  });
  await world.turn();
  await world.turn();
  return world.entries;
}
const typesOf = (events: readonly Pick<FactoryEvent, 'type' | 'step'>[]) =>
  events.map(({ type, step }) => `${type} ${step}`);

describe('what a journal tells and the audit log does not', () => {
  it('is told with its time, in order, and once: told again it is known', async () => {
    const entries = await journal();
    const all = untold(WHERE, entries, () => true, []);
    expect(typesOf(all)).toEqual(['step.replied 1', 'tool.ran 1', 'tool.ran 1', 'step.replied 2']);
    expect(all[1]).toMatchObject({ ...WHERE, message: 'bash ls (done)', data: { call: 0, isError: false } });
    for (let known = 0; known <= all.length; known += 1) {
      const rest = untold(WHERE, entries, () => true, all.slice(0, known) as FactoryEvent[]);
      expect(rest).toEqual(all.slice(known));
    }
  });

  it('is what workers did that write no more: others tell their own', async () => {
    const entries = await journal();
    const second = untold(WHERE, entries, ({ step }) => step === 2, []);
    expect(typesOf(second)).toEqual(['step.replied 2']);
    expect(untold(WHERE, entries, () => false, [])).toEqual([]);
  });

  it('is known by the names of older programs, and where words are kept encrypted', async () => {
    const entries = await journal();
    const all = untold(WHERE, entries, () => true, []) as FactoryEvent[];
    const older = all.map(({ data: { requestId: _r, call: _c, ...data } = {}, ...rest }) => ({
      ...rest,
      data,
    }));
    expect(untold(WHERE, entries, () => true, older)).toEqual([]);
    const bare = all.map(({ data: _data, ...rest }) => rest);
    expect(untold(WHERE, entries, () => true, bare)).toEqual([]);
    expect(
      untold(
        WHERE,
        entries,
        () => true,
        bare.map((each) => ({ ...each, persona: 'tester' })),
      ),
    ).toEqual(all);
  });
});
