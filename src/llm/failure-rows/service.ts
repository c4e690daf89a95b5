import { errorBody, type FailureRow } from './row.ts';

/** What a provider does not have or serve: a model, a capability, a country; and words for being busy under odd codes. */
export const SERVICE_ROWS: readonly FailureRow[] = [
  {
    name: 'model_gone',
    kind: 'config',
    codes: ['model_decommissioned', 'model_deprecated', 'model_not_available', 'invalid_model', '1211'],
    says: 'the model is not served any more',
    example: {
      status: 400,
      body: errorBody(
        'The model `llama-3.1-70b-versatile` has been decommissioned and is no longer supported.',
        'invalid_request_error',
        'model_decommissioned',
      ),
    },
  },
  {
    name: 'no_such_model',
    kind: 'config',
    status: [400, 403, 404, 410, 422],
    words:
      /not a valid model|invalid model\b|unknown model|unsupported model|model not exist|model .{0,80}(does not exist|not found|is not available|has been (deprecated|retired|decommissioned)|no longer (available|supported)|end of its life)|no models? (is |are )?loaded|model identifier is invalid|on-demand throughput|access to the model|not found the model|organization must be verified|non-serverless model/i,
    says: 'there is no such model, or this key may not use it',
    example: {
      status: 400,
      body: errorBody('Model Not Exist', 'invalid_request_error', 'invalid_request_error'),
    },
  },
  {
    name: 'no_such_api_version',
    kind: 'config',
    status: [400, 404, 410, 422],
    words:
      /\b(api.?version\b.{0,80}(not supported|unsupported|invalid|not (a )?valid|retired|expired|does not exist)|(unsupported|invalid|unknown) (value for )?[`'"]?api.?version)/i,
    // Google names the version of its address where a model is missing.
    notWords: /models?\//i,
    says: 'the endpoint does not have this version of its interface: another base URL is wanted',
    example: { status: 400, body: '{"error":{"code":"BadRequest","message":"API version not supported"}}' },
  },
  {
    name: 'place_not_served',
    kind: 'config',
    words:
      /location is not supported|not (available|supported) in your (country|region|location)|ip (address )?.{0,40}not (authorized|allowed|whitelisted)/i,
    says: 'the provider does not serve this country or address',
    example: {
      status: 400,
      body: '[{"error":{"code":400,"message":"User location is not supported for the API use.","status":"FAILED_PRECONDITION"}}]',
    },
  },
  {
    name: 'tools_not_served',
    kind: 'config',
    status: [400, 404, 422, 500, 501],
    words:
      /tools?'? (is|are) not supported|function calling is not (supported|enabled)|does not support (tools|tool use|tool calling|function calling)|no endpoints found that support tool use|tool choice requires/i,
    says: 'the model cannot use tools, so it cannot work here',
    example: {
      status: 400,
      body: JSON.stringify({
        object: 'error',
        message: '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
        type: 'BadRequestError',
        code: 400,
      }),
    },
  },
  {
    name: 'tool_schema_refused',
    kind: 'config',
    status: [400, 422],
    words:
      /unknown name .{0,40}(at '?tools|function_declarations)|invalid schema for function|function_declarations\[\d+\]/i,
    says: "a tool's schema is refused",
    example: {
      status: 400,
      body: '[{"error":{"code":400,"message":"Invalid JSON payload received. Unknown name \\"exclusiveMinimum\\" at \'tools[0].function_declarations[1].parameters.properties[2].value\': Cannot find field.","status":"INVALID_ARGUMENT"}}]',
    },
  },
  {
    name: 'bad_generation',
    kind: 'outage',
    codes: ['tool_use_failed'],
    says: 'the model wrote a tool call that the provider could not read',
    perhapsBilled: true,
    example: {
      status: 400,
      body: errorBody(
        "Failed to call a function. Please adjust your prompt. See 'failed_generation' for more details.",
        'invalid_request_error',
        'tool_use_failed',
      ),
    },
  },
  {
    name: 'busy',
    kind: 'outage',
    codes: ['engine_overloaded_error', 'server_is_overloaded', 'provider_overloaded'],
    says: 'the provider is overloaded',
    example: {
      status: 429,
      body: errorBody(
        'The engine is currently overloaded, please try again later',
        'engine_overloaded_error',
      ),
    },
  },
  {
    name: 'try_again',
    kind: 'outage',
    status: [409, 425],
    says: 'the provider asks to try again',
    example: { status: 409, body: errorBody('Conflict', 'conflict_error') },
  },
];
