import { describe, expect, test } from 'vitest';
import { EMPTY_MEMORY } from '../../../../src/factory/agent/memory/memory.ts';
import {
  estimateTokens,
  keepRecent,
  mechanicalSummary,
} from '../../../../src/factory/agent/turn/compaction.ts';
import type { ChatMessage } from '../../../../src/factory/model/message.ts';
import type { PaidCall } from '../../../../src/factory/ports.ts';
import type { Line } from '../scripted-lines.ts';
import { createWorld, runToEnd, told, type World } from '../support.ts';

const user = (text: string): ChatMessage => ({ role: 'user', text });
const asks = (id: string, text = ''): ChatMessage => ({
  role: 'assistant',
  parts: [
    { type: 'text', text },
    { type: 'tool_call', id, name: 'bash', arguments: '{"command":"ls"}' },
  ],
});
const answers = (callId: string, output = 'out'): ChatMessage => ({
  role: 'tool',
  callId,
  name: 'bash',
  output,
  isError: false,
});

/** A model that talks much and works for `turns` turns; its summaries are `summary`. */
function talkative(turns: number, summary: Line): (messages: readonly ChatMessage[], call: PaidCall) => Line {
  let turn = 0;
  return (_messages, call) => {
    if (call.operation === 'compaction') return summary;
    turn += 1;
    if (turn > turns) return { calls: [['finish', { summary: 'done' }]] };
    return { text: `turn ${turn} ${'x'.repeat(2_000)}`, calls: [['bash', { command: `c${turn}` }]] };
  };
}

const SMALL = { contextTokens: 6_000, replyTokens: 500 };
const compactions = (world: World) =>
  world.events.flatMap((event) => (event.type === 'compacted' ? [event.by] : []));

/** Every call is followed by its result, and no result stands alone. */
function expectWellFormed(messages: readonly ChatMessage[]): void {
  const open = new Set<string>();
  for (const message of messages) {
    if (message.role === 'tool') expect(open.delete(message.callId)).toBe(true);
    else expect([...open]).toEqual([]);
    if (message.role !== 'assistant') continue;
    for (const part of message.parts) if (part.type === 'tool_call') open.add(part.id);
  }
  expect([...open]).toEqual([]);
}

describe('near the context limit', () => {
  test('the older part is replaced by the model’s summary, with the facts word for word', async () => {
    const world = createWorld({ model: talkative(12, { text: 'THE SUMMARY' }), limits: SMALL });
    await runToEnd(world);
    expect(compactions(world)[0]).toBe('model');
    expect(told(world)[0]).toBe('Do the task.');
    expect(told(world)[1]).toContain('THE SUMMARY');
    expect(told(world)[1]).toContain('FACTS');
  });

  test('every request stays within the window and well-formed, and the newest turn is in it', async () => {
    const world = createWorld({ model: talkative(40, { text: 'THE SUMMARY' }), limits: SMALL });
    await runToEnd(world);
    expect(compactions(world).length).toBeGreaterThan(3);
    for (const { messages, operation } of world.requests) {
      expectWellFormed(messages);
      expect(JSON.stringify(messages).length / 4).toBeLessThan(SMALL.contextTokens);
      if (operation !== 'chat') continue;
      const last = messages.at(-1);
      expect(last?.role === 'tool' || last?.role === 'user').toBe(true);
    }
    expect(world.commands).toHaveLength(40);
  });

  test('the summary is asked for with the same beginning as the turns, for the vendor’s cache', async () => {
    const world = createWorld({ model: talkative(12, { text: 'S' }), limits: SMALL });
    await runToEnd(world);
    const at = world.requests.findIndex(({ operation }) => operation === 'compaction');
    const [before, asked] = [world.requests[at - 1]?.messages ?? [], world.requests[at]?.messages ?? []];
    const shared = asked.slice(0, -1);
    expect(shared.length).toBeGreaterThan(2);
    expect(before.slice(0, shared.length)).toEqual(shared);
  });

  test.each([
    ['says nothing', { text: '' }],
    ['calls a tool instead', { calls: [['bash', { command: 'never' }]] }],
    ['finds it too long', { outcome: { kind: 'context', detail: '' } }],
    ['is refused', { outcome: { kind: 'refused', detail: '', squeezed: false } }],
  ] as const)('a model that %s is replaced by the factory’s own summary', async (_name, line) => {
    const world = createWorld({ model: talkative(12, line as unknown as Line), limits: SMALL });
    await runToEnd(world);
    expect(compactions(world)[0]).toBe('factory');
    expect(world.commands).not.toContain('never');
    expect(told(world)[1]).toContain('You called bash {"command":"c');
  });

  test('a summary that must wait for money leaves the step open and asks again later', async () => {
    let poor = true;
    const rich = talkative(12, { text: 'S' });
    const world = createWorld({
      model: (messages, call) =>
        call.operation === 'compaction' && poor
          ? { outcome: { kind: 'no_provider', for: 'credits', detail: 'empty' } }
          : rich(messages, call),
      limits: SMALL,
    });
    expect(await runToEnd(world)).toEqual({ kind: 'no_provider', for: 'credits', detail: 'empty' });
    poor = false;
    expect(await runToEnd(world)).toMatchObject({ outcome: 'finish' });
  });

  test('an opening and facts that fill the room do not make it compact on every turn', async () => {
    const world = createWorld({
      model: talkative(30, { text: 'S' }),
      limits: SMALL,
      notes: [{ key: 'opening', text: 'Do it. '.repeat(2_500) }],
    });
    const deps = world.deps;
    world.deps = () => ({ ...deps(), wordForWord: async () => 'fact\n'.repeat(20_000) });
    await runToEnd(world);
    expect(compactions(world).length).toBeGreaterThan(3);
    expect(compactions(world).length).toBeLessThan(15);
  });
});

