import { type Examples, errorBody } from './example.ts';

export const CONTENT_EXAMPLES: Examples = {
  context_used_up: {
    status: 400,
    body: JSON.stringify({
      error: {
        code: 400,
        message: 'the request exceeds the available size',
        type: 'exceed_context_size_error',
      },
    }),
  },
  input_too_long: {
    status: 400,
    body: errorBody(
      '<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 983616]',
      'invalid_request_error',
      'invalid_parameter_error',
    ),
  },
  policy_code: {
    status: 400,
    body: errorBody(
      'Input data may contain inappropriate content.',
      'data_inspection_failed',
      'data_inspection_failed',
    ),
  },
  policy_words: {
    status: 400,
    body: errorBody('The request was rejected because it was considered high risk', 'content_filter'),
  },
  turn_order: {
    status: 400,
    body: '[{"error":{"code":400,"message":"Please ensure that function call turn comes immediately after a user turn or after a function response turn.","status":"INVALID_ARGUMENT"}}]',
  },
};
