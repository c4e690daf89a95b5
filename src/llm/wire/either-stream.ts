import { isRecord } from '../../lib/record.ts';
import { createOpenaiReader } from './openai-stream.ts';
import type { StreamReader } from './reply.ts';
import { createResponsesReader } from './responses-stream.ts';

/**
 * Reads what comes of a request on the Responses interface. Some gateways look at no path and answer every request with chat
 * completions: that is a reply, and it was paid for.
 */
export function createEitherReader(...args: Parameters<typeof createResponsesReader>): StreamReader {
  const responses = createResponsesReader(...args);
  const chat = createOpenaiReader(args[0], undefined, args[1].charges);
  let reader = responses;
  return {
    add(event) {
      if (reader === responses && isCompletion(event)) reader = chat;
      reader.add(event);
    },
    state: () => reader.state(),
    thinks: () => reader.thinks?.() ?? false,
  };
}

const isCompletion = (event: unknown): boolean =>
  isRecord(event) &&
  (Array.isArray(event['choices']) || String(event['object'] ?? '').startsWith('chat.completion'));
