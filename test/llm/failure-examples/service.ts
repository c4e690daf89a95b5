import { type Examples, errorBody } from './example.ts';

export const SERVICE_EXAMPLES: Examples = {
  model_not_up: { status: 400, body: '{"error":"Model has unloaded or crashed.."}' },
  model_gone: {
    status: 400,
    body: errorBody(
      'The model `llama-3.1-70b-versatile` has been decommissioned and is no longer supported.',
      'invalid_request_error',
      'model_decommissioned',
    ),
  },
  no_such_model: {
    status: 400,
    body: errorBody('Model Not Exist', 'invalid_request_error', 'invalid_request_error'),
  },
  no_such_api_version: {
    status: 400,
    body: '{"error":{"code":"BadRequest","message":"API version not supported"}}',
  },
  place_not_served: {
    status: 400,
    body: '[{"error":{"code":400,"message":"User location is not supported for the API use.","status":"FAILED_PRECONDITION"}}]',
  },
  tools_not_served: {
    status: 400,
    body: JSON.stringify({
      object: 'error',
      message: '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
      type: 'BadRequestError',
      code: 400,
    }),
  },
  tool_schema_refused: {
    status: 400,
    body: '[{"error":{"code":400,"message":"Invalid JSON payload received. Unknown name \\"exclusiveMinimum\\" at \'tools[0].function_declarations[1].parameters.properties[2].value\': Cannot find field.","status":"INVALID_ARGUMENT"}}]',
  },
  bad_generation: {
    status: 400,
    body: errorBody(
      "Failed to call a function. Please adjust your prompt. See 'failed_generation' for more details.",
      'invalid_request_error',
      'tool_use_failed',
    ),
  },
  busy: {
    status: 429,
    body: errorBody('The engine is currently overloaded, please try again later', 'engine_overloaded_error'),
  },
  try_again: { status: 409, body: errorBody('Conflict', 'conflict_error') },
};
