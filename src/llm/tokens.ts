import type { AssistantMessage, ChatMessage } from '../factory/model/message.ts';
import type { ModelRequest } from '../factory/ports.ts';

/** What a message, a call or a tool costs on the wire beside its text. */
const OVERHEAD_BYTES = 16;
const BYTES_PER_TOKEN = 4;

const bytesOf = (text: string): number => Buffer.byteLength(text);

/**
 * Estimates the input tokens of a request: bytes on the wire divided by four, tools and system text included. For plain
 * English and code that is characters divided by four; other scripts have more bytes, and more tokens.
 */
export function estimateTokens(request: Pick<ModelRequest, 'system' | 'messages' | 'tools'>): number {
  let bytes = bytesOf(request.system) + OVERHEAD_BYTES;
  for (const tool of request.tools) bytes += bytesOf(JSON.stringify(tool)) + OVERHEAD_BYTES;
  for (const message of request.messages) bytes += messageBytes(message);
  return Math.ceil(bytes / BYTES_PER_TOKEN);
}

/** Estimates the tokens of one message. */
function estimateMessageTokens(message: ChatMessage): number {
  return Math.ceil(messageBytes(message) / BYTES_PER_TOKEN);
}

/** Estimates the output tokens of a reply, at least one. */
export function estimateOutputTokens(message: AssistantMessage): number {
  return Math.max(1, estimateMessageTokens(message));
}

function messageBytes(message: ChatMessage): number {
  if (message.role === 'user') return bytesOf(message.text) + OVERHEAD_BYTES;
  if (message.role === 'tool') return bytesOf(message.output) + bytesOf(message.callId) + OVERHEAD_BYTES;
  let bytes = OVERHEAD_BYTES;
  for (const part of message.parts) {
    if (part.type === 'text') bytes += bytesOf(part.text);
    else if (part.type === 'thinking') bytes += bytesOf(JSON.stringify(part.data) ?? '');
    else {
      bytes += bytesOf(part.id) + bytesOf(part.name) + bytesOf(part.arguments) + OVERHEAD_BYTES;
      if (part.opaque !== undefined) bytes += bytesOf(JSON.stringify(part.opaque.data) ?? '');
    }
  }
  return bytes;
}
