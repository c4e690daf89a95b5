import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  affordableOutput,
  estimateInput,
  LEAST_OUTPUT,
  quarterOfBytes,
  quote,
} from '../../../../src/factory/finance/calls/estimate.ts';
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
