import { expect, test } from 'vitest';
import type { ChatMessage } from '../../src/factory/model/message.ts';
import { estimateOutputTokens, estimateTokens } from '../../src/llm/tokens.ts';

const long = 'word '.repeat(2_000);

test('the estimate is close to a quarter of the characters', () => {
  const tokens = estimateTokens({ system: long, messages: [{ role: 'user', text: long }], tools: [] });
  expect(tokens).toBeGreaterThanOrEqual(5_000);
  expect(tokens).toBeLessThan(5_050);
});

test('tools, calls, results and thinking count', () => {
  const parts: ChatMessage = {
    role: 'assistant',
    parts: [
      { type: 'tool_call', id: 'a', name: 'bash', arguments: long },
      { type: 'thinking', vendor: 'v', model: 'm', data: { text: long } },
    ],
  };
  const result: ChatMessage = { role: 'tool', callId: 'a', name: 'bash', output: long, isError: false };
  const tool = { name: 'bash', description: long, parameters: {} };
  expect(estimateTokens({ system: '', messages: [parts, result], tools: [tool] })).toBeGreaterThan(10_000);
});

test('a script with more bytes has more tokens', () => {
  const of = (text: string) => estimateTokens({ system: text, messages: [], tools: [] });
  expect(of('文'.repeat(1_000))).toBeGreaterThan(2 * of('a'.repeat(1_000)));
});

test('an empty reply is one token at least', () => {
  expect(estimateOutputTokens({ role: 'assistant', parts: [] })).toBeGreaterThanOrEqual(1);
});
