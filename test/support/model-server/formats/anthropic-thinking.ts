import { createHash } from 'node:crypto';
import type { PromptBlock } from '../billing.ts';
import type { ScriptedModelOptions } from '../script.ts';
import { asArray, asObject, asText, type Json } from './format.ts';

/** What the served models take. Missing: all. */
export type AnthropicTakes = Pick<ScriptedModelOptions, 'thinking' | 'efforts'>;

const LEAST_BUDGET = 1_024;
const EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'];

const seal = (model: string, text: string) =>
  createHash('sha256').update(`${model}\0${text}`).digest('base64').slice(0, 32);

/** The signature of a thinking block: of its words, for its model alone. */
export const sign = (model: string, thinking: string): string => `sig_${seal(model, thinking)}`;

/** Beginning of the ids of calls that followed the model's own thinking: so it is noticed when that is missing. */
export const ledIds = (model: string): string =>
  `toolu_led${createHash('sha256').update(model).digest('hex').slice(0, 6)}_`;

/** A redacted block: nobody can read it, and a changed one is noticed. */
export function redact(model: string, thinking: string): Json {
  const hidden = Buffer.from(thinking).toString('base64');
  return { type: 'redacted_thinking', data: `${hidden}.${seal(model, hidden)}` };
}

/** The message of the 400 to thinking, effort and cache times that are not taken, or `undefined`. */
export function anthropicThinkingRefusal(
  body: Json,
  messages: readonly Json[],
  blocks: readonly PromptBlock[],
  takes: AnthropicTakes,
): string | undefined {
  const marks = blocks.filter((block) => block.breakpoint);
  const firstShort = marks.findIndex((block) => block.long !== true);
  if (firstShort >= 0 && marks.slice(firstShort).some((block) => block.long)) {
    return "A ttl='1h' cache_control block must not come after a ttl='5m' cache_control block.";
  }
  const efforts = takes.efforts ?? EFFORTS;
  const { effort } = asObject(body.output_config);
  if (effort !== undefined && efforts.length === 0)
    return 'This model does not support the effort parameter.';
  if (effort !== undefined && !efforts.includes(asText(effort))) {
    return `output_config.effort: Input should be ${efforts.map((each) => `'${each}'`).join(', ')}`;
  }
  return configRefusal(body, takes) ?? signatureRefusal(body, messages) ?? leadRefusal(body, messages);
}

function configRefusal(body: Json, { thinking: takes = ['adaptive', 'enabled'] }: AnthropicTakes) {
  if (body.thinking === undefined) return undefined;
  const { type, budget_tokens: budget } = asObject(body.thinking);
  if (type === 'disabled') return undefined;
  if (type !== 'adaptive' && type !== 'enabled') {
    return `thinking: Input tag '${asText(type)}' found using 'type' does not match any of the expected tags: 'adaptive', 'disabled', 'enabled'`;
  }
  if (!takes.includes(type)) {
    return type === 'adaptive'
      ? 'adaptive thinking is not supported on this model'
      : '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.';
  }
  if (type === 'enabled' && (typeof budget !== 'number' || budget < LEAST_BUDGET)) {
    return 'thinking.enabled.budget_tokens: Input should be greater than or equal to 1024';
  }
  if (type === 'enabled' && typeof budget === 'number' && budget >= Number(body.max_tokens)) {
    return '`max_tokens` must be greater than `thinking.budget_tokens`.';
  }
  const choice = asObject(body.tool_choice).type;
  if (choice === 'any' || choice === 'tool') {
    return 'Thinking may not be enabled when tool_choice forces tool use.';
  }
  return body.temperature === undefined || body.temperature === 1
    ? undefined
    : '`temperature` may only be set to 1 when thinking is enabled.';
}

function signatureRefusal(body: Json, messages: readonly Json[]): string | undefined {
  const model = asText(body.model);
  for (const [index, message] of messages.entries()) {
    for (const [at, block] of asArray(message.content).map(asObject).entries()) {
      const place = `messages.${index}.content.${at}`;
      if (block.type === 'thinking' && block.signature !== sign(model, asText(block.thinking))) {
        return `${place}: Invalid \`signature\` in \`thinking\` block`;
      }
      if (block.type !== 'redacted_thinking') continue;
      const [hidden = '', sealed] = asText(block.data).split('.');
      if (sealed !== seal(model, hidden)) return `${place}: Invalid \`data\` in \`redacted_thinking\` block`;
    }
  }
  return undefined;
}

/**
 * While thinking is on, the newest turn with calls must begin with its thinking: with a budget any such turn, else one that
 * began so when this model wrote it.
 */
function leadRefusal(body: Json, messages: readonly Json[]): string | undefined {
  const { type } = asObject(body.thinking);
  if (type !== 'enabled' && type !== 'adaptive') return undefined;
  const index = messages.findLastIndex((message) => message.role === 'assistant');
  const content = asArray(messages[index]?.content).map(asObject);
  const first = asText(content[0]?.type);
  const calls = content.filter((block) => block.type === 'tool_use');
  const led = calls.some((block) => asText(block.id).startsWith(ledIds(asText(body.model))));
  if (calls.length === 0 || (type === 'adaptive' && !led)) return undefined;
  if (first === 'thinking' || first === 'redacted_thinking') return undefined;
  return `messages.${index}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${first}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block.`;
}
