import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  affordableOutput,
  believed,
  estimateInput,
  LEAST_OUTPUT,
  quarterOfBytes,
  quote,
  withCharge,
} from '../../../../src/factory/finance/calls/estimate.ts';
import type { Usage } from '../../../../src/factory/model/money/finance.ts';
import type { PriceOf } from '../../../../src/factory/ports.ts';
import { ownPrices, provider } from '../fixtures.ts';

const priced = provider('a', { prices: { input: 2, output: 10, cacheWrite: 2.5 } });

describe('the estimate of an input', () => {
  test('counts system, tools, texts, calls and results, on the high side', () => {
    const long = 'x'.repeat(4_000);
    const tokens = estimateInput(
      {
        system: long,
        tools: [{ name: 't', description: long, parameters: {} }],
        messages: [
          { role: 'user', text: long },
          { role: 'assistant', parts: [{ type: 'tool_call', id: '1', name: 't', arguments: long }] },
          { role: 'tool', callId: '1', name: 't', output: long, isError: false },
        ],
      },
      quarterOfBytes,
    );
    expect(tokens).toBeGreaterThan(5_000);
    expect(tokens).toBeLessThan(6_000);
  });

  test('counts other scripts by their bytes', () => {
    expect(quarterOfBytes('日本語日本語')).toBe(5);
  });
});

describe('a count that comes with an answer', () => {
  const counted = (usage: Partial<Usage>) => ({
    usage: { input: 0, cacheWrite: 0, cacheRead: 0, output: 0, ...usage },
  });

  test.each([
    ['as estimated', counted({ input: 40_000, output: 500 })],
    ['by another tokenizer', counted({ input: 150_000, output: 500 })],
    ['from a cache', counted({ input: 10, cacheWrite: 1_000, cacheRead: 39_000, output: 1 })],
    ['with words of the gateway', counted({ input: 130_000, output: 900 })],
    ['with thoughts beyond the limit', counted({ input: 40_000, output: 64_000 })],
    ['that is missing', {}],
  ])('is believed %s', (_, answer) => {
    expect(believed(answer, 40_000, 1_000)).toEqual(answer);
  });

  test('A184 that cannot be true of the request is none: estimate and limit are booked in its place', () => {
    const slip = counted({ input: 10_000_000, output: 700 });
    expect(believed(slip, 40_000, 1_000)).toEqual(counted({ input: 40_000, output: 700 }));
    const cached = counted({ input: 5, cacheRead: 10_000_000, output: 700 });
    expect(believed(cached, 40_000, 1_000)).toEqual(counted({ input: 40_000, output: 700 }));
    const spoken = counted({ input: 38_000, output: 10_000_000 });
    expect(believed(spoken, 40_000, 1_000)).toEqual(counted({ input: 38_000, output: 1_000 }));
  });
});

test('of list price and charge the larger is booked, unless no model could cost that', () => {
  const usage = { input: 60_000, cacheWrite: 0, cacheRead: 0, output: 2_000 };
  expect(withCharge(0.014, 0.189, usage)).toBe(0.189);
  expect(withCharge(0.014, 0.002, usage)).toBe(0.014);
  expect(withCharge(0.014, undefined, usage)).toBe(0.014);
  expect(withCharge(0.014, 62_000, usage)).toBe(0.014);
});

describe('the quote of a call', () => {
  test('is the input at the dearer of fresh and cached, and the whole output', () => {
    expect(quote(priced, 1_000_000, 1_000, ownPrices)).toMatchObject({
      usd: 2.5 + 0.01,
      minimumUsd: 2.5 + 0.00256,
      tokens: 1_001_000,
    });
  });

  test('a model without a known price has none', () => {
    expect(quote(provider('a'), 10, 1_000, ownPrices)).toEqual({ problem: 'price' });
  });

  test('an input that leaves no room for an answer is too long, one that leaves some shortens it', () => {
    const small = provider('a', { prices: { input: 1, output: 1 }, contextTokens: 1_000 });
    expect(quote(small, 900, 500, ownPrices)).toMatchObject({ problem: 'context' });
    expect(quote(small, 700, 500, ownPrices)).toMatchObject({ maxOutputTokens: 300 });
  });

  test('a probe of 16 tokens is quoted although that is below the least of a real call', () => {
    expect(quote(priced, 10, 16, ownPrices)).toMatchObject({ maxOutputTokens: 16 });
  });
});

describe('the output that money buys', () => {
  test('is the most that fits, whatever the amount', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (input, share) => {
          const quoted = quote(priced, input, 8_192, ownPrices);
          if ('problem' in quoted) return false;
          const granted = quoted.minimumUsd + (quoted.usd - quoted.minimumUsd) * share;
          const output = affordableOutput(priced, input, quoted, granted, ownPrices);
          const cost = (tokens: number) => (input * 2.5 + tokens * 10) / 1e6;
          const fits = cost(output) <= granted + 1e-9;
          return fits && output >= LEAST_OUTPUT && (output === 8_192 || cost(output + 1) > granted - 1e-9);
        },
      ),
    );
  });

  test('is found where prices rise in steps', () => {
    const steps: PriceOf = (_provider, used) => (used.output > 1_000 ? used.output * 2 : used.output) / 1e6;
    const quoted = quote(priced, 0, 4_000, steps);
    if ('problem' in quoted) throw new Error(quoted.problem);
    expect(affordableOutput(priced, 0, quoted, 0.0015, steps)).toBe(1_000);
  });
});
