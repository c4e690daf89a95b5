import { describe, expect, test } from 'vitest';
import type { Line } from '../scripted-lines.ts';
import { Crash, createWorld, runToEnd, type World } from '../support.ts';

const HALF: [string, string][] = [['write_file', '{"path":"a","content":"half"}']];
const CUT: Line = { text: 'I write', raw: HALF, stop: 'max_tokens', more: 4_000 };
const WHOLE: Line = { calls: [['write_file', { path: 'a', content: 'whole' }]] };

/** One line per request, the last for all that follow. */
function inOrder(...lines: Line[]): () => Line {
  let next = 0;
  return () => lines[Math.min(next++, lines.length - 1)] ?? {};
}

const roles = (world: World) => world.memory().conversation.map(({ role }) => role);

describe('a reply that was cut off', () => {
  test('A100 is asked for again with more room, and the model sees nothing of the first', async () => {
    const world = createWorld({ model: inOrder(CUT, WHOLE) });
    await world.turn();
    expect(world.requests.map(({ maxOutputTokens }) => maxOutputTokens)).toEqual([undefined, 4_000]);
    expect(world.requests[1]?.messages).toEqual(world.requests[0]?.messages);
    expect([...world.files]).toEqual([['a', 'whole']]);
    expect(roles(world)).toEqual(['user', 'assistant', 'tool']);
  });

  test('is asked for again once; then the model is told, and its half call is not run', async () => {
    const world = createWorld({ model: inOrder(CUT, CUT) });
    await world.turn();
    expect(world.requests).toHaveLength(2);
    expect(world.files.size).toBe(0);
    const said = JSON.stringify(world.memory().conversation);
    expect(said).toContain('your reply was cut off in this call');
    expect(said).toContain('cut off at the output limit of 1000 tokens');
  });

  test('has its next step asked with the usual room', async () => {
    const world = createWorld({ model: inOrder(CUT, WHOLE, WHOLE) });
    await world.turn();
    await world.turn();
    expect(world.requests.map(({ maxOutputTokens }) => maxOutputTokens)).toEqual([
      undefined,
      4_000,
      undefined,
    ]);
  });

  test('without more room is told at once; the calls before the cut are run, and the half one is not', async () => {
    const both: [string, string][] = [['bash', '{"command":"ls"}'], ...HALF];
    const world = createWorld({ model: inOrder({ raw: both, stop: 'max_tokens' }) });
    await world.turn();
    expect(world.requests).toHaveLength(1);
    expect(world.commands).toEqual(['ls']);
    expect(world.files.size).toBe(0);
  });

  test('is paid once, wherever a crash comes between it and the second', async () => {
    const script = () => inOrder(CUT, WHOLE, { calls: [['finish', { summary: 'done' }]] });
    const calm = createWorld({ model: script() });
    await runToEnd(calm);
    expect(calm.ledger.size).toBe(3);
    for (let at = 1; at < calm.entries.length; at += 1) {
      const world = createWorld({ model: byTurn, crashAfter: at });
      await runToEnd(world).catch((error: unknown) => {
        if (!(error instanceof Crash)) throw error;
      });
      world.crashAfter = Number.POSITIVE_INFINITY;
      if (!world.entries.some((entry) => entry.type === 'step_done' && entry.outcome === 'finish')) {
        await runToEnd(world);
      }
      const answered = world.entries.filter(({ type }) => type === 'reply');
      expect(answered, `crash after ${at}`).toHaveLength(3);
      expect([...world.ledger.values()].filter(({ possible }) => !possible)).toHaveLength(3);
      expect([...world.files]).toEqual([['a', 'whole']]);
      expect(roles(world)).toEqual(roles(calm));
    }
  });
});

/** The answer hangs on what is asked, not on how often: requests that a crash lost come again. */
function byTurn(
  messages: readonly { role: string }[],
  call: { request: { maxOutputTokens?: number } },
): Line {
  if (messages.some(({ role }) => role === 'tool')) return { calls: [['finish', { summary: 'done' }]] };
  return call.request.maxOutputTokens === undefined ? CUT : WHOLE;
}
