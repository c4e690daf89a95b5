import { describe, expect, test } from 'vitest';
import { untold } from '../../../../src/factory/agent/turn/retold.ts';
import { runTurn } from '../../../../src/factory/agent/turn/turn.ts';
import type { TurnDeps } from '../../../../src/factory/agent/turn/turn-types.ts';
import type { FactoryEvent } from '../../../../src/factory/model/event.ts';
import type { RequestRoute } from '../../../../src/factory/model/journal.ts';
import type { PaidCall } from '../../../../src/factory/ports.ts';
import { createWorld, type World } from '../support.ts';

const ESCALATED = { escalation: { to: 'large' as const, why: 'It was red twice.' } };
const FALLEN: RequestRoute = { tier: 'medium', wanted: 'small', instead: 'medium' };

/** An agent that works on and on; of each call what the finance manager was told, and sends it where the test says. */
function createAgent(limits: Partial<TurnDeps['limits']> = {}) {
  let turns = 0;
  const world: World = createWorld({
    limits,
    model(_messages, { operation }) {
      if (operation === 'compaction') return { text: 'THE SUMMARY' };
      turns += 1;
      return { text: 'x'.repeat(2_000), calls: [['bash', { command: `c${turns}` }]] };
    },
  });
  const calls: PaidCall[] = [];
  return {
    world,
    calls,
    chats: () => calls.filter(({ operation }) => operation === 'chat'),
    async turn(over: Partial<TurnDeps> = {}, route: RequestRoute = {}) {
      const deps = world.deps();
      const complete = (call: PaidCall) => {
        calls.push(call);
        return deps.finance.complete({ ...call, opened: (record) => call.opened({ ...record, ...route }) });
      };
      const lease = world.lease();
      const with_ = { ...deps, ...over, finance: { ...deps.finance, complete } };
      return runTurn(with_, world.memory(), world.writer(lease), new AbortController().signal);
    },
    requests: () => world.entries.filter((entry) => entry.type === 'request'),
  };
}

describe('a tier that took the place of another', () => {
  test('is stayed with by the turns that follow, and not after the conversation was made smaller', async () => {
    const agent = createAgent({ contextTokens: 6_000, replyTokens: 500 });
    await agent.turn({}, FALLEN);
    while (!agent.calls.some(({ operation }) => operation === 'compaction')) await agent.turn({}, FALLEN);
    await agent.turn();
    const held = agent.chats().map((call) => call.held);
    const compacted = agent.calls.findIndex(({ operation }) => operation === 'compaction');
    expect(held[0]).toBeUndefined();
    for (const each of held.slice(1, compacted)) expect(each).toEqual({ wanted: 'small', instead: 'medium' });
    // The call in which the summary has just taken the place of the rest asks for the tier anew.
    expect(held[compacted]).toBeUndefined();
  });

  test('is let go as soon as a turn was answered by the one that was wanted', async () => {
    const agent = createAgent();
    await agent.turn({}, FALLEN);
    await agent.turn({}, { tier: 'small' });
    await agent.turn();
    expect(agent.chats().map(({ held }) => held?.instead)).toEqual([undefined, 'medium', undefined]);
  });
});

describe('an escalation', () => {
  test('stands in the journal with each turn and is told once, when it begins', async () => {
    const agent = createAgent();
    await agent.turn();
    await agent.turn(ESCALATED, { tier: 'large' });
    await agent.turn(ESCALATED, { tier: 'large' });
    await agent.turn();
    await agent.turn(ESCALATED, { tier: 'large' });
    expect(agent.chats().map(({ escalatedTo }) => escalatedTo)).toEqual([
      ...[undefined, 'large', 'large', undefined, 'large'],
    ]);
    expect(agent.requests().map((entry) => ('escalated' in entry ? entry.escalated : undefined))).toEqual([
      ...[undefined, 'It was red twice.', 'It was red twice.', undefined, 'It was red twice.'],
    ]);
    const told = agent.world.events.flatMap((event) => (event.type === 'escalated' ? [event.tier] : []));
    expect(told).toEqual(['large', 'large']);
  });

  test('that a killed worker did not tell is told from the journal, once', async () => {
    const agent = createAgent();
    for (const over of [{}, ESCALATED, ESCALATED]) await agent.turn(over, { tier: 'large' });
    const where = { projectId: '00000000-0000-4000-8000-000000000001', persona: 'engineer' };
    const all = untold(where, agent.world.entries, () => true, []);
    const escalated = all.filter(({ type }) => type === 'agent.escalated');
    expect(escalated).toMatchObject([{ step: 2, message: 'It was red twice.', data: { tier: 'large' } }]);
    expect(untold(where, agent.world.entries, () => true, all as FactoryEvent[])).toEqual([]);
  });
});

test('the effort of the persona goes with its turns and its summaries', async () => {
  const agent = createAgent({ contextTokens: 6_000, replyTokens: 500 });
  while (!agent.calls.some(({ operation }) => operation === 'compaction'))
    await agent.turn({ effort: 'low' });
  expect(new Set(agent.calls.map(({ request }) => request.effort))).toEqual(new Set(['low']));
});
