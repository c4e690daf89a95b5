import { holdsLoneSurrogate } from '../refusals.ts';
import type { Seal } from '../sealed-reasoning.ts';
import { asArray, asObject, asText, type Json, type Refusal } from './format.ts';

const PARAMETERS = new Set(
  `background context_management conversation include input instructions max_output_tokens metadata model moderation
  parallel_tool_calls previous_response_id prompt prompt_cache_key prompt_cache_options prompt_cache_retention reasoning
  safety_identifier service_tier store stream stream_options temperature text tool_choice tools top_logprobs top_p truncation
  user`.split(/\s+/),
);

/** What an item of the input may hold, by its type. */
const FIELDS: Record<string, readonly string[]> = {
  message: ['type', 'role', 'content', 'phase', 'id', 'status'],
  function_call: ['type', 'call_id', 'name', 'arguments', 'id', 'status', 'caller', 'namespace'],
  function_call_output: ['type', 'call_id', 'output', 'id', 'status', 'caller'],
  reasoning: ['type', 'id', 'summary', 'content', 'encrypted_content', 'status'],
};

const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

const isReasoningModel = (model: string): boolean => /^(o\d|gpt-5|codex-)/.test(model);

/** Models that answer on this interface alone. */
export const isResponsesOnly = (model: string): boolean =>
  /^(o[13]-pro|gpt-5(\.\d+)?-pro|gpt-5(\.\d+)?-codex|codex-mini|computer-use-preview|o\d(-mini)?-deep-research)/.test(
    model,
  );

const refuse = (message: string, code: string | null = null, param: string | null = null): Refusal => ({
  message,
  code,
  param,
});

/** What the vendor answers to a body that it does not accept, or `undefined`. */
export function responsesRefusal(
  body: Json,
  items: readonly Json[],
  owner: string,
  seal: Seal,
): Refusal | undefined {
  return (
    parameterRefusal(body) ??
    modelRefusal(body) ??
    toolsRefusal(body) ??
    itemsRefusal(items) ??
    pairsRefusal(items) ??
    reasoningRefusal(items, body.store === false, owner, seal)
  );
}

function parameterRefusal(body: Json): Refusal | undefined {
  const strange = Object.keys(body).find((name) => !PARAMETERS.has(name));
  if (strange) return refuse(`Unknown parameter: '${strange}'.`, 'unknown_parameter', strange);
  if (asText(body.model) === '') {
    return refuse("Missing required parameter: 'model'.", 'missing_required_parameter', 'model');
  }
  if (body.input === undefined || asArray(body.input).length + asText(body.input).length === 0) {
    return refuse(
      "One of 'input' or 'previous_response_id' or 'prompt' or 'conversation' must be provided.",
      'missing_required_parameter',
    );
  }
  const limit = body.max_output_tokens;
  if (typeof limit === 'number' && limit < 16) {
    return refuse(
      `Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got ${limit} instead.`,
      'integer_below_min_value',
      'max_output_tokens',
    );
  }
  const key = body.prompt_cache_key;
  if (key !== undefined && (typeof key !== 'string' || key.length > 64)) {
    return refuse(
      "Invalid 'prompt_cache_key': string too long. Expected a string with maximum length 64.",
      'string_above_max_length',
      'prompt_cache_key',
    );
  }
  return undefined;
}

function modelRefusal(body: Json): Refusal | undefined {
  const model = asText(body.model);
  const effort = asObject(body.reasoning).effort;
  if (effort !== undefined && !EFFORTS.includes(asText(effort))) {
    return refuse(`Invalid value: '${asText(effort)}'.`, 'invalid_value', 'reasoning.effort');
  }
  if (!isReasoningModel(model)) {
    if (asArray(body.include).includes('reasoning.encrypted_content')) {
      return refuse('Encrypted content is not supported with this model.', null, 'include');
    }
    return effort === undefined ? undefined : unsupported('reasoning.effort');
  }
  const sampling = ['temperature', 'top_p'].find((name) => body[name] !== undefined && body[name] !== null);
  return sampling === undefined ? undefined : unsupported(sampling);
}

const unsupported = (name: string) =>
  refuse(`Unsupported parameter: '${name}' is not supported with this model.`, 'unsupported_parameter', name);

