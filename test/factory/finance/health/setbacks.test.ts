import { describe, expect, test } from 'vitest';
import {
  afterCall,
  isGivenUp,
  type Met,
  triedAgainAt,
} from '../../../../src/factory/finance/health/setbacks.ts';
import type { Setback } from '../../../../src/factory/model/money/finance.ts';
import type { ModelFailure } from '../../../../src/factory/ports.ts';

const START = Date.parse('2026-11-29T20:00:00Z');
const MINUTE = 60_000;
const inMinutes = (minutes: number) => new Date(START + minutes * MINUTE);

function failed(kind: ModelFailure['kind'], answeredAt?: Date, over: Partial<ModelFailure> = {}): Met {
  const failure: ModelFailure = {
    ok: false,
    kind,
    message: 'no',
    perhapsBilled: false,
    status: 400,
    ...over,
  };
  return { provider: 'a', failure, failures: 1, cost: 0, ...(answeredAt ? { answeredAt } : {}) };
}

/** A failure of this kind every so many minutes; a probe is answered half a minute before each. */
function night(
  kind: ModelFailure['kind'],
  every: number,
  rounds: number,
  probes: boolean,
  over: Partial<ModelFailure> = {},
): Setback[] {
  let setbacks: Setback[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const answered = probes && round > 0 ? inMinutes(round * every - 0.5) : undefined;
    setbacks = afterCall(setbacks, [failed(kind, answered, over)], undefined, inMinutes(round * every));
  }
  return setbacks;
}

const givenUp = (...asked: Parameters<typeof night>) => {
  const [, every, rounds] = asked;
  return night(...asked).some((each) => isGivenUp(each, inMinutes((rounds - 1) * every)));
};

describe('A90 endless-flap: what a provider says to everybody', () => {
  test.each(['money', 'config', 'rate'] as const)(
    'is waited for all night where nobody is answered: %s',
    (kind) => expect(givenUp(kind, 5, 144, false)).toBe(false),
  );

  test.each(['money', 'config'] as const)(
    'is of the call where probes are answered in between: %s',
    (kind) => {
      expect(givenUp(kind, 5, 3, true)).toBe(false);
      expect(givenUp(kind, 5, 4, true)).toBe(true);
    },
  );

  test('a limit of requests that lets others through is waited for an hour, and not for ever', () => {
    expect(givenUp('rate', 1, 60, true)).toBe(false);
    expect(givenUp('rate', 1, 64, true)).toBe(true);
  });

  test.each([
    ['outage', 529],
    ['outage', 502],
    ['rate', 429],
  ] as const)(
    'is of the call where it is paid for, also where it says that it is busy: %s %s',
    (kind, status) => {
      expect(givenUp(kind, 5, 12, true, { status })).toBe(false);
      expect(givenUp(kind, 5, 4, true, { status, perhapsBilled: true })).toBe(true);
    },
  );

  test('a key that is refused is no setback: the provider is switched off', () => {
    expect(night('key', 5, 3, true)).toEqual([]);
  });
});

test('A140 a provider that was given up while the clock was ahead is asked again once it is set back', () => {
  const setbacks = night('malformed', 5, 4, false);
  const isOut = (now: Date) => setbacks.some((each) => isGivenUp(each, now));
  expect(isOut(inMinutes(15))).toBe(true);
  expect(isOut(inMinutes(-60))).toBe(false);
});

describe('A90 endless-flap: a provider that was given up for a project', () => {
  const given = (over: Partial<Setback>): Setback => ({
    ...{ provider: 'a', kind: 'outage', detail: 'no', since: inMinutes(0), at: inMinutes(4) },
    ...{ rounds: 3, failures: 9, cost: 0, squeezed: true, ...over },
  });

  test.each(['outage', 'config', 'money', 'rate'] as const)(
    'is tried again an hour later all night, where it failed and that costs nothing: %s',
    (kind) => {
      for (const rounds of [2, 3, 50]) {
        const each = given({ kind, rounds });
        expect(triedAgainAt(each)).toEqual(inMinutes(64));
        expect(isGivenUp(each, inMinutes(63))).toBe(true);
        expect(isGivenUp(each, inMinutes(64))).toBe(false);
      }
    },
  );

  test('is tried again a few times where that is paid, and then no more', () => {
    const again = [2, 3, 4, 5, 6, 7].map((rounds) => triedAgainAt(given({ rounds, cost: 0.2 })));
    expect(again.map((moment) => moment !== undefined)).toEqual([true, true, true, true, false, false]);
  });

  test('is tried again an hour later where it answers what nobody knows, which is no refusal by name', () => {
    const unknown = { unknown: true, status: 423 };
    expect([1, 2, 3].map((rounds) => givenUp('request', 5, rounds, true, unknown))).toEqual([
      ...[false, false, true],
    ]);
    expect([1, 2].map((rounds) => givenUp('request', 5, rounds, true, { status: 400 }))).toEqual([
      true,
      true,
    ]);
    const each = given({ kind: 'request', unknown: true, rounds: 50 });
    expect(triedAgainAt(each)).toEqual(inMinutes(64));
    expect(triedAgainAt({ ...each, cost: 0.2 })).toBeUndefined();
    const known = afterCall([each], [failed('request')], undefined, inMinutes(64));
    expect(known.map(triedAgainAt)).toEqual([undefined]);
  });

  test.each(['malformed', 'request', 'refusal'] as const)(
    'is not tried again unasked where it refuses by name: %s',
    (kind) => expect(triedAgainAt(given({ kind }))).toBeUndefined(),
  );
});
