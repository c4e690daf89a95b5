import { expect, test } from 'vitest';
import { createEitherReader } from '../../../src/llm/wire/either-stream.ts';

const reader = () => createEitherReader(() => 'id', { vendor: 'openai', model: 'm', always: false });
const usage = { prompt_tokens: 5, completion_tokens: 1, total_tokens: 6 };

test.each<[string, unknown[]]>([
  [
    'chunks',
    [
      { object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content: 'hi' } }] },
      { object: 'chat.completion.chunk', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
      { object: 'chat.completion.chunk', choices: [], usage },
    ],
  ],
  ['a whole reply', [{ choices: [{ message: { content: 'hi' }, finish_reason: 'stop' }], usage }]],
])('%s of chat completions are read where a response was asked for', (_name, events) => {
  const read = reader();
  for (const event of events) read.add(event);
  expect(read.state()).toMatchObject({
    message: { parts: [{ type: 'text', text: 'hi' }] },
    stop: 'end',
    usage: { input: 5, output: 1 },
  });
});
