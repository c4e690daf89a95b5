import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  PATIENCE_MS,
  pauseBefore,
  RECOVERY,
  switchReasonOf,
} from '../../../../src/factory/finance/calls/recovery.ts';
import type { ModelFailure, ModelFailureKind } from '../../../../src/factory/ports.ts';
import { NOW } from '../fixtures.ts';

const failure = (kind: ModelFailureKind, over: Partial<ModelFailure> = {}): ModelFailure => ({
  ok: false,
  kind,
  message: 'no',
  perhapsBilled: false,
  ...over,
});

describe('the pause before another try', () => {
  test('A19 provider-5xx-flap: doubles for an outage, half of it by chance, and gives up after three tries', () => {
    const pause = (attempt: number, chance: number) =>
      pauseBefore(failure('outage'), attempt, 0, chance, NOW);
    expect([pause(1, 0), pause(1, 1), pause(2, 0), pause(2, 1), pause(3, 0)]).toEqual([
      500,
      1_000,
      1_000,
      2_000,
      null,
    ]);
  });

  test('A18 provider-429: is what the provider asks for while that is short, and parks the step otherwise', () => {
    const pause = (retryAfterMs?: number) =>
      pauseBefore(failure('rate', retryAfterMs === undefined ? {} : { retryAfterMs }), 1, 0, 0, NOW);
    expect(pause(2_000)).toBe(2_025);
    expect(pause(30_000)).toBeNull();
    expect(pause()).toBeNull();
  });

  test('never lets one call wait longer than its patience, whatever the failures', () => {
    const kinds = Object.keys(RECOVERY) as ModelFailureKind[];
    const any = fc.record({
      kind: fc.constantFrom(...kinds),
      retryAfterMs: fc.integer({ min: -1e9, max: 1e12 }),
      chance: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(any), (failures) => {
        let waited = 0;
        for (const [index, { kind, retryAfterMs, chance }] of failures.entries()) {
          waited += pauseBefore(failure(kind, { retryAfterMs }), index + 1, waited, chance, NOW) ?? 0;
        }
        return waited <= PATIENCE_MS + 25;
      }),
    );
  });

  test('a refused key, empty credit and a request that is too long are not tried again', () => {
    for (const kind of ['key', 'money', 'context', 'request', 'aborted'] as const) {
      expect(pauseBefore(failure(kind), 1, 0, 0, NOW)).toBeNull();
    }
  });
});

test.each<[ModelFailure, string]>([
  [failure('rate'), 'rate_limit'],
  [failure('money'), 'credits_exhausted'],
  [failure('outage'), 'api_error'],
  [failure('outage', { code: 'timeout' }), 'timeout'],
  [failure('key'), 'api_error'],
])('a switch after %o is recorded as %s', (each, reason) => {
  expect(switchReasonOf(each)).toBe(reason);
});
