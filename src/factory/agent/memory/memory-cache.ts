import { LRUCache } from 'lru-cache';
import type { JournalEntry } from '../../model/journal.ts';
import type { Journal } from '../../ports.ts';
import { extend, remember } from './memory.ts';
import type { AgentMemory } from './memory-types.ts';

export interface MemoryCache {
  /**
   * What the agent knows now. Only entries that were added since the last reading are folded.
   *
   * @param agent anything that names the agent: `<project>/<persona>`
   */
  read(agent: string, journal: Pick<Journal, 'entries'>): Promise<AgentMemory>;
  forget(agent: string): void;
}

/**
 * Conversations held by one worker, the least recently used dropped first. A dropped one is folded anew from its journal.
 *
 * @param limits `characters` counts the texts of all conversations held
 */
export function createMemoryCache(
  limits: { agents: number; characters: number } = { agents: 128, characters: 48 * 1024 * 1024 },
): MemoryCache {
  const held = new LRUCache<string, AgentMemory>({
    max: limits.agents,
    maxSize: limits.characters,
    sizeCalculation: ({ characters }) => Math.max(1, characters),
  });
  return {
    async read(agent, journal) {
      const entries = await journal.entries();
      const known = held.get(agent);
      const memory =
        known !== undefined && continues(known, entries)
          ? extend(known, entries.slice(known.seen))
          : remember(entries);
      held.set(agent, memory);
      return memory;
    },
    forget: (agent) => void held.delete(agent),
  };
}

/** Is it the same journal, only longer? Not after it was restored, cut or replaced by hand. */
function continues({ seen, last }: AgentMemory, entries: readonly JournalEntry[]): boolean {
  const entry = entries[seen - 1];
  if (entry === undefined || last === undefined) return seen === 0;
  return (
    entry === last ||
    (entry.type === last.type &&
      entry.at === last.at &&
      entry.epoch === last.epoch &&
      entry.step === last.step)
  );
}
