import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChatMessage } from '../../../../src/factory/model/message.ts';
import type { Line } from '../scripted-lines.ts';
import { Crash, createWorld, runToEnd, saying, type World } from '../support.ts';

const INTERRUPTED = /^interrupted; effects unknown/;

/** Runs to the end, with a new process after each crash. `crashes` are the numbers of records on disk at which one comes. */
async function survive(world: World, crashes: readonly number[]): Promise<void> {
  for (const at of crashes) {
    world.crashAfter = world.entries.length + at;
    try {
      await runToEnd(world);
      return;
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
  }
  world.crashAfter = Number.POSITIVE_INFINITY;
  if (world.entries.some((entry) => entry.type === 'step_done' && entry.outcome === 'finish')) return;
  await runToEnd(world);
}

/** The conversation without what a crash may change: the outcome of the command it hit. Ids of calls follow requests. */
function comparable(messages: readonly ChatMessage[]): unknown[] {
  return messages.map((message) => {
    if (message.role === 'tool')
      return [message.name, INTERRUPTED.test(message.output) ? '?' : message.output];
    if (message.role === 'user') return message.text;
    return message.parts.map((part) =>
      part.type === 'tool_call' ? [part.name, part.arguments] : part.type === 'text' ? part.text : '',
    );
  });
}

function expectSame(crashed: World, calm: World): void {
  const [a, b] = [comparable(crashed.memory().conversation), comparable(calm.memory().conversation)];
  const hit = (message: unknown): boolean => Array.isArray(message) && message[1] === '?';
  const expected = b.map((message, at) =>
    hit(a[at]) && Array.isArray(message) ? [message[0], '?'] : message,
  );
  expect(a).toEqual(expected);
}

/** No journalled model call is asked again, no command runs twice, the books hold every request once. */
function expectOnce(world: World, calm: World): void {
  const chat = world.entries.flatMap((entry) =>
    entry.type === 'reply' ? [`${entry.step}/${entry.requestId}`] : [],
  );
  const perStep = world.entries.filter((entry) => entry.type === 'reply').map(({ step }) => step);
  expect(new Set(chat).size).toBe(chat.length);
  expect(perStep).toEqual(calm.entries.filter((entry) => entry.type === 'reply').map(({ step }) => step));
  expect(new Set(world.commands).size).toBe(world.commands.length);
  expect([...world.keyed.keys()].sort()).toEqual([...calm.keyed.keys()].sort());
  expect([...world.ledger.keys()].sort()).toEqual(
    expect.arrayContaining(world.requests.map(({ id }) => id).sort()),
  );
  const answered = new Set(
    world.entries.flatMap((entry) => (entry.type === 'reply' ? [entry.requestId] : [])),
  );
  const possible = [...world.ledger].filter(([, row]) => row.possible).map(([id]) => id);
  expect(possible).toEqual([...world.ledger.keys()].filter((id) => !answered.has(id)));
}

const LINES: Line[] = [
  {
    text: 'I begin.',
    calls: [
      ['bash', { command: 'one' }],
      ['read_file', { path: 'a' }],
      ['bash', { command: 'two' }],
    ],
  },
  { text: 'Nothing to call.' },
  {
    calls: [
      ['write_file', { path: 'a', content: 'x' }],
      ['add_tasks', { tasks: [{ title: 't', description: 'd' }] }],
      ['nonsense', {}],
      ['bash', { command: 'three' }],
    ],
  },
  {
    calls: [
      ['commit', { message: 'm' }],
      ['finish', { summary: 's' }],
      ['bash', { command: 'never' }],
    ],
  },
];

describe('A01 A03 a crash at any record of the journal', () => {
  test('repeats no model call and no command, and ends with the same conversation', async () => {
    const calm = createWorld({ model: saying(...LINES) });
    await runToEnd(calm);
    expect(calm.commands).toEqual(['one', 'two', 'three']);
    for (let at = 1; at <= calm.entries.length; at += 1) {
      const world = createWorld({ model: saying(...LINES) });
      await survive(world, [at]);
      expectOnce(world, calm);
      expectSame(world, calm);
    }
  });

  test('with a power cut, which takes what was not forced to disk, runs no command twice and books every request', async () => {
    const calm = createWorld({ model: saying(...LINES) });
    await runToEnd(calm);
    for (let at = 1; at <= calm.entries.length; at += 1) {
      const world = createWorld({ model: saying(...LINES) });
      world.powerCut = true;
      await survive(world, [at]);
      expect(new Set(world.commands).size).toBe(world.commands.length);
      expect([...world.keyed.keys()].sort()).toEqual([...calm.keyed.keys()].sort());
      expect([...world.ledger.keys()]).toEqual(expect.arrayContaining(world.requests.map(({ id }) => id)));
      expect(world.memory().nextStep).toBe(calm.memory().nextStep);
    }
  });

  test('the command that was running is not run again, and the model is told', async () => {
    const calm = createWorld({ model: saying(...LINES) });
    await runToEnd(calm);
    const started = calm.entries.findIndex(({ type }) => type === 'tool_started') + 1;
    const world = createWorld({ model: saying(...LINES) });
    await survive(world, [started]);
    expect(world.commands).toEqual(['one', 'two', 'three']);
    const first = world.memory().conversation.find(({ role }) => role === 'tool');
    expect(first).toMatchObject({ output: expect.stringMatching(INTERRUPTED), isError: true });
  });

  test('a request whose reply was lost is booked at what was reserved and asked anew', async () => {
    const world = createWorld({ model: saying(...LINES) });
    // lease, note, request
    await survive(world, [3]);
    expect(world.ledger.get('request-1')).toEqual({ cost: 1, possible: true, operation: 'chat' });
    expect(world.entries).toContainEqual(expect.objectContaining({ type: 'request_failed', kind: 'lost' }));
  });

  test('a reply that stands in the journal but not in the ledger is booked at its cost', async () => {
    const world = createWorld({ model: saying(...LINES) });
    world.crashAfter = 4;
    // The process dies between the journal's reply and the ledger's row.
    await expect(world.turn()).rejects.toBeInstanceOf(Crash);
    world.ledger.clear();
    world.crashAfter = Number.POSITIVE_INFINITY;
    await runToEnd(world);
    expect(world.ledger.get('request-1')).toEqual({ cost: 0.25, possible: false, operation: 'chat' });
  });

  test('a crash while the conversation is being compacted repeats nothing either', async () => {
    const options = () => ({
      model: (messages: readonly ChatMessage[], call: { operation: string }): Line => {
        if (call.operation === 'compaction') return { text: 'SUMMARY' };
        const steps = messages.filter(({ role }) => role === 'assistant').length;
        const summarised = messages.some((each) => each.role === 'user' && each.text.includes('SUMMARY'));
        if (summarised && steps >= 3) return { calls: [['finish', { summary: 's' }]] };
        return { text: 'x'.repeat(3_000), calls: [['bash', { command: `${summarised}/${steps}` }]] };
      },
      limits: { contextTokens: 6_000, replyTokens: 500 },
      notes: [{ key: 'opening', text: 'Do it.' }],
    });
    const calm = createWorld(options());
    await runToEnd(calm);
    expect(calm.requests.filter(({ operation }) => operation === 'compaction').length).toBeGreaterThan(0);
    for (let at = 1; at <= calm.entries.length; at += 1) {
      const world = createWorld(options());
      await survive(world, [at]);
      expectOnce(world, calm);
      expectSame(world, calm);
    }
  });

  test('A02 several crashes in a row, at random places of random turns', async () => {
    const call = fc.oneof(
      fc.constant<[string, unknown]>(['read_file', { path: 'a' }]),
      fc.constant<[string, unknown]>(['commit', { message: 'm' }]),
      fc.constant<[string, unknown]>(['write_file', { path: 'a', content: 'x' }]),
      fc.constant<[string, unknown]>(['update_task', { id: 'x', status: 'in_progress' }]),
      fc.constant<[string, unknown]>(['bash', {}]),
    );
    const script = fc.array(fc.array(call, { maxLength: 5 }), { minLength: 1, maxLength: 6 });
    const crashes = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(script, crashes, async (turns, places) => {
        let count = 0;
        const lines = turns.map(
          (calls, turn): Line => ({
            text: `turn ${turn}`,
            calls: calls.map(([name, args]) =>
              name === 'bash' ? [name, { command: `c${count++}` }] : [name, args],
            ),
          }),
        );
        const calm = createWorld({ model: saying(...lines) });
        await runToEnd(calm);
        const world = createWorld({ model: saying(...lines) });
        await survive(world, places);
        expectOnce(world, calm);
        expectSame(world, calm);
      }),
      { numRuns: 30 },
    );
  }, 30_000);
});
