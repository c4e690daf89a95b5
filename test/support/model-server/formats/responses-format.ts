import type { ScriptMessage } from '../script.ts';
import type { Seal } from '../sealed-reasoning.ts';
import {
  asArray,
  asObject,
  asText,
  contentText,
  type Json,
  type ParsedRequest,
  type Refusal,
} from './format.ts';
import { responsesRefusal } from './responses-refusals.ts';

/** Reads a body of `POST /v1/responses`. `owner`: whose encrypted reasoning may come back. */
export function parseResponses(body: Json, owner: string, seal: Seal): ParsedRequest {
  const items =
    typeof body.input === 'string'
      ? [{ type: 'message', role: 'user', content: body.input }]
      : asArray(body.input).map(asObject);
  const system = [
    asText(body.instructions),
    ...items.filter(isSystem).map((item) => contentText(item.content)),
  ];
  const refusal: Refusal | undefined = responsesRefusal(body, items, owner, seal);
  return {
    model: asText(body.model),
    stream: body.stream === true,
    system: system.filter((text) => text !== '').join('\n'),
    tools: asArray(body.tools)
      .map(asObject)
      .map(({ name, description, parameters }) => ({
        name: asText(name),
        description: asText(description),
        parameters,
      })),
    conversation: toConversation(items.filter((item) => !isSystem(item))),
    blocks: [...asArray(body.tools), body.instructions ?? '', ...items].map((block) => ({
      text: JSON.stringify(block),
      breakpoint: false,
    })),
    ...(body.prompt_cache_key === undefined ? {} : { cacheKey: asText(body.prompt_cache_key) }),
    ...(refusal === undefined ? {} : { refusal }),
  };
}

const isSystem = ({ role }: Json) => role === 'system' || role === 'developer';

/** Text and calls of one reply are several items here, and one message of the conversation. */
function toConversation(items: readonly Json[]): ScriptMessage[] {
  const messages: ScriptMessage[] = [];
  const names = new Map<string, string>();
  const assistant = (): ScriptMessage => {
    const last = messages.at(-1);
    if (last?.role === 'assistant') return last;
    const made: ScriptMessage = { role: 'assistant', text: '', toolCalls: [] };
    messages.push(made);
    return made;
  };
  for (const item of items) {
    if (item.type === 'reasoning') continue;
    if (item.type === 'function_call') {
      const id = asText(item.call_id);
      names.set(id, asText(item.name));
      assistant().toolCalls.push({ id, name: asText(item.name), arguments: asText(item.arguments) });
    } else if (item.type === 'function_call_output') {
      const callId = asText(item.call_id);
      const text = contentText(item.output);
      messages.push({
        role: 'tool',
        text,
        toolCalls: [],
        callId,
        name: names.get(callId) ?? '',
        isError: false,
      });
    } else if (item.role === 'assistant') {
      const said = assistant();
      said.text = [said.text, contentText(item.content)].filter((text) => text !== '').join('\n');
    } else messages.push({ role: 'user', text: contentText(item.content), toolCalls: [] });
  }
  return messages;
}
