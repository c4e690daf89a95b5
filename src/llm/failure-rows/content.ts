import type { FailureRow } from './row.ts';

/** What a conversation is refused for: its length, its contents, or the order of its turns. */
export const CONTENT_ROWS: readonly FailureRow[] = [
  {
    name: 'context_used_up',
    kind: 'context',
    codes: ['exceed_context_size_error', 'model_context_window_exceeded', 'tokens_limit_reached', '1261'],
    says: 'the conversation is longer than the model can read',
  },
  {
    name: 'input_too_long',
    kind: 'context',
    status: [400, 403, 413, 422, 500],
    words:
      /range of input length should be|exceeded model token limit|input token length too long|total message size \d+ exceeds limit|maximum prompt length|input_too_large|max_(completion_)?tokens'? is too large.{0,80}maximum context length|max_tokens must be at least 1, got -|greater than the context length|context the overflows|prompt exceeds max length|tokens \+ `?max_new_tokens`? must be|expected maxLength: \d+, actual|prompt token count of \d+ exceeds|maximum allowed input length|tokens in request more than max tokens|input token count.{0,40}exceeds|max size: \d+ tokens|tokens in the prompt cannot exceed|longer than the model's|input tokens exceed the configured limit|'(messages|input)': array too long|payload size exceeds the limit|input token count is \d+ but|must be less than the context length|maximum allowed token size|max \d+ sequence length|exceeds (the )?maximum input length|exceed max message tokens|ContextWindowExceeded|上下文.{0,8}(过长|长度)|最大上下文/i,
    says: 'the conversation is longer than the model can read',
  },
  {
    name: 'policy_code',
    kind: 'refusal',
    codes: [
      'content_policy_violation',
      'ResponsibleAIPolicyViolation',
      'data_inspection_failed',
      'DataInspectionFailed',
      ...['cyber_policy', 'cyber_policy_violation', 'bio_policy'],
      'PROHIBITED_CONTENT',
      ...['SensitiveContentDetected', 'safety_check_failed', 'safety_violation'],
      ...['1301', 'base_resp.1026', 'base_resp.1027'],
    ],
    says: "the provider's policy refuses the conversation",
  },
  {
    name: 'policy_words',
    kind: 'refusal',
    status: [400, 403, 422, 451, 500],
    words:
      /considered high risk|blocked by (the |our )?(content filter|safety)|content filtering policy|content exists risk|violat(es|ing) (our )?(usage|content) (policy|policies|guidelines)|failed check: SAFETY|may contain inappropriate content|safety system|guardrail.{0,40}(intervened|blocked)|(unsafe|sensitive|prohibited) content|new_sensitive|敏感内容|for safety reasons|blocked due to safety|blocked: ?(prohibited|safety)|safety policy|usage policy violation|ContentPolicyViolation|may contain sensitive/i,
    says: "the provider's policy refuses the conversation",
  },
  {
    name: 'turn_order',
    kind: 'malformed',
    status: [400, 422, 500],
    words:
      /function call turn comes immediately after|number of function response parts|multiturn requests|unexpected role '?\w+'? after role|number of toolResult blocks|tool_call_id.{0,20}(is )?not found|only supports single tool-calls|system role not supported|must have either content or tool_calls|single turn requests end with|use a valid role|must have a text parameter|contents(\[\d+\])?\.parts|contents is not specified|function_response\.name|tool_use\.id: |at least one message is required|cannot end with trailing whitespace|function\.arguments"? parameter|"loc":\["body","messages",\d|jinja|chat template|value is not callable/i,
    says: 'the order of the turns is refused',
    repair: 'plain_history',
  },
];
