import { type Examples, errorBody } from './example.ts';

export const RESPONSES_EXAMPLES: Examples = {
  responses_only: {
    status: 404,
    body: errorBody(
      'This model is only supported in v1/responses and not in v1/chat/completions.',
      'invalid_request_error',
    ),
  },
  chat_only: {
    status: 400,
    body: errorBody('This model is not supported with the Responses API.', 'invalid_request_error'),
  },
  messages_wanted: {
    status: 400,
    body: errorBody(
      "Missing required parameter: 'messages'.",
      'invalid_request_error',
      'missing_required_parameter',
    ),
  },
  unknown_url: {
    status: 404,
    body: errorBody('Unknown request URL: POST /v1/responses.', 'invalid_request_error', 'unknown_url'),
  },
  reasoning_not_readable: {
    status: 400,
    body: errorBody(
      'The encrypted content for item rs_0a1b could not be verified. Reason: Encrypted content organization_id did not match the target organization.',
      'invalid_request_error',
      'invalid_encrypted_content',
    ),
  },
  encrypted_content_refused: {
    status: 400,
    body: errorBody('Bad input.', 'invalid_request_error', 'invalid_encrypted_content'),
  },
  encrypted_reasoning_unsupported: {
    status: 400,
    body: errorBody('Encrypted content is not supported with this model.', 'invalid_request_error'),
  },
  effort_unsupported: {
    status: 400,
    body: errorBody(
      "Unsupported value: 'xhigh' is not supported with the 'gpt-5' model. Supported values are: 'minimal', 'low', 'medium', and 'high'.",
      'invalid_request_error',
      'unsupported_value',
    ),
  },
  stream_not_verified: {
    status: 400,
    body: errorBody(
      'Your organization must be verified to stream this model.',
      'invalid_request_error',
      'unsupported_value',
    ),
  },
  stream_unsupported: {
    status: 400,
    body: errorBody(
      "Unsupported value: 'stream' does not support true with this model. Only the default (false) value is supported.",
      'invalid_request_error',
      'unsupported_value',
    ),
  },
  cache_key_unsupported: {
    status: 400,
    body: errorBody('Unrecognized request argument supplied: prompt_cache_key', 'invalid_request_error'),
  },
  parallel_calls_unsupported: {
    status: 400,
    body: errorBody(
      "Unsupported parameter: 'parallel_tool_calls' is not supported with this model.",
      'invalid_request_error',
      'unsupported_parameter',
    ),
  },
  tool_choice_unsupported: {
    status: 400,
    body: errorBody('deepseek-reasoner does not support this tool_choice', 'invalid_request_error'),
  },
  call_without_output: {
    status: 400,
    body: errorBody('No tool output found for function call call_0a1b2c3d.', 'invalid_request_error'),
  },
  not_implemented: {
    status: 500,
    body: errorBody('not implemented', 'gateway_error', 'convert_request_failed'),
  },
  no_such_path: { status: 404, body: '404 page not found' },
};
