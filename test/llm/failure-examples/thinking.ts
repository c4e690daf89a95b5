import { type Examples, errorBody } from './example.ts';

const anthropic = (message: string): string =>
  JSON.stringify({ type: 'error', error: { type: 'invalid_request_error', message } });

const google = (message: string): string =>
  JSON.stringify([{ error: { code: 400, message, status: 'INVALID_ARGUMENT' } }]);

export const THINKING_EXAMPLES: Examples = {
  signature_missing: {
    status: 400,
    body: google(
      'Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly.',
    ),
  },
  signature_refused: { status: 400, body: google('Thought signature is not valid.') },
  thinking_missing: {
    status: 400,
    body: errorBody(
      'thinking is enabled but reasoning_content is missing in assistant tool call message at index 2',
      'invalid_request_error',
    ),
  },
  leading_thinking_missing: {
    status: 400,
    body: anthropic(
      'messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`. When `thinking` is enabled, a final `assistant` message must start with a thinking block.',
    ),
  },
  thinking_refused: {
    status: 400,
    body: anthropic('messages.1.content.0: Invalid `signature` in `thinking` block'),
  },
  thinking_mode_refused: { status: 400, body: anthropic('adaptive thinking is not supported on this model') },
  effort_refused: { status: 400, body: anthropic('output_config: Extra inputs are not permitted') },
  cache_time_refused: {
    status: 400,
    body: anthropic('system.0.cache_control.ephemeral.ttl: Extra inputs are not permitted'),
  },
  beta_refused: { status: 400, body: anthropic('invalid beta flag') },
};
