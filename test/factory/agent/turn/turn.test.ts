import { describe, expect, test } from 'vitest';
import { runTurn } from '../../../../src/factory/agent/turn/turn.ts';
import { LeaseLost, type PaidCall } from '../../../../src/factory/ports.ts';
import { Crash, createWorld, results, saying, told } from '../support.ts';

const bash = (command: string): [string, unknown] => ['bash', { command }];

test('a request says what its prompt may expect of a cache: what is new in it, and how likely a long pause is', async () => {
  const seen: PaidCall['cache'][] = [];
  const world = createWorld({
    model: (_messages, call) => {
      seen.push(call.cache);
      return { calls: [bash('ls')], tokens: 5_000 };
    },
  });
  const turn = async (gateMs: number | undefined) => {
    const lease = world.lease();
    const deps = { ...world.deps(), gateMs: async () => gateMs };
    await runTurn(deps, world.memory(), world.writer(lease), new AbortController().signal);
  };
  for (const gateMs of [undefined, 7 * 60_000]) await turn(gateMs);
  expect(seen[0]).toMatchObject({ longPause: 0 });
  expect(seen[0]?.fresh).toBe(seen[0]?.prompt);
  expect(seen[1]?.longPause).toBeGreaterThan(0);
  expect(seen[1]?.fresh).toBeLessThan(1_000);
});

describe('one turn', () => {
  test('asks, runs the calls in order and ends the step', async () => {
    const world = createWorld({
      model: saying({
        text: 'I look.',
        calls: [bash('ls'), ['write_file', { path: 'a', content: 'x' }], bash('cat a')],
      }),
    });
    expect(await world.turn()).toEqual({ kind: 'done', outcome: 'continue' });
    expect(world.commands).toEqual(['ls', 'cat a']);
    expect(world.memory()).toMatchObject({ nextStep: 2, position: { at: 'between' } });
    expect(results(world)).toEqual(['exit code: 0\nran ls', 'Wrote a (1 bytes).', 'exit code: 0\nran cat a']);
  });

  test('an ordinary turn with one command costs five writes: lease, request, reply, started, result with the end', async () => {
    const world = createWorld({ model: saying({ calls: [bash('ls')] }) });
    await world.turn();
    expect(world.writes).toEqual([
      ['lease'],
      ['note', 'request'],
      ['reply'],
      ['tool_started'],
      ['tool_result', 'step_done'],
    ]);
  });

  test('reading tools cost no write of their own; the reply is on disk before the first', async () => {
    const world = createWorld({
      model: saying({
        calls: [
          ['read_file', { path: 'a' }],
          ['read_file', { path: 'b' }],
        ],
      }),
    });
    await world.turn();
    expect(world.writes.at(-1)).toEqual([
      'tool_started',
      'tool_result',
      'tool_started',
      'tool_result',
      'step_done',
    ]);
    expect(world.writes.slice(-3, -1)).toEqual([['reply'], []]);
    expect(world.writes).toHaveLength(5);
  });

  test('the model sees the notes in the request in which they are first journalled, once each', async () => {
    const world = createWorld({ model: saying({ calls: [bash('ls')] }, { calls: [bash('pwd')] }) });
    await world.turn();
    world.notes = [...world.notes, { key: 'gate/1', text: 'The gate failed.' }];
    await world.turn();
    await world.turn();
    const seen = world.requests.map(({ messages }) => messages.filter(({ role }) => role === 'user'));
    expect(seen[0]).toEqual([{ role: 'user', text: 'Do the task.' }]);
    expect(seen[1]?.map((each) => each.role === 'user' && each.text)).toEqual([
      'Do the task.',
      'The gate failed.',
    ]);
    expect(told(world)).toEqual(['Do the task.', 'The gate failed.']);
  });

  test('a switch of providers within the turn writes the notes once and leaves no request open', async () => {
    const world = createWorld({ model: saying({ calls: [bash('ls')] }) });
    const deps = world.deps();
    const { complete } = deps.finance;
    const switching: typeof complete = async (call) => {
      const refused = { requestId: 'refused', provider: 'other', model: 'm', operation: call.operation };
      await call.opened({ ...refused, reserved: 1 });
      await call.failed({ requestId: 'refused', kind: 'outage', detail: '529' });
      return complete(call);
    };
    const lease = world.lease();
    const finance = { ...deps.finance, complete: switching };
    await runTurn({ ...deps, finance }, world.memory(), world.writer(lease), new AbortController().signal);
    expect(world.entries.filter(({ type }) => type === 'note')).toHaveLength(1);
    expect(world.memory().openRequests).toEqual([]);
  });

  test('finish ends the turn with its outcome, and calls after it are not run', async () => {
    const world = createWorld({ model: saying({ calls: [['finish', { summary: 's' }], bash('rm -rf .')] }) });
    expect(await world.turn()).toEqual({ kind: 'done', outcome: 'finish' });
    expect(world.entries.at(-1)).toMatchObject({ outcome: 'finish', reason: 'finish done' });
    expect(world.commands).toEqual([]);
    expect(results(world)[1]).toContain('not run');
  });

  test('callbacks get a key made of persona, step and index', async () => {
    const world = createWorld({ model: saying({ calls: [bash('ls'), ['commit', { message: 'm' }]] }) });
    await world.turn();
    expect([...world.keyed.keys()]).toEqual(['engineer/1/1']);
  });

  test('more than 64 calls in one reply are not run', async () => {
    const world = createWorld({
      model: saying({ calls: Array.from({ length: 70 }, (_, n) => bash(`echo ${n}`)) }),
    });
    await world.turn();
    expect(world.commands).toHaveLength(64);
    expect(results(world)).toHaveLength(70);
  });

  test('progress is reported as it happens', async () => {
    const world = createWorld({ model: saying({ text: 'hm', calls: [bash('ls')] }) });
    await world.turn();
    expect(world.events.map(({ type }) => type)).toEqual(['request', 'reply', 'tool_result']);
  });

  test('a memory from before the lease is refused', async () => {
    const world = createWorld({ model: saying() });
    const before = world.memory();
    const writer = world.writer(world.lease());
    await expect(runTurn(world.deps(), before, writer, new AbortController().signal)).rejects.toThrow(
      'lease',
    );
  });
});

