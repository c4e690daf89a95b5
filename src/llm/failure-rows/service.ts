import type { FailureRow } from './row.ts';

/** What a provider does not have or serve: a model, a capability, a country; and words for being busy under odd codes. */
export const SERVICE_ROWS: readonly FailureRow[] = [
  {
    name: 'model_not_up',
    kind: 'outage',
    words: /model (has )?(been )?(unloaded|crashed)/i,
    says: 'nothing has the model up at the moment',
  },
  {
    name: 'model_gone',
    kind: 'config',
    codes: [
      ...['model_permission_blocked_project', 'model_permission_blocked_org', 'model_terms_required'],
      ...[
        'Model.AccessDenied',
        'model_access_denied',
        'AccessDenied.Unpurchased',
        'key_model_access_denied',
        'base_resp.2061',
      ],
      'model_decommissioned',
      'model_deprecated',
      'model_not_available',
      'invalid_model',
      '1211',
    ],
    says: 'the model is not served any more, or not to this account',
  },
  {
    name: 'no_such_model',
    kind: 'config',
    status: [400, 403, 404, 410, 422],
    words:
      /not a valid model|invalid model\b|unknown model|unsupported model|model not exist|model .{0,80}(does not exist|not found|is not available|has been (deprecated|retired|decommissioned)|no longer (available|supported)|end of its life)|no models? (is |are )?loaded|model identifier is invalid|on-demand throughput|access to the model|not found the model|organization must be verified|non-serverless model/i,
    says: 'there is no such model, or this key may not use it',
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
  },
  {
    name: 'place_not_served',
    kind: 'config',
    words:
      /location is not supported|not (available|supported) in your (country|region|location)|ip (address )?.{0,40}not (authorized|allowed|whitelisted)/i,
    says: 'the provider does not serve this country or address',
  },
  {
    name: 'tools_not_served',
    kind: 'config',
    status: [400, 404, 422, 500, 501],
    words:
      /tools?'? (is|are) not supported|function calling is not (supported|enabled)|does not support (tools|tool use|tool calling|function calling)|no endpoints found that support tool use|tool choice requires/i,
    says: 'the model cannot use tools, so it cannot work here',
  },
  {
    name: 'tool_schema_refused',
    kind: 'config',
    status: [400, 422],
    words:
      /unknown name .{0,40}(at '?tools|function_declarations)|invalid schema for function|function_declarations\[\d+\]/i,
    says: "a tool's schema is refused",
  },
  {
    name: 'bad_generation',
    kind: 'outage',
    codes: ['tool_use_failed'],
    says: 'the model wrote a tool call that the provider could not read',
    perhapsBilled: true,
  },
  {
    name: 'busy',
    kind: 'outage',
    codes: [
      'engine_overloaded_error',
      'server_is_overloaded',
      'provider_overloaded',
      'queue_exceeded',
      'capacity_exceeded',
      'ModelNotReadyException',
      '1305',
    ],
    says: 'the provider is overloaded',
  },
  {
    name: 'try_again',
    kind: 'outage',
    status: [409, 421, 423, 424, 425],
    says: 'the provider asks to try again',
  },
];
