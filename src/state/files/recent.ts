/** Keeps the most recently used values by key, at most `limit` of them; makes what is missing. */
export interface Recent<T> {
  get(key: string): T;
  drop(key: string): void;
}

export function createRecent<T>(limit: number, make: (key: string) => T): Recent<T> {
  // A Map gives its keys in order of insertion: the first is the one not used for the longest time.
  const kept = new Map<string, T>();
  return {
    get(key) {
      const value = kept.has(key) ? (kept.get(key) as T) : make(key);
      kept.delete(key);
      kept.set(key, value);
      if (kept.size > limit) {
        const oldest = kept.keys().next();
        if (!oldest.done) kept.delete(oldest.value);
      }
      return value;
    },
    drop: (key) => void kept.delete(key),
  };
}
