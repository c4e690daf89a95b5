import type { AssistantMessage } from '../../factory/agent/message.ts';
import type { Usage } from '../../factory/finance/finance.ts';
import type { ModelReply } from '../../factory/ports.ts';

/** What a stream has said so far. */
export interface StreamState {
  message: AssistantMessage;
  /** Missing as long as the model has not said why it stopped. */
  stop?: ModelReply['stop'];
  /** Missing as long as the final count has not come. */
  usage?: Usage;
}

/** Puts a reply together from the events of a stream. */
export interface StreamReader<Event> {
  add(event: Event): void;
  state(): StreamState;
}

/** Ids from vendors are kept when they are long enough to be unique; some servers count from `call_0` in every reply. */
const SHORTEST_ID = 16;

/** Ids of the calls of one reply: unique, also among all other replies of a conversation. */
export function createCallIds(newId: () => string): (id: string) => string {
  const seen = new Set<string>();
  return (id) => {
    const kept = id.length >= SHORTEST_ID && !seen.has(id) ? id : `call_${newId().replaceAll('-', '')}`;
    seen.add(kept);
    return kept;
  };
}

/** A token count from outside: whole, never negative, never NaN. */
export function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.round(value) : 0;
}
