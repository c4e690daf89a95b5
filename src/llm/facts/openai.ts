import type { Family } from './family.ts';

/**
 * OpenAI's text models, as of 2026-11-29. Names and efforts: `ResponsesModel`, `ChatModel` and `ReasoningEffort` in the types
 * of its SDK (openai 6.49.0). Windows: the price list (@pydantic/genai-prices 0.1.8). Output limits and the efforts of each
 * model: its page in the vendor's reference of models.
 */
const BOTH = ['responses', 'chat'] as const;
const RESPONSES = ['responses'] as const;
const CHAT = ['chat'] as const;

const NO_EFFORT = {};
const CLASSIC = { low: 'low', medium: 'medium', high: 'high' };
const WITH_MINIMAL = { minimal: 'minimal', ...CLASSIC };
/** `none` took the place of `minimal`. */
const WITH_NONE = { minimal: 'none', ...CLASSIC };
const UP_TO_XHIGH = { ...WITH_NONE, max: 'xhigh' };
const UP_TO_MAX = { ...WITH_NONE, max: 'max' };
const CODEX = { ...CLASSIC, max: 'xhigh' };
const PRO = { medium: 'medium', high: 'high', max: 'xhigh' };

const NO_TOOLS = 'it cannot call tools';

const reasoning = { apis: BOTH, thinking: 'always', caching: 'automatic' } as const;
const plain = { apis: BOTH, thinking: 'none', caching: 'automatic', efforts: NO_EFFORT } as const;
const old = { ...plain, apis: CHAT, caching: 'none' } as const;

const O_SERIES = { contextTokens: 200_000, maxOutputTokens: 100_000 };
const GPT_5 = { contextTokens: 400_000, maxOutputTokens: 128_000 };
const MILLION = { contextTokens: 1_050_000, maxOutputTokens: 128_000 };
const GPT_41 = { contextTokens: 1_000_000, maxOutputTokens: 32_768 };
const GPT_4O = { contextTokens: 128_000, maxOutputTokens: 16_384 };
const SHORT = 4_096;

