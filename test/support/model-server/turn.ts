import type { Json, ParsedRequest } from './formats/format.ts';
import type { RequestRecord } from './record.ts';
import type { Turn } from './script.ts';

/** Puts together what a script sees. */
export function toTurn(parsed: ParsedRequest, record: RequestRecord, body: Json): Turn {
  const { conversation } = parsed;
  const lastAssistant = conversation.findLastIndex((message) => message.role === 'assistant');
  return {
    format: record.format,
    model: record.model,
    key: record.key,
    system: parsed.system,
    tools: parsed.tools,
    conversation,
    lastUser: conversation.findLast((message) => message.role === 'user')?.text ?? '',
    lastToolResults: conversation
      .slice(lastAssistant + 1)
      .filter((message) => message.role === 'tool')
      .map((message) => ({
        callId: message.callId ?? '',
        name: message.name ?? '',
        output: message.text,
        isError: message.isError ?? false,
      })),
    maxOutputTokens: Number(
      body.max_tokens ?? body.max_completion_tokens ?? body.max_output_tokens ?? Infinity,
    ),
    assistantTurns: conversation.filter((message) => message.role === 'assistant').length,
    requestIndex: record.index,
    conversationKey: record.conversationKey,
  };
}
