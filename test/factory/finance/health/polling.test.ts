import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  needsProbe,
  nextProbeAt,
  pauseAfterPaid,
  probeSchedule,
  wakeUps,
} from '../../../../src/factory/finance/health/polling.ts';
import type { Candidate } from '../../../../src/factory/finance/providers/select.ts';
import type { ProviderHealth } from '../../../../src/factory/ports.ts';
import { at, NOW, provider } from '../fixtures.ts';

const INTERVAL = 300_000;
const later = (ms: number) => new Date(NOW.getTime() + ms);
const sick = (health: Partial<ProviderHealth>, over: Parameters<typeof provider>[1] = {}): Candidate =>
  at(provider('a', { consecutiveFailures: 3, ...over }), { health: { consecutiveFailures: 0, ...health } });
const inMs = (each: Candidate) => {
  const next = nextProbeAt(each, INTERVAL, NOW);
  return next === null ? null : next.getTime() - NOW.getTime();
};

describe('probes', () => {
  test.each<[string, Candidate, boolean]>([
    ['out of money', sick({ exhaustedAt: NOW, lastFailureAt: NOW }), true],
    ['failing', sick({ consecutiveFailures: 3, lastFailureAt: NOW }), true],
    ['left after a refusal', sick({ lastFailureAt: NOW, lastSuccessAt: later(-1) }), true],
    ['healthy', sick({ lastSuccessAt: NOW }), false],
    ['never used', at(provider('a')), false],
    ['switched off', sick({ exhaustedAt: NOW }, { enabled: false }), false],
    ['without credits by our own books', sick({ consecutiveFailures: 3 }, { creditsAvailable: 0 }), false],
  ])('a provider that is %s: needed or not', (_name, each, expected) => {
    expect(needsProbe(each)).toBe(expected);
  });

  test('money is asked for at every interval, or soon after the moment that was named', () => {
    const out = { exhaustedAt: NOW, lastFailureAt: NOW };
    expect(inMs(sick(out))).toBe(INTERVAL);
    expect(inMs(sick({ ...out, exhaustedUntil: later(60_000) }))).toBe(90_000);
  });

  test('a moment that is days away does not keep it from being looked at within the hour', () => {
    const out = { exhaustedAt: NOW, lastFailureAt: NOW, exhaustedUntil: later(30 * 86_400_000) };
    expect(inMs(sick(out))).toBe(12 * INTERVAL);
  });

  test('a named moment that has passed without money is not asked for without end', () => {
    const out = { exhaustedAt: later(-900_000), lastFailureAt: NOW, exhaustedUntil: later(-600_000) };
    expect(inMs(sick(out))).toBe(INTERVAL);
  });

  test('an outage is looked at after 15 s, then ever later, at most at the interval', () => {
    const pauses = [3, 4, 5, 30].map((consecutiveFailures) =>
      inMs(sick({ consecutiveFailures, lastFailureAt: NOW })),
    );
    expect(pauses).toEqual([15_000, 30_000, 60_000, INTERVAL]);
  });

  test('one that fails and was perhaps billed is followed by ever later ones, at most an hour later', () => {
    const pauses = [1, 3, 5, 9, 30].map((failures) => pauseAfterPaid(failures, INTERVAL));
    expect(pauses).toEqual([15_000, 15_000, 60_000, 960_000, 3_600_000]);
    expect(pauseAfterPaid(30, 2 * 3_600_000)).toBe(2 * 3_600_000);
  });

  test('a provider that only limits requests is looked at once in an interval: each look is paid', () => {
    expect(inMs(sick({ lastFailureAt: NOW, lastSuccessAt: later(-1) }))).toBe(INTERVAL);
  });

  test('a provider that asked to be left alone is', () => {
    expect(inMs(sick({ consecutiveFailures: 3, lastFailureAt: NOW, blockedUntil: later(99_000) }))).toBe(
      99_000,
    );
  });

  test('a failure of the future (a clock set back) is looked after as one just now', () => {
    const back = later(10_800_000);
    expect(inMs(sick({ consecutiveFailures: 3, lastFailureAt: back }))).toBe(15_000);
    expect(inMs(sick({ exhaustedAt: back, lastFailureAt: back }))).toBe(INTERVAL);
  });

  test('the schedule names each provider that needs one, the most urgent first', () => {
    const all = [
      at(provider('money', { exhaustedAt: NOW }), {
        health: { consecutiveFailures: 0, exhaustedAt: NOW, lastFailureAt: NOW },
      }),
      at(provider('fine')),
      at(provider('due', { consecutiveFailures: 3 }), {
        health: { consecutiveFailures: 3, lastFailureAt: later(-60_000) },
      }),
    ];
    expect(probeSchedule(all, INTERVAL, NOW)).toEqual([
      { providerId: 'due', delay: 0 },
      { providerId: 'money', delay: INTERVAL },
    ]);
  });
});

describe('wake-ups', () => {
  const answered = (ms: number) => sick({ lastSuccessAt: later(ms) });
  const waiter = (projectId: string, since: number, until?: number, ready = [answered(-10_000)]) => ({
    projectId,
    since: later(since),
    ready,
    ...(until === undefined ? {} : { until: later(until) }),
  });

  test('only those that began to wait before a provider answered, and those whose moment has passed', () => {
    const all = [waiter('before', -20_000), waiter('after', -5_000), waiter('told', -5_000, -1_000)];
    expect(wakeUps(all, NOW).map(({ projectId }) => projectId)).toEqual(['before', 'told']);
  });

  test('those that began to wait in the future: the clock was set back, and nothing would be news for as long', () => {
    const all = [waiter('skewed', 30_000, 40_000), waiter('back', 3_600_000, 3_660_000)];
    expect(wakeUps(all, NOW).map(({ projectId }) => projectId)).toEqual(['back']);
  });

  test('none while no provider could take a call', () => {
    expect(wakeUps([waiter('a', -20_000, -1, [])], NOW)).toEqual([]);
  });

  test('are spread: never more than 30 of a hundred in one second, a thousand within 5 s, longest waiting first', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), (count) => {
        const all = Array.from({ length: count }, (_, index) =>
          waiter(`${index}`, -20_000 - index, undefined, [answered(0)]),
        );
        const woken = wakeUps(all, NOW);
        const last = woken.at(-1)?.delay ?? 0;
        const inSecond = woken.filter(({ delay }) => delay < 1_000).length;
        return (
          woken.length === count &&
          woken[0]?.projectId === `${count - 1}` &&
          last < 5_000 &&
          (count > 100 || inSecond <= 30)
        );
      }),
      { numRuns: 40 },
    );
  });
});
