import type { FailureRow } from './row.ts';

/** What vendors say of thinking, effort and signatures that they do not take, or miss. The first row that fits is used. */
export const THINKING_ROWS: readonly FailureRow[] = [
  {
    name: 'signature_missing',
    kind: 'malformed',
    status: [400, 422],
    words:
      /(missing|requires?|without|lacks?) .{0,40}thought.?signature|thought.?signature.{0,60}(missing|required|not (provided|present|found)|absent)/i,
    says: 'the history lacks a signature that the provider wants back',
    repair: 'fill_signature',
  },
  {
    name: 'signature_refused',
    kind: 'malformed',
    status: [400, 422],
    words: /thought.?signature/i,
    says: 'a signature in the history is refused',
    repair: 'bad_signature',
  },
  {
    name: 'thinking_missing',
    kind: 'malformed',
    words:
      /(reasoning_content|thinking).{0,40}missing|(missing|requires?|without|lacks?).{0,40}reasoning_content|reasoning_content.{0,60}(must be (passed|sent|provided|included)|is required|is needed|not (provided|present|found)|absent)/i,
    says: 'the history lacks thinking that the provider wants back',
    repair: 'fill_reasoning',
  },
  {
    name: 'leading_thinking_missing',
    kind: 'malformed',
    words: /expected `thinking` or `redacted_thinking`|must start with a thinking block/i,
    says: "the newest turn's thinking is missed",
    repair: 'leading_thinking',
  },
  {
    name: 'thinking_refused',
    kind: 'malformed',
    words:
      /invalid `?(signature|data)`? in `?(redacted_)?thinking`? block|`?(redacted_)?thinking`? blocks? .{0,60}cannot be modified|reasoning_content|reasoning_details|property '?reasoning|thinking_blocks|extra_content|\.tool_use\.\w+: extra inputs/i,
    says: 'the thinking in the history is refused',
    repair: 'no_thinking',
  },
  {
    name: 'thinking_mode_refused',
    kind: 'request',
    status: [400, 422],
    words:
      /thinking\.(type|adaptive|enabled|budget_tokens)|(adaptive|extended) thinking.{0,40}not supported|does not support (adaptive |extended )?thinking|^thinking: |thinking: (extra inputs|input (tag|should))|thinking is not supported|unknown (field|parameter|argument).{0,8}thinking/i,
    says: 'thinking cannot be asked for in this way',
    repair: 'thinking_mode',
  },
  {
    name: 'effort_refused',
    kind: 'request',
    status: [400, 422],
    words: /output_config|does not support the (`?effort`?|effort parameter)|\beffort: /i,
    says: 'the effort cannot be told',
    repair: 'no_effort',
  },
  {
    name: 'cache_time_refused',
    kind: 'request',
    status: [400, 422],
    words: /cache_control.{0,60}ttl|ttl.{0,60}(extra inputs|not (permitted|supported|allowed))/i,
    says: 'the prompt cannot be kept for longer',
    repair: 'short_cache',
  },
  {
    name: 'beta_refused',
    kind: 'request',
    status: [400, 403, 422],
    words: /invalid beta flag|unexpected value.{0,120}anthropic-beta|anthropic-beta.{0,40}(not |un|in)/i,
    says: 'a name of a newer interface is refused',
    repair: 'no_beta',
  },
];
