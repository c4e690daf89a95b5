import { describe, expect, test } from 'vitest';
import { LeaseLost, type PaidCall } from '../../../src/factory/ports.ts';
import { runTurn } from '../../../src/factory/agent/turn/turn.ts';
import { Crash, createWorld, results, runToEnd, saying, told } from './support.ts';

const bash = (command: string): [string, unknown] => ['bash', { command }];

describe('a reply that was cut off at the output limit', () => {
  test.each([
    ['with a call that is whole', { calls: [bash('ls')], stop: 'max_tokens' as const }],
    [
      'with half a call',
      { raw: [['bash', '{"command":"l']] as [string, string][], stop: 'max_tokens' as const },
    ],
    ['without a call', { text: 'I will now', stop: 'max_tokens' as const }],
  ])('is told the agent as cut off, %s', async (_what, said) => {
    const world = createWorld({ model: saying(said) });
    await world.turn();
    expect(told(world).join()).toContain('cut off at the output limit of 1000 tokens');
  });
});

describe('a reply whose model paused', () => {
  test('goes on at the next step with nothing said in between', async () => {
    const world = createWorld({
      model: saying({ text: 'I search', stop: 'paused' }, { calls: [bash('ls')] }),
    });
    expect(await world.turn()).toEqual({ kind: 'done', outcome: 'continue' });
    await world.turn();
    expect(world.requests[1]?.messages.at(-1)).toMatchObject({ role: 'assistant', paused: {} });
    expect(world.commands).toEqual(['ls']);
  });

  test('for ever is stopped like any model that gets nowhere', async () => {
    const world = createWorld({ model: () => ({ text: 'I search', stop: 'paused' }) });
    for (let turn = 0; turn < 5; turn += 1) await world.turn();
    expect(told(world).join()).toContain('sees no progress');
  });
});

describe('a reply that filled all that its model can read', () => {
  test('has the older part replaced by a summary before the next request, and is not told to write less', async () => {
    const long = 'x'.repeat(9_000);
    const world = createWorld({
      model: saying(
        ...[1, 2, 3].map((at) => ({ text: `${at} ${long}`, calls: [bash(`echo ${at}`)] })),
        { text: 'and then', stop: 'context' },
        { calls: [bash('ls')] },
      ),
    });
    for (let turn = 0; turn < 5; turn += 1) await world.turn();
    const last = world.requests.at(-1)?.messages ?? [];
    expect(JSON.stringify(last).length).toBeLessThan(15_000);
    expect(JSON.stringify(last)).toContain('Summary of the conversation so far');
    expect(told(world).join()).toContain('fills all that you can read');
    expect(told(world).join()).not.toContain('Write less');
    expect(world.requests.map(({ operation }) => operation)).not.toContain('compaction');
  });
});

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

  test('reading tools cost no write of their own', async () => {
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
    expect(world.writes).toHaveLength(4);
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
    expect(world.events.map(({ type }) => type)).toEqual(['request', 'reply', 'tool_started', 'tool_result']);
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

describe('what a model does wrong is a result that it sees', () => {
  test.each([
    ['malformed JSON', { raw: [['bash', '{"command": "l']] }, 'not valid JSON'],
    ['wrong type', { calls: [['bash', { command: ['ls'] }]] }, 'command'],
    ['missing argument', { calls: [['write_file', { path: 'a' }]] }, 'content'],
    ['no object', { raw: [['bash', '"ls"']] }, 'do not fit'],
    ['unknown tool', { calls: [['read_files', { path: 'a' }]] }, 'Did you mean read_file?'],
    [
      'path out of the worktree',
      { calls: [['read_file', { path: '../../etc/passwd' }]] },
      'outside the worktree',
    ],
    ['file that is not there', { calls: [['read_file', { path: 'nope' }]] }, 'not there'],
  ] as const)('%s', async (_name, line, text) => {
    const world = createWorld({ model: saying(JSON.parse(JSON.stringify(line))) });
    expect(await world.turn()).toEqual({ kind: 'done', outcome: 'continue' });
    expect(results(world)[0]).toContain(text);
    expect(world.memory().conversation.at(-1)).toMatchObject({ role: 'tool', isError: true });
    expect(world.commands).toEqual([]);
  });

  test('arguments cut at the output limit are not run', async () => {
    const world = createWorld({
      model: saying({ raw: [['write_file', '{"path":"a","content":"half']], stop: 'max_tokens' }),
    });
    await world.turn();
    expect(world.files.size).toBe(0);
    expect(results(world)[0]).toContain('smaller pieces');
  });

  test('a reply without calls is answered by what is still open', async () => {
    const world = createWorld({ model: saying({ text: 'All done!' }) });
    expect(await world.turn()).toEqual({ kind: 'done', outcome: 'continue' });
    expect(told(world)[1]).toContain('called no tool');
    expect(told(world)[1]).toContain('Still open: everything.');
  });

  test('a reply with nothing at all leaves no message that a vendor would refuse', async () => {
    const world = createWorld({ model: () => ({ text: '  ' }) });
    await world.turn();
    expect(world.memory().conversation.map(({ role }) => role)).toEqual(['user', 'user']);
    expect(told(world)[1]).toContain('empty');
  });

  test('call ids that repeat are made unique, within a reply and between turns', async () => {
    const world = createWorld({ model: saying({ calls: [bash('a'), bash('b')] }, { calls: [bash('c')] }) });
    const deps = world.deps();
    const complete = deps.finance.complete;
    const sameIds = {
      ...deps,
      finance: {
        ...deps.finance,
        complete: (call: Parameters<typeof complete>[0]) =>
          complete({
            ...call,
            replied: (record) =>
              call.replied({
                ...record,
                message: {
                  role: 'assistant',
                  parts: record.message.parts.map((part) =>
                    part.type === 'tool_call' ? { ...part, id: 'call_0' } : part,
                  ),
                },
              }),
          }),
      },
    };
    for (let turn = 0; turn < 2; turn += 1) {
      const lease = world.lease();
      await runTurn(sameIds, world.memory(), world.writer(lease), new AbortController().signal);
    }
    const ids = world.memory().conversation.flatMap((each) => (each.role === 'tool' ? [each.callId] : []));
    expect(new Set(ids).size).toBe(3);
    expect(results(world)).toEqual(['exit code: 0\nran a', 'exit code: 0\nran b', 'exit code: 0\nran c']);
  });
});

describe('a step that cannot go on now stays open', () => {
  const until = new Date('2026-01-02T04:00:00Z');
  test.each([
    { kind: 'wait', for: 'rate', until, detail: 'full' },
    { kind: 'no_provider', for: 'credits', detail: 'empty' },
    { kind: 'budget', detail: 'cap' },
  ] as const)('$kind', async (outcome) => {
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
