import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromAnthropicUsage } from '../../../src/llm/wire/anthropic-stream.ts';
import { fromOpenaiUsage } from '../../../src/llm/wire/openai-stream.ts';

describe('usage', () => {
  test('of OpenAI has the cached part taken out of the input', () => {
    expect(
      fromOpenaiUsage({
        prompt_tokens: 1_000,
        completion_tokens: 50,
        total_tokens: 1_050,
        prompt_tokens_details: { cached_tokens: 768 },
      }),
    ).toEqual({ input: 232, cacheRead: 768, cacheWrite: 0, output: 50 });
  });

  test('of DeepSeek and of servers without details is understood', () => {
    expect(
      fromOpenaiUsage({ prompt_tokens: 100, completion_tokens: 5, prompt_cache_hit_tokens: 60 }),
    ).toMatchObject({
      input: 40,
      cacheRead: 60,
    });
    expect(fromOpenaiUsage({ prompt_tokens: 100, completion_tokens: 5 })).toMatchObject({
      input: 100,
      output: 5,
    });
  });

  test('reasoning that stands in the total only is output', () => {
    expect(fromOpenaiUsage({ prompt_tokens: 100, completion_tokens: 5, total_tokens: 155 }).output).toBe(55);
  });

  test('that no call could have is no count', () => {
    expect(fromOpenaiUsage({ prompt_tokens: 99_999_999_999, completion_tokens: 5 }).input).toBe(0);
    expect(fromAnthropicUsage({ input_tokens: 7, output_tokens: 4e9 }).output).toBe(0);
  });

  test('of Anthropic is in four buckets already', () => {
    expect(
      fromAnthropicUsage({
        input_tokens: 7,
        cache_creation_input_tokens: 100,
        cache_read_input_tokens: 900,
        output_tokens: 3,
      }),
    ).toEqual({ input: 7, cacheWrite: 100, cacheRead: 900, output: 3 });
  });

  test('is never negative, whatever a server counts', () => {
    const number = fc.option(fc.oneof(fc.integer(), fc.double()), { nil: null });
    fc.assert(
      fc.property(number, number, number, number, (prompt, completion, total, cached) => {
        const usage = fromOpenaiUsage({
          prompt_tokens: prompt,
          completion_tokens: completion,
          total_tokens: total,
          prompt_tokens_details: { cached_tokens: cached },
        });
        for (const tokens of Object.values(usage)) {
          expect(Number.isInteger(tokens) && (tokens ?? -1) >= 0).toBe(true);
        }
      }),
    );
  });
});
