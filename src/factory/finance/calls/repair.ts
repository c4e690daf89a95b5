import { parseObject } from '../../../lib/record.ts';
import type { AssistantMessage, ChatMessage, ToolMessage } from '../../model/message.ts';

/**
 * A conversation in the plainest form that every vendor takes: thinking dropped, every tool call with exactly one result
 * right after it, results without a call and tool calls without a result told as text, no empty messages, a user first.
 *
 * For a history that a vendor refused as malformed. Says what happened, so the model loses no fact.
 */
export function plainConversation(messages: readonly ChatMessage[]): ChatMessage[] {
  const plain: ChatMessage[] = [];
  for (let index = 0; index < messages.length; ) {
    const message = messages[index];
    index += 1;
    if (message === undefined) break;
    if (message.role === 'user') {
      if (message.text !== '') plain.push(message);
    } else if (message.role === 'tool') {
      plain.push({ role: 'user', text: told(message) });
    } else {
      const results: ToolMessage[] = [];
      for (let next = messages[index]; next?.role === 'tool'; next = messages[index]) {
        results.push(next);
        index += 1;
      }
      plain.push(...assistantTurn(message, results));
    }
  }
  if (plain[0]?.role !== 'user') plain.unshift({ role: 'user', text: 'Go on with the task.' });
  return plain;
}

function assistantTurn(message: AssistantMessage, results: readonly ToolMessage[]): ChatMessage[] {
  const used = new Set<ToolMessage>();
  const seen = new Set<string>();
  const answers: ToolMessage[] = [];
  const parts: AssistantMessage['parts'] = [];
  for (const part of message.parts) {
    if (part.type === 'thinking' || (part.type === 'text' && part.text === '')) continue;
    if (part.type === 'text') {
      parts.push(part);
      continue;
    }
    const result = results.find((each) => each.callId === part.id && !used.has(each));
    if (result === undefined || seen.has(part.id) || parseObject(part.arguments) === null) {
      parts.push({ type: 'text', text: `(Called ${part.name} with ${part.arguments})` });
    } else {
      seen.add(part.id);
      used.add(result);
      answers.push(result);
      parts.push(part);
    }
  }
  const orphans = results.filter((each) => !used.has(each));
  return [
    ...(parts.length === 0 ? [] : [{ role: 'assistant' as const, parts }]),
    ...answers,
    ...orphans.map((each) => ({ role: 'user' as const, text: told(each) })),
  ];
}

function told({ name, output, isError }: ToolMessage): string {
  return `(${isError ? 'Error' : 'Result'} of ${name})\n${output}`;
}
