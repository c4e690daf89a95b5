import type { JournalEntry } from '../../model/journal.ts';
import { tokensOf } from '../../model/money/finance.ts';
import { textOf, toolCalls } from './conversation.ts';

/** One message of an agent's conversation: the specification's Message (§2.4). */
export interface HistoryMessage {
  /** `tool`: what a call of a tool came to. */
  role: 'user' | 'assistant' | 'tool';
  content: string;
  timestamp: Date;
  /** Tokens and USD of the request that it answers; 0 for what was not paid for. */
  tokens: number;
  cost: number;
  /** Calls of tools that it asks for; `arguments` is JSON as the model wrote it. */
  calls?: { name: string; arguments: string }[];
}

/** All that was ever said, also what was summarised since; without what another worker overtook. */
export function history(entries: readonly JournalEntry[]): HistoryMessage[] {
  return entries.flatMap((entry): HistoryMessage[] => {
    const free = { timestamp: new Date(entry.at), tokens: 0, cost: 0 };
    switch (entry.type) {
      case 'note':
        return [{ role: 'user', content: entry.text, ...free }];
      case 'tool_result':
        return [{ role: 'tool', content: entry.output, ...free }];
      case 'reply': {
        const { message, usage, cost } = entry;
        const calls = toolCalls(message).map(({ name, arguments: text }) => ({ name, arguments: text }));
        const paid = { timestamp: free.timestamp, tokens: tokensOf(usage), cost };
        return [
          { role: 'assistant', content: textOf(message), ...paid, ...(calls.length === 0 ? {} : { calls }) },
        ];
      }
      default:
        return [];
    }
  });
}
