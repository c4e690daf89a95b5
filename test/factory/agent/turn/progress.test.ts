import { describe, expect, test } from 'vitest';
import {
  type CallRecord,
  judge,
  NO_TRAIL,
  strike,
  type Trail,
  walk,
  workMark,
} from '../../../../src/factory/agent/turn/progress.ts';
import { markOf } from '../../../../src/factory/tasks/proof/mark.ts';

const call = (name: string, output = 'out'): CallRecord => ({ name, arguments: '{}', output });
const turns = (...calls: CallRecord[]): Trail =>
  calls.reduce((trail, each) => walk(trail, { calls: [each] }), NO_TRAIL);
const IDLE = 100;

describe('repetition', () => {
  test.each([
    [3, 'go_on'],
    [4, 'warn'],
  ] as const)('the same call and result %i times: %s', (times, verdict) => {
    expect(judge(turns(...Array(times).fill(call('a'))), IDLE).verdict).toBe(verdict);
  });

  test('the same calls within one turn count too', () => {
    expect(judge(walk(NO_TRAIL, { calls: Array(4).fill(call('a')) }), IDLE).verdict).toBe('warn');
  });

  test('another result, or another call in between, is no repetition', () => {
    expect(judge(turns(call('a'), call('a'), call('a', 'new'), call('a')), IDLE).verdict).toBe('go_on');
    expect(judge(turns(call('a'), call('a'), call('b'), call('a'), call('a')), IDLE).verdict).toBe('go_on');
  });

  test.each([
    [5, 'go_on'],
    [6, 'warn'],
  ] as const)('a pair that alternates %i times: %s', (pairs, verdict) => {
    const calls = Array.from({ length: pairs }, () => [call('a'), call('b')]).flat();
    expect(judge(turns(...calls), IDLE).verdict).toBe(verdict);
  });

  test('the pair is seen from either end', () => {
    const calls = Array.from({ length: 13 }, (_, index) => call(index % 2 === 0 ? 'a' : 'b'));
    expect(judge(turns(...calls), IDLE).verdict).toBe('warn');
  });

  test('twelve calls of which one differs are no alternation', () => {
    const calls = Array.from({ length: 12 }, (_, index) =>
      call(index === 4 ? 'c' : index % 2 === 0 ? 'a' : 'b'),
    );
    expect(judge(turns(...calls), IDLE).verdict).toBe('go_on');
  });

  test('turns without calls repeat each other', () => {
    const silent = [1, 2, 3, 4].reduce<Trail>((trail) => walk(trail, { calls: [] }), NO_TRAIL);
    expect(judge(silent, IDLE)).toEqual({ verdict: 'warn', reason: '4 turns in a row called no tool' });
  });
});

describe('escalation', () => {
  test('after an objection the next needs new grounds, and is graver', () => {
    const four = (trail: Trail) =>
      Array(4)
        .fill(call('a'))
        .reduce((all, each) => walk(all, { calls: [each] }), trail);
    const warned = strike(four(NO_TRAIL), 'warned');
    expect(judge(warned, IDLE).verdict).toBe('go_on');
    const again = four(warned);
    expect(judge(again, IDLE).verdict).toBe('fresh');
    expect(judge(four(strike(again, 'fresh')), IDLE).verdict).toBe('block');
  });

  test('a change by a new kind of call forgives', () => {
    const warned = strike(turns(call('a'), call('a'), call('a'), call('a')), 'warned');
    expect(walk(warned, { calls: [call('b')], mark: 'new' }).strikes).toBe(0);
  });

  test('a loop that changes a file on every turn is a loop all the same', () => {
    let trail = NO_TRAIL;
    const verdicts: string[] = [];
    for (let turn = 0; turn < 12; turn += 1) {
      trail = walk(trail, { calls: [call('append')], mark: `tree ${turn}` });
      const { verdict } = judge(trail, IDLE);
      if (verdict === 'go_on') continue;
      verdicts.push(verdict);
      trail = strike(trail, verdict === 'warn' ? 'warned' : verdict === 'fresh' ? 'fresh' : 'blocked');
    }
    expect(verdicts).toEqual(['warn', 'fresh', 'block']);
  });

  test('a change to and fro is no progress', () => {
    let trail = walk(NO_TRAIL, { calls: [call('a')], mark: 'one' });
    trail = walk(trail, { calls: [call('b')], mark: 'two' });
    for (let turn = 0; turn < 5; turn += 1) {
      trail = walk(trail, { calls: [call(`${turn}`)], mark: turn % 2 === 0 ? 'one' : 'two' });
    }
    expect(trail.idle).toBe(5);
  });

  test('idle turns: N, 2 N and 3 N', () => {
    const idle = (n: number, strikes: number): Trail => ({ ...NO_TRAIL, idle: n, strikes });
    expect(judge(idle(19, 0), 20).verdict).toBe('go_on');
    expect(judge(idle(20, 0), 20).verdict).toBe('warn');
    expect(judge(idle(39, 1), 20).verdict).toBe('go_on');
    expect(judge(idle(40, 1), 20).verdict).toBe('fresh');
    expect(judge(idle(60, 2), 20).verdict).toBe('block');
  });

  test('after it was blocked the agent begins anew', () => {
    const blocked = strike({ ...turns(call('a')), idle: 60, strikes: 2 }, 'blocked');
    expect(blocked).toMatchObject({ idle: 0, strikes: 0, calls: [] });
  });

  test('what it remembers is bounded', () => {
    let trail = NO_TRAIL;
    for (let turn = 0; turn < 1_000; turn += 1)
      trail = walk(trail, { calls: [call(`${turn}`)], mark: `${turn}` });
    expect(trail.calls.length).toBeLessThanOrEqual(12);
    expect(trail.marks.length).toBeLessThanOrEqual(100);
  });
});

describe('plans without evidence', () => {
  /** Each turn plans something new: the mark changes, its evidence does not, and no two calls are alike. */
  const planning = (count: number, from = NO_TRAIL) =>
    Array.from({ length: count }, (_, index) => index).reduce<Trail>(
      (trail, index) =>
        walk(trail, { calls: [call('add_tasks', `${index}`)], mark: workMark('same', `plan ${index}`) }),
      from,
    );

  test('go on for a while and then block, whatever was planned', () => {
    expect(judge(planning(60), 10).verdict).toBe('go_on');
    expect(judge(planning(61), 10)).toMatchObject({
      verdict: 'block',
      reason: expect.stringContaining('no new evidence'),
    });
  });

  test('are counted on through a warning and a fresh context', () => {
    const fresh = strike(strike(planning(30), 'warned'), 'fresh');
    expect(judge(planning(31, fresh), 10).verdict).toBe('block');
  });

  test('begin anew with evidence, not with evidence that was there before', () => {
    const changed = walk(planning(60), { calls: [call('edit')], mark: workMark('other', 'x') });
    expect(judge(planning(50, changed), 10).verdict).not.toBe('block');
    const back = walk(changed, { calls: [call('edit', 'back')], mark: workMark('same', 'y') });
    expect(judge(planning(60, back), 10).verdict).toBe('block');
  });

  test('are looked at by title: the same tasks under new ids are no change', () => {
    const list = (...titles: string[]) => titles.map((title) => ({ title, status: 'pending' as const }));
    expect(markOf('tree', list('a', 'b'), undefined)).toBe(
      markOf('tree', list('b', 'a', 'A ', 'b'), undefined),
    );
    expect(markOf('tree', list('a'), undefined)).not.toBe(markOf('tree', list('a', 'b'), undefined));
  });
});
