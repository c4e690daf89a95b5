import { isDeepStrictEqual } from 'node:util';
import type { AgentState } from '../model/agent.ts';

/** Names of fields besides `currentTask` in which what a caller gives differs from what is there. */
export function decidedFields(current: AgentState, given: AgentState): string[] {
  const there = new Map<string, unknown>(Object.entries(current));
  const wanted = new Map<string, unknown>(Object.entries(given));
  const free = new Set(['currentTask', 'conversationHistory']);
  return [...new Set([...there.keys(), ...wanted.keys()])].filter(
    (name) => !free.has(name) && !isDeepStrictEqual(there.get(name), wanted.get(name)),
  );
}
