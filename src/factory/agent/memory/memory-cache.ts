import type { Journal } from '../../ports.ts';
import type { JournalEntry } from '../../model/journal.ts';
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
  const held = new Map<string, AgentMemory>();
  let total = 0;

  function forget(agent: string): void {
    total -= held.get(agent)?.characters ?? 0;
    held.delete(agent);
  }

  function hold(agent: string, memory: AgentMemory): void {
    forget(agent);
    held.set(agent, memory);
    total += memory.characters;
    for (const oldest of held.keys()) {
      if (held.size <= limits.agents && total <= limits.characters) return;
      if (oldest !== agent) forget(oldest);
    }
  }

  return {
    async read(agent, journal) {
      const entries = await journal.entries();
      const known = held.get(agent);
      const memory =
        known !== undefined && continues(known, entries)
          ? extend(known, entries.slice(known.seen))
          : remember(entries);
      hold(agent, memory);
      return memory;
    },
    forget,
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
