import type { AssistantMessage, ChatMessage, ToolCall } from '../../model/message.ts';

export function toolCalls(message: AssistantMessage): ToolCall[] {
  return message.parts.filter((part) => part.type === 'tool_call');
}

export function textOf(message: AssistantMessage): string {
  return message.parts
    .flatMap((part) => (part.type === 'text' ? [part.text] : []))
    .join('\n')
    .trim();
}

/** Size of a message for estimates. */
export function characters(message: ChatMessage): number {
  switch (message.role) {
    case 'user':
      return message.text.length;
    case 'tool':
      return message.output.length + message.name.length;
    case 'assistant':
      return message.parts.reduce((sum, part) => sum + partCharacters(part), 0);
  }
}

function partCharacters(part: AssistantMessage['parts'][number]): number {
  if (part.type === 'text') return part.text.length;
  if (part.type === 'tool_call') return part.name.length + part.arguments.length;
  return 0;
}

/**
 * A reply as it may go back to any vendor: without blank text, and `null` when nothing is left that a vendor accepts (a
 * message with nothing in it, or with thinking alone where its vendor does not go on with it).
 */
export function presentable(message: AssistantMessage): AssistantMessage | null {
  const parts = message.parts.filter((part) => part.type !== 'text' || part.text.trim() !== '');
  const shows = parts.some((part) => part.type !== 'thinking');
  return shows || (message.paused !== undefined && parts.length > 0) ? { ...message, parts } : null;
}

/**
 * The reply with call ids that occur nowhere else in the conversation. Some models number their calls anew in every reply;
 * vendors refuse two calls of one id, and results could not be told apart.
 */
export function withUniqueCallIds(
  message: AssistantMessage,
  conversation: readonly ChatMessage[],
  step: number,
): AssistantMessage {
  if (toolCalls(message).length === 0) return message;
  const taken = new Set(
    conversation.flatMap((each) => (each.role === 'assistant' ? toolCalls(each).map(({ id }) => id) : [])),
  );
  const parts = message.parts.map((part, index) => {
    if (part.type !== 'tool_call') return part;
    const id = part.id !== '' && !taken.has(part.id) ? part.id : `call_${step}_${index}`;
    taken.add(id);
    return { ...part, id };
  });
  return { ...message, parts };
}
