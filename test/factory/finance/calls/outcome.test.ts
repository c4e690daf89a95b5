import { describe, expect, test } from 'vitest';
import { conclude, type Refusal } from '../../../../src/factory/finance/calls/outcome.ts';
import type { Candidate } from '../../../../src/factory/finance/providers/select.ts';
import type { ProviderLive } from '../../../../src/factory/ports.ts';
import { at, NOW, provider } from '../fixtures.ts';

const INTERVAL = 300_000;
/** The smallest call of a provider that is not free costs two cents. */
const USUAL = {
  ...{ now: NOW, pollingInterval: INTERVAL },
  leastUsd: ({ free }: { free: boolean }) => (free ? 0 : 0.02),
};
const later = (ms: number) => new Date(NOW.getTime() + ms);
const refusal = (over: Partial<Refusal>): Refusal => ({
  providerId: 'a',
  because: 'unusable',
  detail: 'because.',
  reason: 'api_error',
  ...over,
});
const end = (refusals: Refusal[], candidates = [at(provider('a'))]) =>
  conclude({ refusals, candidates, setbacks: [], ...USUAL });

describe('when no provider took the call', () => {
  test('it waits for the earliest moment at which one has room', () => {
    const waits = [60_000, 20_000].map((ms, index) =>
      refusal({ providerId: `${index}`, because: 'wait', until: later(ms), reason: 'rate_limit' }),
    );
    expect(end([...waits, refusal({ because: 'budget' })])).toMatchObject({
      kind: 'wait',
      for: 'rate',
      until: later(20_000),
    });
  });

  test('it waits a little for one that failed and is not excluded yet', () => {
    expect(end([refusal({ because: 'failed' })])).toMatchObject({ kind: 'wait', for: 'provider' });
  });

  test('one that failed three times leaves nothing but probes', () => {
    const out = at(provider('a', { consecutiveFailures: 3 }), { health: { consecutiveFailures: 3 } });
    expect(end([refusal({ because: 'failed' })], [out])).toMatchObject({
      kind: 'no_provider',
      until: later(INTERVAL),
    });
  });

  test('one that was not tried because it asked to be left alone is waited for', () => {
    const blocked = at(provider('b'), { health: { consecutiveFailures: 0, blockedUntil: later(9_000) } });
    expect(end([refusal({})], [at(provider('a')), blocked])).toMatchObject({
      kind: 'wait',
      for: 'rate',
      until: later(9_000),
    });
  });

  test('a shorter conversation is asked for before the owner is, and the owner before probes', () => {
    const all = (['unusable', 'budget', 'context'] as const).map((because, index) =>
      refusal({ providerId: `${index}`, because }),
    );
    expect(end(all).kind).toBe('context');
    expect(end(all.slice(0, 2)).kind).toBe('budget');
    expect(end(all.slice(0, 1)).kind).toBe('no_provider');
  });

  test('A21 credits-out: it says when the money comes back, where a provider named the moment', () => {
    const exhausted = at(provider('a', { exhaustedAt: NOW }), {
      health: { consecutiveFailures: 0, exhaustedAt: NOW, exhaustedUntil: later(60_000) },
    });
    expect(end([], [exhausted])).toMatchObject({ kind: 'no_provider', until: later(60_000) });
  });

  test('one that was given up says when it is tried again, the earliest of several; one that refuses says nothing', () => {
    const setback = (id: string, kind: 'outage' | 'request', at: Date) => ({
      ...{ provider: id, kind, detail: 'no', since: NOW, at, rounds: 3 },
      ...{ failures: 3, cost: 0, squeezed: true },
    });
    const given = (...setbacks: ReturnType<typeof setback>[]) =>
      conclude({
        refusals: setbacks.map((each) => refusal({ providerId: each.provider, because: 'refused' })),
        ...{ candidates: [], setbacks, ...USUAL },
      });
    const both = given(setback('a', 'outage', NOW), setback('b', 'outage', later(-60_000)));
    expect(both).toMatchObject({ kind: 'refused', squeezed: true, until: later(3_540_000) });
    expect(given(setback('a', 'request', NOW))).not.toHaveProperty('until');
  });

  test('an answer that nobody knows is waited out twice, with the conversation as it is, before that is made smaller', () => {
    const unknown = (rounds: number, squeezed: boolean) => ({
      ...{ provider: 'a', kind: 'request' as const, unknown: true, detail: 'no', since: NOW, at: NOW },
      ...{ rounds, failures: rounds, cost: 0, squeezed },
    });
    const ending = (...args: Parameters<typeof unknown>) =>
      conclude({
        refusals: [refusal({ because: 'refused' })],
        ...{ candidates: [at(provider('a'))], setbacks: [unknown(...args)], ...USUAL },
      });
    const wait = { kind: 'wait', for: 'provider', until: later(INTERVAL) };
    expect(ending(1, false)).toMatchObject(wait);
    expect(ending(2, false)).toMatchObject(wait);
    expect(ending(3, false)).toMatchObject({ kind: 'refused', squeezed: false });
    expect(ending(1, true)).toMatchObject(wait);
    expect(ending(2, true)).toMatchObject({ kind: 'refused', squeezed: true, until: later(3_600_000) });
  });

  test('a cap that no call fits is told as a refusal and looked at every hour; one that is spent counts before it', () => {
    const never = refusal({ providerId: 'a', because: 'budget', cap: true });
    const hour = { kind: 'refused', squeezed: true, detail: 'because.', until: later(3_600_000), cap: true };
    expect(end([never])).toEqual(hour);
    expect(end([never, refusal({ providerId: 'b', because: 'budget' })])).toMatchObject({ kind: 'budget' });
  });

  test('a cap that fits shorter calls alone makes the conversation smaller, and is looked at every hour where that does not help', () => {
    const otherwise = { kind: 'refused', detail: 'because.', until: later(3_600_000), cap: true };
    expect(end([refusal({ because: 'context', cap: true })])).toEqual({
      ...{ kind: 'context', detail: 'because.', otherwise },
    });
    expect(end([refusal({ because: 'context' })])).not.toHaveProperty('otherwise');
  });

  describe('beside one that is only away', () => {
    const lost = (over: Partial<ProviderLive['health']> = {}) =>
      at(provider('a', { consecutiveFailures: 3 }), {
        health: { consecutiveFailures: 3, lastFailureAt: NOW, ...over },
      });
    const recent = lost({ lastSuccessAt: later(-600_000) });
    const long = lost({ lastSuccessAt: later(-4_000_000) });
    const until = (exhaustedUntil?: Date) =>
      lost({
        ...{ consecutiveFailures: 0, exhaustedAt: NOW },
        ...(exhaustedUntil === undefined ? {} : { exhaustedUntil }),
      });
    const wait = { kind: 'wait', for: 'provider', until: later(INTERVAL) };
    const hour = { kind: 'refused', until: later(3_600_000) };
    const ending = (because: Refusal['because'], candidate: Candidate) =>
      end([refusal({ providerId: 'b', because })], [candidate, at(provider('b'))]);

    test.each([
      ['failing since a moment ago', recent, wait],
      ['out of money for the night', until(later(7_200_000)), wait],
      ['out of money until a moment ago', until(later(-60_000)), wait],
      ['failing for more than an hour', long, hour],
      ['out of money', until(), hour],
      ['out of money though it named a moment that is long over', until(later(-7_200_000)), hour],
    ])(
      'A183 what is too long for the others is made smaller, else waits for the one that is %s',
      (_, candidate, otherwise) => {
        expect(ending('context', candidate)).toMatchObject({ kind: 'context', otherwise });
      },
    );

    test.each([
      ['failing since a moment ago', recent, wait],
      ['out of money for the night', until(later(7_200_000)), wait],
      ['out of money until a moment ago', until(later(-60_000)), wait],
      ['failing for more than an hour', long, { kind: 'budget' }],
      ['out of money', until(), { kind: 'budget' }],
      [
        'out of money though it named a moment that is long over',
        until(later(-7_200_000)),
        { kind: 'budget' },
      ],
    ])(
      'A183 what is too dear for the budget at the others meets one that is %s',
      (_, candidate, expected) => {
        expect(ending('budget', candidate)).toMatchObject(expected);
      },
    );

    test.each([
      ['it pays for the smallest call of the one that is away', 0.02, false, wait],
      ['it pays for no call of the one that is away', 0.019, false, { kind: 'budget' }],
      ['more than all of it is spent', -0.1, false, { kind: 'budget' }],
      ['more than all of it is spent, and the one that is away is free', -0.1, true, wait],
    ])(
      "what is left of the project's own budget decides whether it waits: %s",
      (_, leftUsd, free, expected) => {
        const health = { consecutiveFailures: 3, lastFailureAt: NOW, lastSuccessAt: later(-600_000) };
        const away = at(provider('a', { consecutiveFailures: 3, free }), { health });
        const spent = refusal({ providerId: 'b', because: 'budget', leftUsd });
        expect(end([spent], [away, at(provider('b'))])).toMatchObject(expected);
      },
    );

    test('it is waited for as for others that cannot read it, where what they cannot pay is a cap over all projects', () => {
      const dear = refusal({ providerId: 'b', because: 'context', cap: true });
      const { otherwise } = Object(end([dear], [long, at(provider('b'))]));
      expect(otherwise).toEqual({ ...hour, detail: expect.any(String) });
    });

    test('nobody is waited for where nobody is away, or the one that is was given up', () => {
      expect(ending('context', at(provider('a')))).not.toHaveProperty('otherwise');
      const setback = {
        ...{ provider: 'a', kind: 'outage' as const, detail: 'no', since: NOW, at: NOW, rounds: 3 },
        ...{ failures: 3, cost: 0, squeezed: true },
      };
      const outcome = conclude({
        refusals: [refusal({}), refusal({ providerId: 'b', because: 'context' })],
        ...{ candidates: [recent, at(provider('b'))], setbacks: [setback], ...USUAL },
      });
      expect(outcome).not.toHaveProperty('otherwise');
    });
  });

  test('without any provider it says how to add one', () => {
    expect(end([], [])).toMatchObject({
      kind: 'no_provider',
      detail: expect.stringContaining('df provider add'),
    });
  });
});
