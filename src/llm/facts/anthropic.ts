import type { Family } from './family.ts';

/**
 * Anthropic's models, as of 2026-11-29. Names and efforts: `Model` and `OutputConfig` in the types of its SDK (@anthropic-ai/sdk
 * 1.12.0). Windows: the price list (@pydantic/genai-prices 0.1.8). Output limits and kinds of thinking: the vendor's overview of
 * models and its pages on adaptive thinking and effort.
 */
const all = { apis: ['messages'], caching: 'marked' } as const;
const SMALLER = { contextTokens: 200_000, maxOutputTokens: 64_000 };
const MILLION = { contextTokens: 1_000_000, maxOutputTokens: 128_000 };

const NO_EFFORT = {};
const UP_TO_HIGH = { low: 'low', medium: 'medium', high: 'high' };
const UP_TO_MAX = { ...UP_TO_HIGH, max: 'max' };

export const ANTHROPIC_FAMILIES: readonly Family[] = [
  {
    ...{ ...all, ...MILLION, efforts: UP_TO_MAX, thinking: 'adaptive' },
    names: [
      ...['claude-fable-5-2', 'claude-fable-5-1', 'claude-fable-5', 'claude-opus-5-5', 'claude-opus-5'],
      ...[
        'claude-mythos-5-2',
        'claude-mythos-5-1',
        'claude-mythos-5',
        'claude-mythos',
        'claude-mythos-preview',
      ],
      ...['claude-sonnet-5-5', 'claude-sonnet-5', 'claude-opus-4-8', 'claude-opus-4-7', 'claude-opus-4-6'],
    ],
  },
  {
    ...{ ...all, ...MILLION, maxOutputTokens: 64_000, efforts: UP_TO_MAX, thinking: 'adaptive' },
    names: ['claude-sonnet-4-6'],
  },
  {
    ...{ ...all, ...SMALLER, efforts: UP_TO_MAX, thinking: 'adaptive' },
    names: ['claude-haiku-5-5'],
  },
  {
    ...{ ...all, ...SMALLER, efforts: UP_TO_HIGH, thinking: 'budget' },
    names: ['claude-opus-4-5'],
  },
  {
    ...{ ...all, ...SMALLER, efforts: NO_EFFORT, thinking: 'budget' },
    names: [
      ...['claude-sonnet-4-5', 'claude-haiku-4-5', 'claude-sonnet-4-0', 'claude-sonnet-4', 'claude-4-sonnet'],
      'claude-3-7-sonnet',
    ],
  },
  {
    ...{ ...all, contextTokens: 200_000, maxOutputTokens: 32_000, efforts: NO_EFFORT, thinking: 'budget' },
    names: ['claude-opus-4-1', 'claude-opus-4-0', 'claude-opus-4', 'claude-4-opus'],
  },
  {
    ...{ ...all, contextTokens: 200_000, maxOutputTokens: 8_192, efforts: NO_EFFORT, thinking: 'none' },
    names: ['claude-3-5-sonnet', 'claude-3-5-haiku'],
  },
  {
    ...{ ...all, contextTokens: 200_000, maxOutputTokens: 4_096, efforts: NO_EFFORT, thinking: 'none' },
    names: ['claude-3-opus', 'claude-3-sonnet', 'claude-3-haiku'],
  },
];
