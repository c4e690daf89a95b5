import type { PromptBlock } from './billing.ts';
import { asArray, asObject, asText, type Json } from './formats/format.ts';
import type { Dialect } from './script.ts';

/** OpenAI's reasoning models know only the newer name of the output limit. */
const ONLY_COMPLETION_TOKENS = /^(o\d|gpt-5)/;

/** The message of the 400 that OpenAI answers to a body it does not accept, or `undefined`. */
export function openaiRefusal(body: Json, messages: readonly Json[], dialect: Dialect): string | undefined {
  if (asText(body.model) === '') return 'you must provide a model parameter';
  if (messages.length === 0)
    return "Invalid 'messages': empty array. Expected an array with minimum length 1.";
  if (
    dialect === 'openai' &&
    body.max_tokens !== undefined &&
    ONLY_COMPLETION_TOKENS.test(asText(body.model))
  ) {
    return "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
  }
  if (dialect === 'openrouter' && body.max_completion_tokens !== undefined) {
    return "Unrecognized request argument supplied: max_completion_tokens. Use 'max_tokens' instead.";
  }
  return openaiToolRefusal(body) ?? openaiHistoryRefusal(messages);
}

function openaiToolRefusal(body: Json): string | undefined {
  if (body.tools === undefined) return undefined;
  if (asArray(body.tools).length === 0)
    return "Invalid 'tools': empty array. Expected an array with minimum length 1.";
  for (const [index, tool] of asArray(body.tools).entries()) {
    const name = asText(asObject(asObject(tool).function).name);
    if (!/^[a-zA-Z0-9_-]{1,64}$/.test(name)) {
      return `Invalid 'tools[${index}].function.name': string does not match pattern.`;
    }
  }
  return undefined;
}

function openaiHistoryRefusal(messages: readonly Json[]): string | undefined {
  let open = new Set<string>();
  for (const [index, message] of messages.entries()) {
    if (message.role === 'tool') {
      if (!open.delete(asText(message.tool_call_id))) {
        return "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
      }
      continue;
    }
    if (open.size > 0) {
      return `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${[...open].join(', ')}`;
    }
    if (message.role !== 'assistant') continue;
    const calls = asArray(message.tool_calls).map(asObject);
    if (message.tool_calls !== undefined && calls.length === 0) {
      return `Invalid 'messages[${index}].tool_calls': empty array. Expected an array with minimum length 1, but got an empty array instead.`;
    }
    if (calls.length === 0 && (message.content === null || message.content === undefined)) {
      return `Invalid value for 'content': expected a string, got null. (messages[${index}].content)`;
    }
    const long = calls.findIndex((call) => asText(call.id).length > 40 || asText(call.id) === '');
    if (long >= 0) {
      return `Invalid 'messages[${index}].tool_calls[${long}].id': string too long. Expected a string with maximum length 40.`;
    }
    open = new Set(calls.map((call) => asText(call.id)));
  }
  return open.size > 0
    ? "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'."
    : undefined;
}

/** The message of the 400 that Anthropic answers to a body it does not accept, or `undefined`. */
export function anthropicRefusal(
  body: Json,
  messages: readonly Json[],
  blocks: readonly PromptBlock[],
): string | undefined {
  if (asText(body.model) === '') return 'model: Field required';
  if (typeof body.max_tokens !== 'number') return 'max_tokens: Field required';
  if (messages.length === 0) return 'messages: at least one message is required';
  if (messages[0]?.role !== 'user') return 'messages: first message must use the "user" role';
  if (blocks.filter((block) => block.breakpoint).length > 4) {
    return 'A maximum of 4 blocks with cache_control may be provided. Found 5.';
  }
  if (blocks.some((block) => holdsLoneSurrogate(block.text))) {
    return 'The request body is not valid JSON: no low surrogate in string';
  }
  for (const [index, tool] of asArray(body.tools).map(asObject).entries()) {
    if (!/^[a-zA-Z0-9_-]{1,128}$/.test(asText(tool.name))) {
      return `tools.${index}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`;
    }
  }
  const used = new Set<string>();
  let open: string[] = [];
  for (const [index, message] of messages.entries()) {
    const content = asArray(message.content).map(asObject);
    const refusal =
      anthropicBlockRefusal(message, content, index) ?? anthropicResultRefusal(content, open, index);
    if (refusal !== undefined) return refusal;
    open = content.filter((block) => block.type === 'tool_use').map((block) => asText(block.id));
    if (new Set(open).size < open.length || open.some((id) => used.has(id))) {
      return `messages.${index}.content: \`tool_use\` ids must be unique`;
    }
    for (const id of open) used.add(id);
  }
  if (used.size > 0 && body.tools === undefined) {
    return 'Requests which include `tool_use` or `tool_result` blocks must define tools';
  }
  return open.length > 0 ? missingResults(messages.length - 1, open) : undefined;
}

const missingResults = (index: number, ids: readonly string[]) =>
  `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`;

function anthropicBlockRefusal(message: Json, blocks: readonly Json[], index: number): string | undefined {
  if (message.role !== 'user' && message.role !== 'assistant') {
    return `messages.${index}.role: Input should be 'user' or 'assistant'`;
  }
  if (message.content === '' || (typeof message.content !== 'string' && blocks.length === 0)) {
    return `messages.${index}: all messages must have non-empty content except for the optional final assistant message`;
  }
  for (const [at, block] of blocks.entries()) {
    const place = `messages.${index}.content.${at}`;
    if (block.type === 'text' && asText(block.text).trim() === '') {
      return `messages: text content blocks must contain non-whitespace text (${place})`;
    }
    if (block.type === 'tool_use') {
      if (!/^[a-zA-Z0-9_-]+$/.test(asText(block.id))) {
        return `${place}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'`;
      }
      if (typeof block.input !== 'object' || block.input === null || Array.isArray(block.input)) {
        return `${place}.tool_use.input: Input should be a valid dictionary`;
      }
    }
  }
  return undefined;
}

/** In JSON text whole pairs stand unescaped: an escape that is left is half of one. */
export const holdsLoneSurrogate = (json: string) =>
  json.includes('\\ud') && /(?<!\\)(\\\\)*\\ud[89a-f]/i.test(json);

/** Results must answer exactly the calls of the message before, and stand before any text. */
function anthropicResultRefusal(
  blocks: readonly Json[],
  open: readonly string[],
  index: number,
): string | undefined {
  const results = blocks
    .filter((block) => block.type === 'tool_result')
    .map((block) => asText(block.tool_use_id));
  const strange = results.find((id) => !open.includes(id));
  if (strange !== undefined) {
    return `messages.${index}.content.0: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${strange}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`;
  }
  if (new Set(results).size < results.length)
    return `messages.${index}: each tool_use must have a single result`;
  const missing = open.filter((id) => !results.includes(id));
  if (missing.length > 0) return missingResults(index - 1, missing);
  if (blocks.slice(0, results.length).some((block) => block.type !== 'tool_result')) {
    return missingResults(index - 1, open);
  }
  return undefined;
}