function toolsRefusal(body: Json): Refusal | undefined {
  const tools = asArray(body.tools).map(asObject);
  if (body.tools !== undefined && tools.length === 0) {
    return refuse(
      "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      'empty_array',
      'tools',
    );
  }
  if (body.tool_choice === 'required' && tools.length === 0) {
    return refuse("Tool choice 'required' must be specified with 'tools' parameter.", null, 'tool_choice');
  }
  for (const [index, tool] of tools.entries()) {
    const place = `tools[${index}]`;
    if (tool.type !== 'function')
      return refuse(`Invalid value: '${asText(tool.type)}'.`, null, `${place}.type`);
    if (tool.function !== undefined) {
      return refuse(`Missing required parameter: '${place}.name'.`, 'missing_required_parameter', place);
    }
    if (!/^[a-zA-Z0-9_-]{1,64}$/.test(asText(tool.name))) {
      return refuse(`Invalid '${place}.name': string does not match pattern.`, 'invalid_value', place);
    }
    const schema = asObject(tool.parameters);
    // On this interface a schema is strict unless it says that it is not.
    if (tool.strict !== false && !isStrict(schema)) {
      return refuse(
        `Invalid schema for function '${asText(tool.name)}': In context=(), 'required' is required to be supplied and to be an array including every key in properties.`,
        'invalid_function_parameters',
        `${place}.parameters`,
      );
    }
  }
  return undefined;
}

const isStrict = (schema: Json): boolean =>
  Object.keys(asObject(schema.properties)).every((name) => asArray(schema.required).includes(name));

function itemsRefusal(items: readonly Json[]): Refusal | undefined {
  for (const [index, item] of items.entries()) {
    const place = `input[${index}]`;
    const type = item.type === undefined && item.role !== undefined ? 'message' : asText(item.type);
    const fields = FIELDS[type];
    if (!fields) return refuse(`Invalid value: '${type}'.`, 'invalid_value', place);
    const strange = Object.keys(item).find((name) => !fields.includes(name));
    if (strange) return refuse(`Unknown parameter: '${place}.${strange}'.`, 'unknown_parameter', place);
    const empty = Object.keys(item).find((name) => item[name] === null);
    if (empty)
      return refuse(`Invalid type for '${place}.${empty}': got null instead.`, 'invalid_type', place);
    if (type === 'message' && typeof item.content !== 'string' && !Array.isArray(item.content)) {
      return refuse(`Invalid type for '${place}.content'.`, 'invalid_type', place);
    }
    if (type === 'function_call' && !/^[a-zA-Z0-9_-]{1,64}$/.test(asText(item.name))) {
      return refuse(`Invalid '${place}.name': string does not match pattern.`, 'invalid_value', place);
    }
    if (type.startsWith('function_call') && !/^[\s\S]{1,64}$/.test(asText(item.call_id))) {
      return refuse(`Invalid '${place}.call_id': string too long.`, 'string_above_max_length', place);
    }
    if (holdsLoneSurrogate(JSON.stringify(item))) {
      return refuse(`Invalid '${place}': the text is no valid Unicode.`, 'invalid_value', place);
    }
  }
  return undefined;
}

/** Each call needs its output somewhere after it, each output its call before it, and both once. */
function pairsRefusal(items: readonly Json[]): Refusal | undefined {
  const called = new Set<string>();
  const answered = new Set<string>();
  for (const item of items) {
    const id = asText(item.call_id);
    if (item.type === 'function_call') {
      if (called.has(id)) return refuse(`Duplicate item found with id ${id}. Remove it from your input.`);
      called.add(id);
    }
    if (item.type === 'function_call_output') {
      if (!called.has(id) || answered.has(id)) {
        return refuse(`No tool call found for function call output with call_id ${id}.`, null, 'input');
      }
      answered.add(id);
    }
  }
  const open = [...called].find((id) => !answered.has(id));
  return open === undefined
    ? undefined
    : refuse(`No tool output found for function call ${open}.`, null, 'input');
}

function reasoningRefusal(
  items: readonly Json[],
  unstored: boolean,
  owner: string,
  seal: Seal,
): Refusal | undefined {
  for (const [index, item] of items.entries()) {
    if (item.type !== 'reasoning') continue;
    const id = asText(item.id);
    if (!Array.isArray(item.summary)) {
      return refuse(`Missing required parameter: 'input[${index}].summary'.`, 'missing_required_parameter');
    }
    if (item.encrypted_content === undefined) {
      const why = unstored ? ' Items are not persisted when `store` is set to false.' : '';
      return { ...refuse(`Item with id '${id}' not found.${why}`, null, 'input'), status: 404 };
    }
    const changed = seal.refusal(owner, item);
    if (changed) return refuse(changed, 'invalid_encrypted_content');
    const next = items.slice(index + 1).find((follower) => follower.type !== 'reasoning');
    if (next?.type !== 'function_call' && next?.role !== 'assistant') {
      return refuse(
        `Item '${id}' of type 'reasoning' was provided without its required following item.`,
        null,
        'input',
      );
    }
  }
  return undefined;
}