export const OPENAI_FAMILIES: readonly Family[] = [
  { ...reasoning, ...O_SERIES, names: ['o1', 'o3', 'o3-mini', 'o4-mini'], efforts: CLASSIC },
  { ...reasoning, ...O_SERIES, names: ['o1-pro', 'o3-pro'], apis: RESPONSES, efforts: CLASSIC },
  {
    ...{ ...reasoning, ...O_SERIES, apis: RESPONSES, efforts: { medium: 'medium' } },
    names: ['o3-deep-research', 'o4-mini-deep-research'],
    unfit: 'it takes none but its own tools for research',
  },
  {
    ...{ ...reasoning, names: ['o1-preview'], apis: CHAT, efforts: NO_EFFORT },
    ...{ contextTokens: 128_000, maxOutputTokens: 32_768, unfit: NO_TOOLS },
  },
  {
    ...{ ...reasoning, names: ['o1-mini'], apis: CHAT, efforts: NO_EFFORT },
    ...{ contextTokens: 128_000, maxOutputTokens: 65_536, unfit: NO_TOOLS },
  },
  { ...reasoning, ...GPT_5, names: ['gpt-5', 'gpt-5-mini', 'gpt-5-nano'], efforts: WITH_MINIMAL },
  {
    ...{ ...reasoning, ...GPT_5, maxOutputTokens: 272_000, efforts: { high: 'high' } },
    ...{ names: ['gpt-5-pro'], apis: RESPONSES },
  },
  {
    ...{ ...reasoning, ...GPT_5, apis: RESPONSES, efforts: CLASSIC },
    names: ['gpt-5-codex', 'gpt-5.1-codex', 'gpt-5.1-codex-mini'],
  },
  { ...reasoning, ...GPT_5, names: ['gpt-5.1', 'gpt-5.1-mini'], efforts: WITH_NONE },
  {
    ...{ ...reasoning, ...GPT_5, apis: RESPONSES, efforts: CODEX },
    names: ['gpt-5.1-codex-max', 'gpt-5.2-codex', 'gpt-5.3-codex'],
  },
  { ...reasoning, ...GPT_5, names: ['gpt-5.2', 'gpt-5.4-mini', 'gpt-5.4-nano'], efforts: UP_TO_XHIGH },
  { ...reasoning, ...GPT_5, names: ['gpt-5.2-pro'], apis: RESPONSES, efforts: PRO },
  { ...reasoning, ...MILLION, names: ['gpt-5.4', 'gpt-5.5'], efforts: UP_TO_XHIGH },
  { ...reasoning, ...MILLION, names: ['gpt-5.4-pro', 'gpt-5.5-pro'], apis: RESPONSES, efforts: PRO },
  {
    ...{ ...reasoning, ...MILLION, efforts: UP_TO_MAX },
    names: ['gpt-5.6', 'gpt-5.6-sol', 'gpt-5.6-terra', 'gpt-5.6-luna'],
  },
  { ...reasoning, ...MILLION, names: ['gpt-6-astra', 'gpt-6-sol', 'gpt-6-luna'], efforts: UP_TO_MAX },
  {
    ...{ ...plain, ...GPT_4O },
    names: [
      'gpt-5-chat',
      'gpt-5.1-chat',
      'gpt-5.2-chat',
      'gpt-5.3-chat',
      'gpt-5.3',
      'gpt-5.5-chat',
      'gpt-chat',
    ],
  },
  { ...plain, ...GPT_41, names: ['gpt-4.1', 'gpt-4.1-mini', 'gpt-4.1-nano'] },
  { ...plain, ...GPT_4O, names: ['gpt-4o-2024-05-13'], maxOutputTokens: SHORT },
  { ...plain, ...GPT_4O, names: ['gpt-4o', 'gpt-4o-mini', 'gpt-4.5', 'gpt-4.5-preview'] },
  { ...plain, ...GPT_4O, names: ['chatgpt-4o', 'chatgpt-4o-latest'], apis: CHAT, unfit: NO_TOOLS },
  {
    ...{ ...plain, ...GPT_4O, apis: CHAT, unfit: NO_TOOLS },
    names: ['gpt-4o-search', 'gpt-4o-mini-search', 'gpt-4o-search-preview', 'gpt-4o-mini-search-preview'],
  },
  { ...reasoning, ...O_SERIES, names: ['codex-mini'], apis: RESPONSES, efforts: CLASSIC },
  {
    ...{ ...plain, apis: RESPONSES, contextTokens: 8_192, maxOutputTokens: 1_024 },
    ...{ names: ['computer-use', 'computer-use-preview'], unfit: 'it works a screen, not a repository' },
  },
  {
    ...{ ...old, contextTokens: 128_000, maxOutputTokens: SHORT },
    names: ['gpt-4-turbo', 'gpt-4-turbo-preview', 'gpt-4-0125-preview', 'gpt-4-1106-preview'],
  },
  {
    ...{ ...old, contextTokens: 128_000, maxOutputTokens: SHORT, unfit: NO_TOOLS },
    names: ['gpt-4-vision', 'gpt-4-vision-preview', 'gpt-4-1106-vision-preview'],
  },
  { ...old, contextTokens: 8_192, maxOutputTokens: 8_192, names: ['gpt-4'] },
  { ...old, contextTokens: 32_768, maxOutputTokens: 8_192, names: ['gpt-4-32k'] },
  {
    ...{ ...old, contextTokens: 16_385, maxOutputTokens: SHORT },
    names: ['gpt-3.5-turbo', 'gpt-3.5-turbo-16k'],
  },
  {
    ...{ ...old, contextTokens: 4_096, maxOutputTokens: SHORT },
    names: ['gpt-3.5-turbo-0301', 'gpt-3.5-turbo-0613'],
  },
];

/** Names of the vendor's models that write no text, or need sound to do so; those that others gave say nothing of that. */
export const OPENAI_NOT_TEXT =
  /^(?:tts-|whisper-|dall-e-|sora-|text-embedding-|text-moderation-|omni-moderation-|gpt-(?:.*-)?(?:audio|realtime|transcribe|tts|image|voice|live)(?:-|$))/;
