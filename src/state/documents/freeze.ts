/**
 * Freezes a value and all it holds, so that what a cache hands out cannot be changed by whoever got it. Parts that were
 * frozen by it before are not walked again. For numbers, texts, booleans, `null`, `Date`, arrays and plain objects of
 * these. (A `Date` cannot be frozen; nothing here calls its setters.)
 */
export type Freezer = <T>(value: T) => T;

export function createFreezer(): Freezer {
  const done = new WeakSet<object>();
  return (value) => {
    // A list instead of recursion: depth comes from files.
    const open: unknown[] = [value];
    while (open.length > 0) {
      const next = open.pop();
      if (typeof next !== 'object' || next === null || next instanceof Date || done.has(next)) continue;
      done.add(next);
      Object.freeze(next);
      for (const part of Object.values(next)) {
        if (typeof part === 'object' && part !== null) open.push(part);
      }
    }
    return value;
  };
}
