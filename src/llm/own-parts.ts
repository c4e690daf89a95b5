import type { AssistantMessage, ChatMessage } from '../factory/model/message.ts';
import type { ModelRequest } from '../factory/ports.ts';

/** Whose model said something that it alone can read. */
export interface Source {
  vendor: string;
  model: string;
}

/** The request without what only other models can read. */
export function ownRequest(request: ModelRequest, source: Source): ModelRequest {
  const isOwn = ({ vendor, model }: Source) => vendor === source.vendor && model === source.model;
  const messages = request.messages.map((message): ChatMessage => {
    if (message.role !== 'assistant') return message;
    const parts = message.parts.flatMap((part): AssistantMessage['parts'] => {
      if (part.type === 'thinking') return isOwn(part) ? [part] : [];
      if (part.type === 'text' || part.opaque === undefined || isOwn(part.opaque)) return [part];
      const { opaque: _opaque, ...call } = part;
      return [call];
    });
    return { role: 'assistant', parts };
  });
  return { ...request, messages };
}

/** The reply with what only its own model can read marked as such. */
export function signedBy(message: AssistantMessage, source: Source): AssistantMessage {
  const parts = message.parts.map((part) => {
    if (part.type === 'thinking') return { ...part, ...source };
    return part.type === 'tool_call' && part.opaque
      ? { ...part, opaque: { ...part.opaque, ...source } }
      : part;
  });
  return { role: 'assistant', parts };
}
