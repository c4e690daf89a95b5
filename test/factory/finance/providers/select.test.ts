import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Candidate,
  calculateProviderScore,
  candidate,
  chooseProvider,
  isViable,
  selectProvider,
} from '../../../../src/factory/finance/providers/select.ts';
import { at, NOW, provider } from '../fixtures.ts';

const ago = (ms: number) => new Date(NOW.getTime() - ms);
const HOUR = 3_600_000;
const score = (each: Candidate, tokens = 0) => calculateProviderScore(each.current, tokens, NOW);
const choose = (candidates: Candidate[], over: Partial<Parameters<typeof chooseProvider>[0]> = {}) =>
  chooseProvider({ candidates, requiredTokens: 1_000, now: NOW, exclude: new Set(), ...over })?.provider.id;

describe('the score of the specification', () => {
  const plain = provider('a', { creditsAvailable: 2, rateLimit: { tokensPerMinute: 9_000 }, priority: 3 });

  test('is the sum of its terms', () => {
    // (10 - 3) * 10 + 2 * 10 + (9000 - 1000) / 1000 - 0 + 0
    expect(score(at(plain), 1_000)).toBeCloseTo(70 + 20 + 8);
  });

  test('takes off 15 for each failure', () => {
    const failing = at(plain, { health: { consecutiveFailures: 2 } });
    expect(score(failing)).toBeCloseTo(score(at(plain)) - 30);
  });

  test('adds up to 10 for a recent success, nothing after ten hours', () => {
    const success = (ms: number) =>
      score(at(plain, { health: { consecutiveFailures: 0, lastSuccessAt: ago(ms) } })) - score(at(plain));
    expect([success(0), success(4 * HOUR), success(30 * HOUR)]).toEqual([10, 6, 0]);
  });

  test('counts no more than 50 for credits and 20 for headroom', () => {
    const rich = provider('a', { creditsAvailable: 1e6, rateLimit: { tokensPerMinute: 1e9 }, priority: 10 });
    expect(score(at(rich))).toBe(70);
    expect(score(at(provider('a', { priority: 10 })))).toBe(70);
  });

  test('counts what is left of credits and of this minute, not what was configured', () => {
    const used = at(plain, { spentUsd: 0.5, reservedUsd: 0.5, tokensThisMinute: 5_000 });
    expect(score(used)).toBeCloseTo(70 + 10 + 4);
  });

  test('a success in the future (a clock set back) counts as one just now', () => {
    const future = at(plain, { health: { consecutiveFailures: 0, lastSuccessAt: ago(-HOUR) } });
    expect(score(future) - score(at(plain))).toBe(10);
  });
});

const out = () => provider('a', { consecutiveFailures: 3 });

describe('of the candidates for a call', () => {
  const candidates: [string, Candidate, boolean][] = [
    ['an unlimited provider', at(provider('a')), true],
    ['a disabled one', at(provider('a', { enabled: false })), false],
    ['one whose credits are spent', at(provider('a', { creditsAvailable: 1 }), { spentUsd: 1 }), false],
    ['one whose credits are held', at(provider('a', { creditsAvailable: 1 }), { reservedUsd: 1 }), false],
    ['a free one without credits', at(provider('a', { creditsAvailable: 0, free: true })), true],
    ['one with two failures', at(provider('a'), { health: { consecutiveFailures: 2 } }), true],
    ['one with three failures', at(out(), { health: { consecutiveFailures: 3 } }), false],
    ['an exhausted one', at(out(), { health: { consecutiveFailures: 0, exhaustedAt: NOW } }), false],
    [
      'one that its owner cleared in the file',
      at(provider('a'), { health: { consecutiveFailures: 9, exhaustedAt: NOW } }),
      true,
    ],
    [
      'one with failures in the file alone',
      candidate(provider('a', { consecutiveFailures: 3 }), undefined),
      false,
    ],
    [
      'one recovered since',
      at(provider('a', { consecutiveFailures: 3 }), { health: { consecutiveFailures: 0 } }),
      true,
    ],
  ];
  test.each(candidates.filter(([, , expected]) => expected))('%s is viable', (_name, each) => {
    expect(isViable(each)).toBe(true);
  });
  test.each(candidates.filter(([, , expected]) => !expected))('%s is not viable', (_name, each) => {
    expect(isViable(each)).toBe(false);
  });

  test('the selected provider is always viable, and none viable scores higher', () => {
    const any = fc.record({
      priority: fc.integer({ min: 0, max: 20 }),
      enabled: fc.boolean(),
      creditsAvailable: fc.option(fc.double({ min: 0, max: 10, noNaN: true }), { nil: undefined }),
      consecutiveFailures: fc.integer({ min: 0, max: 5 }),
    });
    fc.assert(
      fc.property(fc.array(any), fc.integer({ min: 0, max: 1e6 }), (configs, tokens) => {
        const all = configs.map(({ creditsAvailable, ...rest }, index) =>
          at(
            provider(`p${index}`, {
              ...rest,
              ...(creditsAvailable === undefined ? {} : { creditsAvailable }),
            }),
          ),
        );
        const viable = all.filter(isViable);
        const selected = selectProvider(all, tokens, NOW);
        if (selected === null) return viable.length === 0;
        return (
          viable.includes(selected) && viable.every((each) => score(each, tokens) <= score(selected, tokens))
        );
      }),
    );
  });
});

