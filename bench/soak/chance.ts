/** A repeatable source of chance: mulberry32, by Tommy Ettinger (public domain). Numbers from 0 (included) to 1 (not). */
export function createChance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Chance that depends on a text alone: the same text, the same number. FNV-1a (Fowler, Noll, Vo). */
export function chanceOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return createChance(hash)();
}

export function pick<T>(items: readonly T[], chance: number): T {
  const found = items[Math.floor(chance * items.length)];
  if (found === undefined) throw new Error('there is nothing to pick from');
  return found;
}
