import { describe, expect, test } from 'vitest';
import { isHeldBack } from '../../../../src/factory/agent/memory/agent-state.ts';
import { createWorld, runToEnd, saying, told } from '../support.ts';

const bash = (command: string): [string, unknown] => ['bash', { command }];

describe('no progress', () => {
  test('the same call and result four times: a note, then a fresh context, then blocked', async () => {
    const world = createWorld({ model: () => ({ calls: [bash('make')] }), mark: () => 'same' });
    const outcome = await runToEnd(world);
    expect(outcome).toMatchObject({ kind: 'done', outcome: 'blocked' });
    expect(outcome).toEqual({ kind: 'done', outcome: 'blocked' });
    expect(world.entries.at(-1)).toHaveProperty(
      'reason',
      expect.stringContaining('bash gave the same result 4 times'),
    );
    expect(world.events.flatMap((event) => (event.type === 'progress' ? [event.verdict] : []))).toEqual([
      'warned',
      'fresh',
      'blocked',
    ]);
    expect(world.commands).toHaveLength(12);
  });

  test('a fresh context keeps the opening and the facts, and nothing else', async () => {
    const world = createWorld({ model: () => ({ calls: [bash('make')] }), mark: () => 'same' });
    for (let turn = 0; turn < 8; turn += 1) await world.turn();
    expect(world.memory().conversation).toHaveLength(2);
    expect(told(world)[0]).toBe('Do the task.');
    expect(told(world)[1]).toContain('FACTS');
  });

  test('a model that never calls a tool ends blocked, not for ever', async () => {
    const world = createWorld({ model: () => ({ text: 'I am done.' }) });
    expect(await runToEnd(world)).toMatchObject({ outcome: 'blocked' });
    expect(world.requests).toHaveLength(12);
  });

  test('whose owner is still to say something is not given up before: it begins anew with what comes', async () => {
    const world = createWorld({ model: () => ({ calls: [bash('make')] }), mark: () => 'same' });
    const deps = world.deps;
    let awaits = true;
    world.deps = () => ({ ...deps(), awaitsOwner: async () => awaits });
    for (let turn = 0; turn < 12; turn += 1)
      expect(await world.turn()).toEqual({ kind: 'done', outcome: 'continue' });
    expect(isHeldBack(world.entries)).toBe(true);
    expect(told(world).at(-1)).toContain('owner');
    await world.turn();
    expect(isHeldBack(world.entries)).toBe(false);
    awaits = false;
    expect(await runToEnd(world)).toMatchObject({ outcome: 'blocked' });
    expect(world.commands).toHaveLength(24);
  });

  test('turns without any change: warned at N, fresh at 2 N, blocked at 3 N', async () => {
    let count = 0;
    const world = createWorld({
      model: () => {
        count += 1;
        return { calls: [bash(`ls ${count}`)] };
      },
      mark: () => 'same',
      limits: { idleTurns: 5 },
    });
    expect(await runToEnd(world)).toMatchObject({ outcome: 'blocked' });
    const done = world.entries.flatMap((entry) => (entry.type === 'step_done' ? [entry.progress] : []));
    // The first turn shows the mark for the first time, which counts as a change.
    expect(done.flatMap((progress, index) => (progress === undefined ? [] : [[index, progress]]))).toEqual([
      [5, 'warned'],
      [10, 'fresh'],
      [15, 'blocked'],
    ]);
  });

  test('the tree is not asked for after turns that only read', async () => {
    let asked = 0;
    const world = createWorld({
      model: saying({ calls: [['read_file', { path: 'a' }]] }, { text: 'hm' }, { calls: [bash('ls')] }),
      mark: () => `${++asked}`,
    });
    for (let turn = 0; turn < 3; turn += 1) await world.turn();
    expect(asked).toBe(1);
  });

  test('where the tree is looked at seldom, a change that nobody saw still forgives', async () => {
    let count = 0;
    const world = createWorld({
      model: () => ({ calls: [bash(`echo ${++count}`)] }),
      mark: (each) => `${each.commands.length}`,
      limits: { idleTurns: 3 },
    });
    const deps = world.deps;
    world.deps = () => {
      const all = deps();
      return { ...all, workMark: async (sure) => (sure ? all.workMark(sure) : undefined) };
    };
    for (let turn = 0; turn < 20; turn += 1) await world.turn();
    expect(world.events.filter(({ type }) => type === 'progress')).toEqual([]);
  });
});