describe('the choice for a call', () => {
  const first = at(provider('first', { priority: 1 }));
  const second = at(provider('second', { priority: 2 }));

  test('is the best at the start of a project', () => {
    expect(choose([second, first])).toBe('first');
  });

  test('leaves out what was tried already', () => {
    expect(choose([first, second], { exclude: new Set(['first']) })).toBe('second');
    expect(choose([first], { exclude: new Set(['first']) })).toBeUndefined();
  });

  test('stays with the current provider while an equal one scores a little more', () => {
    const fresh = at(provider('fresh', { priority: 1 }), {
      health: { consecutiveFailures: 0, lastSuccessAt: NOW },
    });
    expect(choose([first, fresh], { currentId: 'first' })).toBe('first');
  });

  test('leaves a provider that asked to be left alone, and comes back after that', () => {
    const blocked = (ms: number) =>
      at(provider('first', { priority: 1 }), {
        health: { consecutiveFailures: 0, blockedUntil: new Date(NOW.getTime() + ms) },
      });
    expect(choose([blocked(1_000), second], { currentId: 'first' })).toBe('second');
    expect(choose([blocked(-1), second], { currentId: 'first' })).toBe('first');
  });

  test('goes back to a preferred provider only when that is proved healthy', () => {
    const preferred = (lastSuccessAt: Date) =>
      at(provider('first', { priority: 1 }), {
        health: { consecutiveFailures: 0, lastFailureAt: ago(HOUR), lastSuccessAt },
      });
    const currentId = 'second';
    expect(choose([preferred(ago(2 * HOUR)), second], { currentId })).toBe('second');
    expect(choose([preferred(ago(1)), second], { currentId })).toBe('first');
  });

  test('does not go back in the minute after a switch', () => {
    const soon = { currentId: 'second', switchedAt: ago(30_000) };
    expect(choose([first, second], soon)).toBe('second');
    expect(choose([first, second], { ...soon, switchedAt: ago(61_000) })).toBe('first');
  });

  test('A165 order-undone: stays where its owner moved it until a probe of the preferred one succeeds, whatever that does for others', () => {
    const moved = { currentId: 'second', switchedAt: ago(2 * HOUR), orderedAt: ago(2 * HOUR) };
    const preferred = (health: { lastSuccessAt: Date; probedAt?: Date }) =>
      at(provider('first', { priority: 1 }), { health: { consecutiveFailures: 0, ...health } });
    const asked = [
      first,
      preferred({ lastSuccessAt: NOW }),
      preferred({ lastSuccessAt: NOW, probedAt: ago(3 * HOUR) }),
      preferred({ lastSuccessAt: ago(HOUR), probedAt: ago(HOUR) }),
    ];
    expect(asked.map((each) => choose([each, second], moved))).toEqual([
      'second',
      'second',
      'second',
      'first',
    ]);
  });

  test('A140 goes back also when the switch was put down before the clock was set back', () => {
    const moved = { currentId: 'second', switchedAt: ago(-HOUR) };
    expect(choose([first, second], moved)).toBe('first');
    expect(choose([first, second], { ...moved, orderedAt: ago(-HOUR) })).toBe('first');
  });

  test('a judge is of another vendor, else of another model, else the author itself', () => {
    const author = at(provider('author'));
    const sibling = at(provider('sibling', { model: 'other' }));
    const other = at(provider('other', { name: 'anthropic', priority: 9 }));
    const avoid = { avoidProvider: 'author', currentId: 'author' };
    expect(choose([author, sibling, other], avoid)).toBe('other');
    expect(choose([author, sibling], avoid)).toBe('sibling');
    expect(choose([author], avoid)).toBe('author');
  });

  test('the same language at another endpoint is another vendor', () => {
    const author = at(provider('author'));
    const router = at(provider('router', { baseUrl: 'https://router.example/v1', priority: 9 }));
    const sibling = at(provider('sibling'));
    expect(choose([author, sibling, router], { avoidProvider: 'author' })).toBe('router');
  });
});
