import { describe, expect, test } from 'vitest';
import { capsOf, moreOutput, outputFor } from '../../../../src/factory/finance/calls/output.ts';

const NOTHING = { most: undefined, tokensPerMinute: undefined };
const facts = (
  contextTokens: number | null,
  maxOutputTokens: number | null,
  thinking: 'none' | 'always' = 'none',
) => ({
  contextTokens,
  maxOutputTokens,
  thinking,
});

describe('the output that a model is given', () => {
  test.each<[string, ReturnType<typeof facts>, number]>([
    ['as much as is usual, where it has that', facts(200_000, 64_000), 32_000],
    ['all that it has, where that is less', facts(128_000, 16_384), 16_384],
    ['more for one that thinks', facts(400_000, 128_000, 'always'), 64_000],
    ['no more than half of its window', facts(8_192, 8_192), 4_096],
    ['little where nothing is known', facts(null, null), 8_192],
    ['little where only a small window is known', facts(32_768, null), 8_192],
    ['more where only a large window is known', facts(262_144, null), 16_384],
    ['little for one that thinks of which nothing else is known', facts(null, null, 'always'), 8_192],
  ])('is %s', (_, known, expected) => {
    expect(outputFor(known, {}, NOTHING)).toBe(expected);
  });

  test("is never above the owner's word, nor above the model's", () => {
    expect(outputFor(facts(400_000, 128_000), {}, { ...NOTHING, most: 4_000 })).toBe(4_000);
    expect(outputFor(facts(400_000, 2_000), {}, { ...NOTHING, most: 4_000 })).toBe(2_000);
    expect(outputFor(facts(400_000, 2_000), { maxOutputTokens: 9_000 }, NOTHING)).toBe(2_000);
  });

  test("is the owner's word where that is more than usual, or nothing else is known", () => {
    expect(outputFor(facts(400_000, 128_000), {}, { ...NOTHING, most: 90_000 })).toBe(90_000);
    expect(outputFor(facts(null, null), {}, { ...NOTHING, most: 50_000 })).toBe(50_000);
    const rateLimit = {};
    expect(capsOf({ maxOutputTokens: 9_000, rateLimit }, 4_000).most).toBe(4_000);
    expect(capsOf({ maxOutputTokens: 2_000, rateLimit }, 4_000).most).toBe(2_000);
    expect(capsOf({ maxOutputTokens: 9_000, rateLimit }, undefined).most).toBe(9_000);
    expect(capsOf({ maxOutputTokens: undefined, rateLimit }, undefined).most).toBeUndefined();
  });

  test('A100 leaves room for other calls in the minute, where the minute is limited', () => {
    expect(outputFor(facts(400_000, 128_000), {}, { ...NOTHING, tokensPerMinute: 30_000 })).toBe(8_192);
    expect(outputFor(facts(400_000, 128_000), {}, { ...NOTHING, tokensPerMinute: 80_000 })).toBe(20_000);
  });

  test('is an answer of known length, and what is thought comes on top', () => {
    expect(outputFor(facts(200_000, 64_000), { maxOutputTokens: 2_000 }, NOTHING)).toBe(2_000);
    expect(outputFor(facts(200_000, 64_000, 'always'), { maxOutputTokens: 2_000 }, NOTHING)).toBe(26_000);
    const probe = { maxOutputTokens: 64, thoughtTokens: 1_000 };
    expect(outputFor(facts(200_000, 64_000, 'always'), probe, NOTHING)).toBe(1_064);
  });
});

describe('the room of a second try', () => {
  const left = { window: 100_000, most: undefined };

  test('is more by a good deal, within the model, the window and what the owner allows', () => {
    expect(moreOutput(facts(200_000, 128_000), 32_000, left)).toBe(100_000);
    expect(moreOutput(facts(200_000, 64_000), 32_000, left)).toBe(64_000);
    expect(moreOutput(facts(null, null), 8_192, { window: Number.POSITIVE_INFINITY, most: undefined })).toBe(
      32_768,
    );
    expect(moreOutput(facts(200_000, 128_000), 32_000, { window: 60_000, most: 50_000 })).toBe(50_000);
  });

  test('is none where it would be hardly more', () => {
    expect(moreOutput(facts(200_000, 32_768), 32_000, left)).toBeUndefined();
    expect(moreOutput(facts(200_000, 128_000), 32_000, { window: 33_000, most: undefined })).toBeUndefined();
    expect(moreOutput(facts(200_000, 128_000), 8_000, { window: 100_000, most: 8_000 })).toBeUndefined();
  });
});
