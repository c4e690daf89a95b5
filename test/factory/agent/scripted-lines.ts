import type { AssistantMessage } from '../../../src/factory/model/message.ts';
import type { ProviderConfig } from '../../../src/factory/model/money/finance.ts';
import type { ModelReply, PaidOutcome } from '../../../src/factory/ports.ts';

export type Call = [name: string, args: unknown];
/** What the scripted model answers: text, calls, or a whole outcome of the finance manager. */
export interface Line {
  text?: string;
  calls?: Call[];
  /** Raw arguments in place of JSON. */
  raw?: [name: string, args: string][];
  stop?: ModelReply['stop'];
  /** How much room it may have when it is asked for again. */
  more?: number;
  outcome?: Exclude<PaidOutcome, { kind: 'reply' }>;
  tokens?: number;
}

export const PROVIDER: ProviderConfig = {
  id: 'scripted',
  name: 'openai',
  model: 'scripted-1',
  apiKey: '',
  rateLimit: {},
  priority: 1,
  enabled: true,
  consecutiveFailures: 0,
  free: true,
};

export function messageOf(line: Line, request: number): AssistantMessage {
  const raw = [
    ...(line.calls ?? []).map(([name, args]): [string, string] => [name, JSON.stringify(args)]),
    ...(line.raw ?? []),
  ];
  return {
    role: 'assistant',
    parts: [
      ...(line.text === undefined ? [] : [{ type: 'text' as const, text: line.text }]),
      ...raw.map(([name, args], index) => ({
        type: 'tool_call' as const,
        id: `r${request}-${index}`,
        name,
        arguments: args,
      })),
    ],
    ...(line.stop === 'paused' ? { paused: { vendor: 'openai', model: PROVIDER.model } } : {}),
  };
}
