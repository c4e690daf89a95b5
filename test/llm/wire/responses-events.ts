import { createResponsesReader } from '../../../src/llm/wire/responses-stream.ts';

export const THINKING = { vendor: 'openai:responses:main', model: 'gpt-5.1' };

export function read(...events: unknown[]) {
  const reader = createResponsesReader(() => 'new', THINKING);
  for (const event of events) reader.add(event);
  return reader.state();
}

export const USAGE = {
  input_tokens: 1_000,
  input_tokens_details: { cached_tokens: 768, cache_write_tokens: 100 },
  output_tokens: 90,
  output_tokens_details: { reasoning_tokens: 64 },
  total_tokens: 1_090,
};
export const ended = (type: string, fields: Record<string, unknown> = {}) => ({
  type: `response.${type}`,
  response: { object: 'response', status: type, output: [], usage: USAGE, error: null, ...fields },
});
export const added = (output_index: number, item: Record<string, unknown>) => ({
  type: 'response.output_item.added',
  output_index,
  item,
});
export const done = (output_index: number, item: Record<string, unknown>) => ({
  ...added(output_index, item),
  type: 'response.output_item.done',
});
export const pieceOf = (kind: string, output_index: number, delta: string) => ({
  type: `response.${kind}.delta`,
  output_index,
  content_index: 0,
  delta,
});
export const CALL = {
  id: 'fc_1',
  type: 'function_call',
  call_id: 'call_0123456789abcdef',
  name: 'bash',
  arguments: '',
};
