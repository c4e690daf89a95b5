import type { Family, Home } from './family.ts';

/**
 * Families that are asked through chat completions, at their vendor's endpoint or at whoever serves them, as of 2026-11-29.
 * Windows: the price list (@pydantic/genai-prices 0.1.8) where it has them. The rest is what every server of the family takes.
 */
const chat = { apis: ['chat'], caching: 'automatic' } as const;
const plain = { ...chat, efforts: {}, thinking: 'none' } as const;
const thinker = { ...chat, efforts: {}, thinking: 'always' } as const;
const EFFORTS = { low: 'low', medium: 'medium', high: 'high' };

export const COMPATIBLE_FAMILIES: readonly Family[] = [
  { ...plain, contextTokens: 64_000, maxOutputTokens: 8_192, names: ['deepseek-chat', 'deepseek-v3'] },
  { ...thinker, contextTokens: 64_000, maxOutputTokens: 32_768, names: ['deepseek-reasoner', 'deepseek-r1'] },
  {
    ...{ ...plain, contextTokens: 128_000, maxOutputTokens: 8_192 },
    names: ['deepseek-v3.1', 'deepseek-v3.1-terminus', 'deepseek-v3.2', 'deepseek-v3.2-exp'],
  },
  {
    ...{ ...thinker, contextTokens: 1_000_000, maxOutputTokens: 64_000 },
    names: ['deepseek-v4', 'deepseek-v4-flash', 'deepseek-v4-pro'],
  },
  { ...plain, contextTokens: 131_072, names: ['kimi-k2', 'kimi-k2-instruct', 'kimi-k2-0711-preview'] },
  { ...plain, contextTokens: 262_144, names: ['kimi-k2-0905', 'kimi-k2-0905-preview', 'kimi-k2-turbo'] },
  {
    ...{ ...thinker, contextTokens: 262_144, maxOutputTokens: 32_768 },
    names: ['kimi-k2-thinking', 'kimi-k2-thinking-turbo', 'kimi-k2.5', 'kimi-k2.6', 'kimi-k2.7-code'],
  },
  { ...thinker, contextTokens: 1_048_576, maxOutputTokens: 32_768, names: ['kimi-k3'] },
  { ...plain, contextTokens: 131_072, names: ['moonshot-v1-128k'] },
  { ...plain, contextTokens: 32_768, names: ['moonshot-v1-32k'] },
  { ...plain, contextTokens: 8_192, names: ['moonshot-v1-8k'] },
  {
    ...{ ...chat, contextTokens: 1_000_000, maxOutputTokens: 65_536, efforts: EFFORTS, thinking: 'always' },
    names: [
      ...['gemini-2.5-pro', 'gemini-2.5-flash', 'gemini-2.5-flash-lite', 'gemini-3-pro', 'gemini-3.1-pro'],
      ...['gemini-3-flash', 'gemini-3.1-flash-lite', 'gemini-3.5-flash', 'gemini-3.5-flash-lite'],
      ...['gemini-3.6-flash', 'gemini-3.7-flash', 'gemini-3.8-flash'],
    ],
  },
  {
    ...{ ...plain, contextTokens: 1_000_000, maxOutputTokens: 8_192 },
    names: ['gemini-2.0-flash', 'gemini-2.0-flash-lite', 'gemini-1.5-flash', 'gemini-1.5-pro'],
  },
  { ...plain, contextTokens: 262_144, maxOutputTokens: 32_768, names: ['qwen3-coder', 'qwen3-coder-plus'] },
  { ...thinker, contextTokens: 131_072, maxOutputTokens: 32_768, names: ['qwen3', 'qwen3-max', 'qwq'] },
  {
    ...plain,
    contextTokens: 32_768,
    maxOutputTokens: 8_192,
    names: ['qwen2.5', 'qwen2.5-coder', 'qwen-max'],
  },
  {
    ...thinker,
    contextTokens: 128_000,
    maxOutputTokens: 65_536,
    names: ['glm-4.5', 'glm-4.5-air', 'glm-4.6'],
  },
  { ...thinker, contextTokens: 200_000, maxOutputTokens: 65_536, names: ['glm-4.7', 'glm-5', 'glm-5.1'] },
  {
    ...{ ...thinker, contextTokens: 1_000_000, maxOutputTokens: 65_536 },
    names: ['glm-5.2', 'glm-5.3', 'glm-5.3-flash'],
  },
  {
    ...plain,
    names: [
      ...['mistral-large', 'mistral-medium', 'mistral-small', 'codestral', 'devstral', 'devstral-small'],
      ...[
        'devstral-medium',
        'ministral-3b',
        'ministral-8b',
        'ministral-14b',
        'mixtral-8x7b',
        'mixtral-8x22b',
      ],
    ],
  },
  { ...thinker, contextTokens: 40_000, names: ['magistral-medium', 'magistral-small'] },
  {
    ...plain,
    contextTokens: 128_000,
    names: ['llama-3.1', 'llama-3.2', 'llama-3.3', 'llama3.1', 'llama3.3'],
  },
  { ...plain, contextTokens: 131_072, names: ['llama-4', 'llama-4-scout', 'llama-4-maverick', 'llama4'] },
  {
    ...{ ...chat, contextTokens: 131_072, maxOutputTokens: 32_768, efforts: EFFORTS, thinking: 'always' },
    names: ['gpt-oss', 'gpt-oss-20b', 'gpt-oss-120b'],
  },
  { ...plain, contextTokens: 131_072, names: ['grok-3', 'grok-3-fast', 'grok-2'] },
  {
    ...{ ...thinker, contextTokens: 131_072, efforts: { low: 'low', high: 'high' } },
    names: ['grok-3-mini', 'grok-3-mini-fast'],
  },
  { ...thinker, contextTokens: 256_000, names: ['grok-4', 'grok-code-fast', 'grok-code-fast-1'] },
  { ...thinker, contextTokens: 500_000, names: ['grok-4.5', 'grok-4.6'] },
  { ...thinker, contextTokens: 1_000_000, names: ['grok-4.20', 'grok-4.3', 'grok-4-fast', 'grok-4-1-fast'] },
  { ...plain, contextTokens: 131_072, names: ['gemma-3', 'gemma3'] },
];

