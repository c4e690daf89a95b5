import * as z from 'zod';

/** The neutral conversation: what every vendor's wire format is made from. */
const textPart = z.object({ type: z.literal('text'), text: z.string() });

/** What only its own vendor and model understand: sent back to them word for word, never shown to another. */
const source = { vendor: z.string(), model: z.string() };
const opaque = z.object({ ...source, data: z.unknown() });

/** A tool call as the model asked for it. `arguments` is the raw JSON text: it may be malformed, and then says so. */
const toolCallPart = z.object({
  type: z.literal('tool_call'),
  id: z.string(),
  name: z.string(),
  arguments: z.string(),
  /** Fields beside the call, such as a signature of the thought that led to it. */
  opaque: opaque.optional(),
});
export type ToolCall = z.infer<typeof toolCallPart>;

/** Signed or encrypted reasoning, and whatever else of a reply only its own vendor can read. */
const thinkingPart = z.object({ type: z.literal('thinking'), ...opaque.shape });

export const assistantMessage = z.object({
  role: z.literal('assistant'),
  parts: z.array(z.discriminatedUnion('type', [textPart, toolCallPart, thinkingPart])),
  /** Whose model paused in the middle of its turn: it goes on when it gets the message back with nothing after it. */
  paused: z.object(source).optional(),
});
export type AssistantMessage = z.infer<typeof assistantMessage>;

export const userMessage = z.object({ role: z.literal('user'), text: z.string() });
export type UserMessage = z.infer<typeof userMessage>;

export const toolMessage = z.object({
  role: z.literal('tool'),
  callId: z.string(),
  name: z.string(),
  output: z.string(),
  isError: z.boolean().default(false),
});
export type ToolMessage = z.infer<typeof toolMessage>;

export type ChatMessage = UserMessage | AssistantMessage | ToolMessage;

/** What the model is told of a tool. `parameters` is a JSON schema object. */
export interface ToolSpec {
  name: string;
  description: string;
  parameters: Record<string, unknown>;
}