describe('a step that cannot go on now stays open', () => {
  const until = new Date('2026-01-02T04:00:00Z');
  test.each([
    { kind: 'wait', for: 'rate', until, detail: 'full' },
    { kind: 'no_provider', for: 'credits', detail: 'empty' },
    { kind: 'budget', detail: 'cap' },
  ] as const)('when its model call comes to $kind', async (outcome) => {
    const world = createWorld({ model: () => ({ outcome }) });
    expect(await world.turn()).toEqual(outcome);
    expect(world.memory()).toMatchObject({ nextStep: 1, position: { at: 'asking' } });
  });

  test('cut during the model call: the request is closed and nothing runs', async () => {
    const world = createWorld({ model: () => ({ outcome: { kind: 'aborted' } }) });
    expect(await world.turn()).toEqual({ kind: 'interrupted' });
    expect(world.memory().openRequests).toEqual([]);
  });

  test('cut during a command: its result says so, the rest waits, and the next worker goes on there', async () => {
    const cut = new AbortController();
    const world = createWorld({
      model: saying({ calls: [bash('sleep 99'), bash('ls')] }),
      command: ({ command }) => {
        if (command !== 'sleep 99') return {};
        cut.abort();
        return { ended: 'aborted', exitCode: null, output: 'half' };
      },
    });
    expect(await world.turn(cut.signal)).toEqual({ kind: 'interrupted' });
    expect(results(world)).toHaveLength(1);
    expect(await world.turn()).toEqual({ kind: 'done', outcome: 'continue' });
    expect(world.commands).toEqual(['sleep 99', 'ls']);
    expect(world.requests).toHaveLength(1);
    expect(results(world)[0]).toContain('effects unknown');
    expect(results(world)[0]).toContain('half');
  });

  test('a claim that was cut before it was settled is settled again under the same key', async () => {
    const world = createWorld({ model: saying({ calls: [['commit', { message: 'm' }]] }) });
    const deps = world.deps(
      {},
      { commit: async () => ({ output: '', isError: false, effect: 'unfinished' }) },
    );
    const lease = world.lease();
    const signal = new AbortController().signal;
    const first = await runTurn(deps, world.memory(), world.writer(lease), signal);
    expect(first).toEqual({ kind: 'interrupted' });
    expect(results(world)).toEqual([]);
    expect(await world.turn()).toEqual({ kind: 'done', outcome: 'continue' });
    expect([...world.keyed]).toEqual([['engineer/1/0', 1]]);
  });

  test('A03 a claim that is made again is made only by the newest worker', async () => {
    const world = createWorld({ model: saying({ calls: [['commit', { message: 'm' }]] }), crashAfter: 5 });
    await expect(world.turn()).rejects.toBeInstanceOf(Crash);
    world.crashAfter = Number.POSITIVE_INFINITY;
    expect(world.memory().position).toMatchObject({ calls: [{ state: 'started' }] });
    const deps = world.deps(
      {},
      {
        commit: async () => {
          throw new Error('the overtaken worker went on');
        },
      },
    );
    const writer = world.writer(world.lease());
    const memory = world.memory();
    world.lease();
    const turn = runTurn(deps, memory, writer, new AbortController().signal);
    await expect(turn).rejects.toBeInstanceOf(LeaseLost);
  });

  test('A06 a worker that was overtaken between its lease and its first look ends its step quietly', async () => {
    const world = createWorld({ model: saying({ calls: [bash('never')] }) });
    const writer = world.writer(world.lease());
    world.lease();
    const turn = runTurn(world.deps(), world.memory(), writer, new AbortController().signal);
    await expect(turn).rejects.toBeInstanceOf(LeaseLost);
    expect(world.requests).toEqual([]);
  });

  test('A05 A06 a worker that was overtaken has no further effect', async () => {
    const world = createWorld({
      model: saying({ calls: [bash('first'), bash('second')] }),
      command: ({ command }) => {
        if (command === 'first') world.lease();
        return {};
      },
    });
    await expect(world.turn()).rejects.toBeInstanceOf(LeaseLost);
    expect(world.commands).toEqual(['first']);
    expect(await world.turn()).toEqual({ kind: 'done', outcome: 'continue' });
    expect(world.commands).toEqual(['first', 'second']);
    expect(results(world)[0]).toContain('effects unknown');
  });
});