describe('a vendor that refuses the conversation', () => {
  test('as too long: it is made smaller, at last to the opening and a summary, then the step is blocked', async () => {
    const lengths: number[] = [];
    let refuses = false;
    const work = talkative(5, { text: 'S' });
    const world = createWorld({
      model: (messages, call) => {
        if (!refuses) return work(messages, call);
        lengths.push(messages.length);
        return { outcome: { kind: 'context', detail: 'too long' } };
      },
    });
    for (let turn = 0; turn < 4; turn += 1) await world.turn();
    refuses = true;
    const outcome = await world.turn();
    expect(lengths[0]).toBeGreaterThan(lengths[1] ?? 0);
    expect(lengths[2]).toBe(2);
    expect(outcome).toMatchObject({ kind: 'refused', detail: expect.stringContaining('too long') });
    expect(world.memory().position).toEqual({ at: 'asking' });
  });

  test('A183 as too long while another one is away: it is made smaller once, and waits for that one with what is left', async () => {
    const until = new Date('2026-01-02T03:00:00Z');
    const otherwise = { kind: 'wait', for: 'provider', until, detail: 'it failed' } as const;
    const lengths: number[] = [];
    const work = talkative(9, { text: 'S' });
    const world = createWorld({
      model: (messages, call) => {
        if (messages.length < 12 && lengths.length === 0) return work(messages, call);
        lengths.push(messages.length);
        return { outcome: { kind: 'context', detail: 'too long', otherwise } };
      },
    });
    expect(await runToEnd(world)).toEqual(otherwise);
    expect(lengths).toHaveLength(2);
    expect(lengths[1]).toBeGreaterThan(2);
    expect(await world.turn()).toEqual(otherwise);
    expect(lengths.slice(2)).toEqual([lengths[1]]);
  });

  test('as too dear for a cap: it is made as small as it can be, then its owner is asked, and no try of an hour loses more of it', async () => {
    const until = new Date('2026-01-02T03:00:00Z');
    const otherwise = { kind: 'refused', detail: 'it costs $3.00', until, cap: true } as const;
    const asked: (readonly ChatMessage[])[] = [];
    const work = talkative(9, { text: 'S' });
    const world = createWorld({
      model: (messages, call) => {
        if (messages.length < 12 && asked.length === 0) return work(messages, call);
        asked.push(messages);
        return { outcome: { kind: 'context', detail: 'it costs $3.00', otherwise } };
      },
    });
    expect(await runToEnd(world)).toEqual(otherwise);
    expect(asked.map(({ length }) => length)).toEqual([13, expect.any(Number), 2]);
    expect(await world.turn()).toEqual(otherwise);
    expect(asked[3]).toEqual(asked[2]);
    expect(asked).toHaveLength(4);
  });

  test('for anything else: a fresh conversation goes through, and the manager hears that it is one', async () => {
    const work = talkative(5, { text: 'S' });
    let refused = 0;
    const world = createWorld({
      model: (messages, call) => {
        if (messages.length < 4) return work(messages, call);
        refused += 1;
        return { outcome: { kind: 'refused', detail: 'no', squeezed: false } };
      },
    });
    expect(await runToEnd(world)).toMatchObject({ outcome: 'finish' });
    expect(refused).toBeGreaterThan(0);
    expect(world.squeezes).toBe(refused);
  });

  test('also after it was made smaller: the turn ends with the words of the provider', async () => {
    const outcome = { kind: 'refused', detail: 'its own words', squeezed: true } as const;
    const world = createWorld({ model: () => ({ outcome }) });
    expect(await world.turn()).toEqual({ kind: 'refused', detail: 'its own words' });
    expect(world.squeezes).toBe(0);
    expect(world.memory()).toMatchObject({ nextStep: 1, position: { at: 'asking' } });
  });
});

