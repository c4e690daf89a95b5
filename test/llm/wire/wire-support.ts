import type { ChatMessage } from '../../../src/factory/model/message.ts';
import type { ModelRequest } from '../../../src/factory/ports.ts';
import { type AnthropicForm, toAnthropicBody } from '../../../src/llm/wire/anthropic.ts';
import { type OpenaiForm, toOpenaiBody } from '../../../src/llm/wire/openai.ts';

const TOOLS = [{ name: 'bash', description: 'Runs a command.', parameters: { type: 'object' } }];
export const request = (
  messages: readonly ChatMessage[],
  fields: Partial<ModelRequest> = {},
): ModelRequest => ({
  model: 'one',
  system: 'You are an engineer.',
  messages,
  tools: TOOLS,
  maxOutputTokens: 1_000,
  ...fields,
});

export const FORM: OpenaiForm = {
  limitName: 'max_tokens',
  stream: true,
  streamOptions: true,
  cacheKey: false,
  toolChoice: true,
  ids: 'common',
  plain: false,
  keepThinking: true,
  wants: 'nothing',
  lacking: 'stand_in',
  thisTurnOnly: false,
};
export const ANTHROPIC_FORM: AnthropicForm = {
  vendor: 'anthropic',
  modes: [],
  budgetFor: 'medium',
  keepThinking: true,
  leading: 'none',
  plain: false,
  toolChoice: true,
  longCache: true,
};
/** What goes over the wire: JSON, with what is undefined left out. */
export const sent = (body: unknown) => JSON.parse(JSON.stringify(body));
export const openai = (messages: readonly ChatMessage[], form: Partial<OpenaiForm> = {}) =>
  sent(toOpenaiBody(request(messages), 'openai', { ...FORM, ...form }));
export const anthropic = (messages: readonly ChatMessage[], fields: Partial<ModelRequest> = {}) =>
  sent(toAnthropicBody(request(messages, fields), ANTHROPIC_FORM));

export const call = (id: string, args = '{"command":"ls"}'): ChatMessage => ({
  role: 'assistant',
  parts: [{ type: 'tool_call', id, name: 'bash', arguments: args }],
});
export const result = (callId: string, output: string, isError = false): ChatMessage => ({
  role: 'tool',
  callId,
  name: 'bash',
  output,
  isError,
});
export const user = (text: string): ChatMessage => ({ role: 'user', text });
