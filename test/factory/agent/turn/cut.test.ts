import { describe, expect, test } from 'vitest';
import { runTurn } from '../../../../src/factory/agent/turn/turn.ts';
import type { TurnOutcome } from '../../../../src/factory/agent/turn/turn-types.ts';
import type { PaidOutcome } from '../../../../src/factory/ports.ts';
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

  test.each(['request', 'malformed', 'context'] as const)(
    'A154 whose second try is refused (%s) is asked for with the usual room, in the same conversation, and not set aside again',
    async (kind) => {
      const world = createWorld({ model: inOrder(CUT, CUT) });
      const outcome = await turnAt(world, kind);
      expect(outcome).toEqual({ kind: 'done', outcome: 'continue' });
      expect(world.requests.map(({ maxOutputTokens }) => maxOutputTokens)).toEqual([undefined, undefined]);
      expect(world.entries.filter(({ type }) => type === 'set_aside')).toHaveLength(1);
      expect(world.entries.filter(({ type }) => type === 'compacted')).toEqual([]);
    },
  );

  test('A154 whose second try is refused before the worker dies is asked for with the usual room by the next', async () => {
    const world = createWorld({ model: inOrder(CUT, WHOLE) });
    await turnAt(world, 'request', { kind: 'refused', detail: 'no', squeezed: true });
    await world.turn();
    expect(world.requests.map(({ maxOutputTokens }) => maxOutputTokens)).toEqual([undefined, undefined]);
    expect([...world.files]).toEqual([['a', 'whole']]);
  });

  test.each([
    ['context', 4],
    ['request', 3],
  ] as const)(
    'A154 that is refused with the usual room as well (%s) is asked for no more once its conversation was made smaller',
    async (kind, times) => {
      const world = createWorld({ model: inOrder(CUT) });
      const outcome = await turnAt(world, kind, undefined, () => world.requests.length > 0);
      expect(outcome.kind).toBe('refused');
      expect(world.entries.filter(({ type }) => type === 'request_failed')).toHaveLength(times);
    },
  );

  test('whose second try meets an outage keeps its room', async () => {
    const world = createWorld({ model: inOrder(CUT, WHOLE) });
    const until = new Date('2026-01-02T03:05:00Z');
    await turnAt(world, 'outage', { kind: 'wait', for: 'provider', until, detail: '503' });
    await world.turn();
    expect(world.requests.map(({ maxOutputTokens }) => maxOutputTokens)).toEqual([undefined, 4_000]);
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

/** One turn at a provider that fails as the kind says, at every request with more room than is usual if nothing else is said. */
async function turnAt(
  world: World,
  kind: string,
  ends?: PaidOutcome,
  fails = (request: { maxOutputTokens?: number }) => request.maxOutputTokens !== undefined,
): Promise<TurnOutcome> {
  const deps = world.deps();
  const { complete } = deps.finance;
  let refused = 0;
  let squeezed = false;
  const failing: typeof complete = async (call) => {
    if (!fails(call.request) || call.operation === 'compaction') return complete(call);
    refused += 1;
    const requestId = `refused-${refused}`;
    await call.opened({
      requestId,
      provider: 'scripted',
      model: 'm',
      operation: call.operation,
      reserved: 1,
    });
    await call.failed({ requestId, kind, detail: 'no' });
    if (refused > 9) throw new Error('it is asked for for ever');
    if (ends !== undefined) return ends;
    return kind === 'context' ? { kind, detail: 'no' } : { kind: 'refused', detail: 'no', squeezed };
  };
  const lease = world.lease();
  const finance = {
    ...deps.finance,
    complete: failing,
    async squeezed() {
      squeezed = true;
    },
  };
  return runTurn({ ...deps, finance }, world.memory(), world.writer(lease), new AbortController().signal);
}