describe('the estimate', () => {
  const memory = (characters: number, measured?: { tokens: number; characters: number }) => ({
    ...EMPTY_MEMORY,
    characters,
    ...(measured === undefined
      ? {}
      : {
          measured: {
            usage: { input: measured.tokens - 30, cacheRead: 10, cacheWrite: 10, output: 10 },
            characters: measured.characters,
          },
        }),
  });

  test('counts four characters a token without a usage', () =>
    expect(estimateTokens(memory(4_000), 400)).toBe(1_100));
  test('counts the tokens of a usage, and what came since', () =>
    expect(estimateTokens(memory(4_400, { tokens: 2_000, characters: 4_000 }), 400)).toBe(2_100));
  test('a usage that cannot be true (cached part left out) is not believed', () =>
    expect(estimateTokens(memory(60_000, { tokens: 50, characters: 60_000 }), 0)).toBe(10_000));
});

describe('what is kept', () => {
  const talk = [
    user('opening'),
    asks('a'),
    answers('a'),
    answers('a2'),
    user('note'),
    asks('b'),
    answers('b'),
  ];

  test('is whole turns from the end, within the budget', () => {
    expect(keepRecent(talk, 1, 1_000, 1_000)).toBe(6);
    expect(keepRecent(talk, 1, 35, 1_000)).toBe(3);
    expect(keepRecent(talk, 1, 0, 1_000)).toBe(2);
    expect(keepRecent(talk, 1, 0, 10)).toBe(0);
  });

  test('is never a result without its call', () => {
    for (let budget = 0; budget < 120; budget += 1) {
      const kept = keepRecent(talk, 1, budget, budget);
      if (kept > 0) expect(talk[talk.length - kept]?.role).not.toBe('tool');
    }
  });
});

describe('the factory’s own summary', () => {
  const talk = [user('Do it.'), asks('a', 'I look.'), answers('a', 'exit code: 1\nboom'), asks('b')];

  test('says who called what and how it ended', () => {
    expect(mechanicalSummary(talk, 10_000)).toBe(
      [
        'Told: Do it.',
        'You said: I look.',
        'You called bash {"command":"ls"} → exit code: 1 boom',
        'You called bash {"command":"ls"} → no result',
      ].join('\n'),
    );
  });

  test('keeps the newest when it is too long', () => {
    expect(mechanicalSummary(talk, 60)).toBe(
      '(3 earlier entries left out)\nYou called bash {"command":"ls"} → no result',
    );
  });
});
