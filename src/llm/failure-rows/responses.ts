import type { FailureRow } from './row.ts';

/** What is refused of a request on the Responses interface, and of one that came on the wrong interface. */
export const RESPONSES_ROWS: readonly FailureRow[] = [
  {
    name: 'responses_only',
    kind: 'config',
    words:
      /only (supported|available) (in|on|through|via|with) (the )?`?\/?(v1\/)?responses|not a chat model|use (the )?`?((\/?v1\/)responses|responses`? (api|endpoint|instead))|not (supported|accessible|available) (in|with|on|via|through) (the )?`?\/?(v1\/)?chat[/ ]completions|in the responses api, this parameter has moved|chatCompletion operation does not work/i,
    says: 'the model does not answer as chat completions',
    repair: 'other_api',
  },
  {
    name: 'chat_only',
    kind: 'config',
    words:
      /(use|try) (the )?`?(\/?v1\/)?chat[/ ]completions|only (supported|available) (in|on|through|via|with) (the )?`?\/?(v1\/)?chat[/ ]completions|responses`? (api|endpoint)?.{0,40}(not (yet )?(supported|available|implemented|enabled)|unsupported|only for api-version)|(not supported|unsupported|not available|not accessible) (in|with|by|for|on|via|through) (the )?`?\/?(v1\/)?responses/i,
    says: 'the model answers as chat completions only',
    repair: 'other_api',
  },
  {
    name: 'messages_wanted',
    kind: 'config',
    status: [400, 422],
    words:
      /missing (required )?(parameter|field|argument)s?:? ?['"`]?messages\b|['"`]?messages['"`]? (is|field) (required|missing)|"loc": ?\["body", ?"messages"\]/i,
    says: 'the endpoint answers as chat completions only',
    repair: 'other_api',
  },
  {
    name: 'unknown_url',
    kind: 'config',
    codes: ['unknown_url'],
    says: 'the endpoint does not have this interface, or the base URL is wrong',
    repair: 'other_api',
  },
  {
    name: 'reasoning_not_readable',
    kind: 'malformed',
    words:
      /encrypted.{0,200}(could not|cannot|can't|failed to) be (verified|decrypted|parsed|read)|'rs_\w*' not found|'reasoning' was provided without its required following item|without its required 'reasoning' item/i,
    says: 'the history holds reasoning that the provider cannot take back',
    repair: 'foreign_thinking',
  },
  {
    name: 'encrypted_content_refused',
    kind: 'malformed',
    codes: ['invalid_encrypted_content'],
    says: 'the history holds reasoning that the provider cannot take back',
    repair: 'foreign_thinking',
  },
  {
    name: 'encrypted_reasoning_unsupported',
    kind: 'request',
    words:
      /encrypted content is not supported|reasoning\.encrypted_content|(unknown|unsupported|unrecognized|invalid).{0,60}'include/i,
    says: 'the model has no reasoning to give back',
    repair: 'no_thinking',
  },
  {
    name: 'effort_unsupported',
    kind: 'request',
    status: [400, 404, 422],
    words:
      /(unsupported|unknown|unrecognized|invalid|not supported|extra|not permitted).{0,80}reasoning[._]?'?\.?effort|reasoning[._]effort.{0,80}(unsupported|not supported|unrecognized|not permitted|unknown|invalid)|(unsupported|invalid) value: '(none|minimal|low|medium|high|xhigh|max)'/i,
    says: 'the model does not have this effort',
    repair: 'no_effort',
  },
  {
    name: 'stream_not_verified',
    kind: 'config',
    words: /verified to stream/i,
    says: 'this organization gets the replies of this model as a whole only',
    repair: 'no_stream',
  },
  {
    name: 'stream_unsupported',
    kind: 'request',
    status: [400, 403, 404, 422],
    words:
      /'stream' does not support true|does ?n[o']t support (streaming|stream\b)|does not support '?stream|streaming is not (supported|available|enabled)/i,
    notWords: /stream_options/i,
    says: 'the model gives its reply as a whole only',
    repair: 'no_stream',
  },
  {
    name: 'cache_key_unsupported',
    kind: 'request',
    words: /prompt_cache_key/i,
    says: 'the endpoint takes no key for its prompt cache',
    repair: 'no_cache_key',
  },
  {
    name: 'parallel_calls_unsupported',
    kind: 'request',
    words: /parallel_tool_calls/i,
    says: 'the model cannot be told to call tools in parallel',
    repair: 'no_parallel_calls',
  },
  {
    name: 'tool_choice_unsupported',
    kind: 'request',
    status: [400, 404, 422],
    words: /tool_choice/i,
    says: 'the model cannot be made to call a tool',
    repair: 'no_tool_choice',
  },
  {
    name: 'call_without_output',
    kind: 'malformed',
    words:
      /no tool (output|call) found for function call|duplicate item found with id|invalid responses api request|invalid (type for |value for |value: )?'?input\[\d+\]|(unknown|missing required) parameter: 'input\[\d+\]/i,
    says: 'the history is refused',
    repair: 'plain_history',
  },
];

/** Gateways that know the address but not what to do there. */
export const NOT_IMPLEMENTED: FailureRow = {
  name: 'not_implemented',
  kind: 'config',
  status: [400, 404, 500, 501],
  words: /not (yet )?implemented|convert_request_failed/i,
  says: 'the endpoint does not have this interface',
  repair: 'other_api',
};

/**
 * An address that is not there. What names a model or a deployment is about that one: it would be missing on another interface
 * as well. Looked for after the wordings that vendors have for a missing model.
 */
export const NO_SUCH_PATH: FailureRow = {
  name: 'no_such_path',
  kind: 'config',
  status: [404, 405, 501],
  notWords: /\b(models?|deployments?|engine|account|organi[sz]ation|project|provider)\b/i,
  says: 'the endpoint does not have this interface, or the base URL is wrong',
  repair: 'other_api',
};
