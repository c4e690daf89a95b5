import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cacheOutlook, NO_PAUSES, pauseOver } from '../../../../src/factory/agent/turn/pauses.ts';
import { cacheTime, cacheTimeFor, withLongWrites } from '../../../../src/factory/finance/calls/cache-time.ts';
import { quote } from '../../../../src/factory/finance/calls/estimate.ts';
import { providerConfig, tokensOf } from '../../../../src/factory/model/money/finance.ts';
import { priceOf } from '../../../../src/llm/prices.ts';

/** Anthropic's: a write costs a quarter more than input, one for an hour twice as much, a read a tenth. */
const PRICES = { write: 1.25, writeLong: 2, read: 0.1 };
const claude = (fields = {}) =>
  providerConfig.parse({ id: 'a', name: 'anthropic', model: 'claude-opus-4-6', apiKey: '', ...fields });
const MINUTE = 60_000;
const at = (minutes: number) => new Date(minutes * MINUTE).toISOString();

describe('the time for which a prompt is kept', () => {
  test.each([
    ['a long prompt that grows a little, one long pause in ten calls', 50_000, 2_000, 0.1, '1h'],
    ['a long prompt and no long pause', 50_000, 2_000, 0, '5m'],
    ['a short prompt that doubles', 4_000, 2_000, 0.1, '5m'],
    ['a prompt that is all new, with a pause that is not sure', 20_000, 20_000, 0.5, '5m'],
    ['a prompt that is all new, with a pause that is nearly sure', 20_000, 20_000, 0.9, '1h'],
  ] as const)('suits %s', (_what, prompt, fresh, longPause, expected) => {
    expect(cacheTime({ prompt, fresh, longPause }, PRICES)).toBe(expected);
  });

  test('is the cheaper time for every outlook, by the costs that are to be expected', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.nat(500_000), share, share, (prompt, part, longPause) => {
        const fresh = Math.round(prompt * part);
        const cost = (write: number, rewritten: number) =>
          fresh * write + (prompt - fresh) * PRICES.read + longPause * prompt * rewritten;
        const short = cost(PRICES.write, PRICES.write);
        const long = cost(PRICES.writeLong, PRICES.read);
        const chosen = cacheTime({ prompt, fresh, longPause }, PRICES) === '1h' ? long : short;
        expect(chosen).toBeLessThanOrEqual(Math.min(short, long) + 1e-6);
      }),
    );
  });

  test('is five minutes where the hour saves nothing: no discount for reads, no price, no cost, another vendor', () => {
    const outlook = { prompt: 50_000, fresh: 1_000, longPause: 0.3 };
    expect(cacheTimeFor(claude(), outlook, priceOf)).toBe('1h');
    expect(cacheTimeFor(claude({ prices: { input: 3, output: 15 } }), outlook, priceOf)).toBe('5m');
    expect(cacheTimeFor(claude(), outlook, () => null)).toBe('5m');
    expect(cacheTimeFor(claude(), outlook, () => 0)).toBe('5m');
    expect(cacheTimeFor(claude({ name: 'openai', model: 'gpt-5.1' }), outlook, priceOf)).toBe('5m');
    expect(cacheTimeFor(claude(), undefined, priceOf)).toBe('5m');
  });

  test('is set aside for at its own price, whichever way the input is billed', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(60_000), { minLength: 4, maxLength: 4 }), fc.boolean(), (parts, own) => {
        const [input = 0, cacheWrite = 0, cacheWriteLong = 0, cacheRead = 0] = parts;
        const provider = claude(
          own ? { prices: { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 } } : {},
        );
        const used = { input, cacheWrite, cacheWriteLong, cacheRead, output: 900 };
        const quoted = quote(provider, tokensOf(used) - 900, 900, withLongWrites(priceOf));
        expect('usd' in quoted && quoted.usd >= (priceOf(provider, used) ?? Number.NaN) - 1e-9).toBe(true);
      }),
    );
  });
});

describe('what is expected between two calls', () => {
  const pauses = (...minutes: number[]) => {
    let now = 0;
    let seen = NO_PAUSES;
    for (const pause of minutes) {
      seen = { ...seen, since: at(now) };
      now += pause;
      seen = pauseOver(seen, at(now));
    }
    return seen;
  };

  test('counts pauses that outlast the short time and not the long one', () => {
    expect(pauses(1, 5, 5.1, 59, 60, 600, 0)).toMatchObject({ calls: 7, long: 2 });
  });

  test.each([
    [7, 0.1],
    [2, 0],
    [90, 0],
    [undefined, 0],
  ])('a gate of %s minutes makes a long pause likely by %s after five short ones', (minutes, likely) => {
    const gateMs = minutes === undefined ? undefined : minutes * MINUTE;
    expect(cacheOutlook(pauses(1, 1, 1, 1, 1), 9_000, undefined, gateMs, new Date(0)).longPause).toBe(likely);
  });

  test.each([
    [4, 0, 1_000],
    [6, 0, 10_000],
    [6, 5_000, 1_000],
    [61, 5_000, 10_000],
  ])(
    'after %s minutes, with %s tokens kept for an hour, %s of ten thousand are new',
    (minutes, long, fresh) => {
      const usage = {
        input: 100,
        cacheWrite: 3_900,
        cacheWriteLong: long,
        cacheRead: 5_000 - long,
        output: 500,
      };
      const since = { calls: 1, long: 0, since: at(0) };
      const now = new Date(minutes * MINUTE);
      expect(cacheOutlook(since, 10_000, { usage }, undefined, now).fresh).toBe(fresh);
    },
  );
});
