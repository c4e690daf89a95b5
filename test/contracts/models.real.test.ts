import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';
import { type Adapter, modelsContract } from './models.suite.ts';

const ADAPTERS: Record<string, Adapter> = {
  "OpenAI's Responses": { vendor: 'responses' },
  "OpenAI's chat completions": { vendor: 'openai' },
  "Anthropic's messages": { vendor: 'anthropic' },
  'chat completions of a compatible server': { vendor: 'custom' },
  'chat completions in the dialect of OpenRouter': { vendor: 'custom', server: { dialect: 'openrouter' } },
  'chat completions that want reasoning back': { vendor: 'custom', server: { dialect: 'kimi' } },
  "chat completions as Google's": {
    vendor: 'custom',
    fields: { model: 'gemini-3-pro' },
    server: { dialect: 'gemini' },
  },
  "chat completions as DeepSeek's": {
    vendor: 'custom',
    fields: { model: 'deepseek-reasoner' },
    server: { dialect: 'deepseek' },
  },
  'Responses of a compatible server': {
    vendor: 'custom',
    fields: { api: 'responses', model: 'gpt-5-of-ours' },
  },
  'an adapter file': {
    vendor: 'custom',
    fields: { adapter: fileURLToPath(new URL('file-adapter.mjs', import.meta.url)) },
  },
};

describe.each(Object.entries(ADAPTERS))('the adapter for %s', (_name, adapter) => modelsContract(adapter));