const custom = (url: string): string => `--name custom --base-url ${url}`;

/** Where each vendor's models are at home, for those who look for them at another one. */
export const HOMES: readonly Home[] = [
  { vendor: 'Anthropic', prefixes: ['claude'], options: '--name anthropic' },
  {
    vendor: 'OpenAI',
    prefixes: ['gpt-3', 'gpt-4', 'gpt-5', 'gpt-6', 'chatgpt', 'o1', 'o3', 'o4', 'codex', 'ft:gpt'],
    options: '--name openai',
  },
  { vendor: 'DeepSeek', prefixes: ['deepseek'], options: custom('https://api.deepseek.com/v1') },
  { vendor: 'Moonshot', prefixes: ['kimi', 'moonshot'], options: custom('https://api.moonshot.ai/v1') },
  {
    vendor: 'Google',
    prefixes: ['gemini'],
    options: custom('https://generativelanguage.googleapis.com/v1beta/openai'),
  },
  {
    vendor: 'Alibaba',
    prefixes: ['qwen', 'qwq'],
    options: custom('https://dashscope-intl.aliyuncs.com/compatible-mode/v1'),
  },
  { vendor: 'Z.ai', prefixes: ['glm'], options: custom('https://api.z.ai/api/paas/v4') },
  {
    vendor: 'Mistral',
    prefixes: ['mistral', 'codestral', 'devstral', 'magistral', 'ministral'],
    options: custom('https://api.mistral.ai/v1'),
  },
  { vendor: 'xAI', prefixes: ['grok'], options: custom('https://api.x.ai/v1') },
  { vendor: 'Meta', prefixes: ['llama'], options: custom('URL of who serves it') },
];
