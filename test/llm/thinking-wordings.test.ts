import { expect, test } from 'vitest';
import { createRedactor } from '../../src/lib/text/redact.ts';
import { classifyAnswer } from '../../src/llm/failures.ts';

test.each([
  ['fill_signature', 'Function call is missing a thought_signature in functionCall parts, position 2.'],
  ['fill_signature', 'Function call `bash` requires a thoughtSignature.'],
  ['fill_signature', 'thought_signature was not provided for function call 0 of the current turn'],
  ['bad_signature', 'Thought signature is not valid.'],
  ['bad_signature', 'Corrupted thought signature.'],
  ['fill_reasoning', 'The `reasoning_content` in the thinking mode must be passed back to the API.'],
  ['fill_reasoning', 'Missing `reasoning_content` field in the assistant message at message index 4.'],
  [
    'fill_reasoning',
    'thinking is enabled but reasoning_content is missing in assistant tool call message at index 2',
  ],
  ['fill_reasoning', 'messages[3]: reasoning_content is required with tool_calls'],
  ['no_thinking', "messages[1]: property 'reasoning_content' is unsupported"],
  [
    'no_thinking',
    "for 'role:assistant' the following must be satisfied: property 'reasoning' is unsupported",
  ],
  ['no_thinking', 'body.messages.1.assistant.reasoning_details: Extra inputs are not permitted'],
  ['no_thinking', 'messages.1.content.0: Invalid `signature` in `thinking` block'],
  ['no_thinking', 'messages.1.content.2: Invalid `data` in `redacted_thinking` block'],
  [
    'no_thinking',
    'messages.3.content.1: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified.',
  ],
  [
    'leading_thinking',
    'messages.5.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`.',
  ],
  ['thinking_mode', 'adaptive thinking is not supported on this model'],
  [
    'thinking_mode',
    '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort".',
  ],
  ['thinking_mode', 'thinking: Extra inputs are not permitted'],
  ['thinking_mode', '"a-local-model" does not support thinking'],
  ['no_effort', 'This model does not support the effort parameter.'],
  ['no_effort', 'output_config: Extra inputs are not permitted'],
  ['no_tool_choice', 'Thinking may not be enabled when tool_choice forces tool use.'],
  ['short_cache', 'messages.0.content.0.text.cache_control.ephemeral.ttl: Extra inputs are not permitted'],
  ['no_beta', 'Unexpected value(s) `interleaved-thinking-2025-05-14` for the `anthropic-beta` header.'],
  ['no_beta', 'invalid beta flag'],
])('%s is what helps after "%s"', (repair, message) => {
  const body = JSON.stringify({ error: { message, type: 'invalid_request_error' } });
  const found = classifyAnswer('p', { status: 400, headers: {}, body }, createRedactor([]), new Date(0));
  expect(found.repair).toBe(repair);
});
