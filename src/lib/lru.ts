import { LRUCache } from 'lru-cache';

/** Values by key, the most recently used ones; `memo` makes what is missing. */
export function createRecent<T extends object>(max: number, make: (key: string) => T): LRUCache<string, T> {
  return new LRUCache<string, T>({ max, memoMethod: (key) => make(key) });
}

/**
 * The same question is asked once; the most recent answers are kept, and failures never.
 *
 * @param keeps whether an answer is kept once it is given
 */
export function createAnswers<T>(max: number, keeps: (answer: T) => boolean = () => true) {
  const known = new LRUCache<string, Promise<T>>({ max });
  return (key: string, ask: () => Promise<T>): Promise<T> => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const answer = ask();
    known.set(key, answer);
    answer.then(
      (given) => keeps(given) || known.delete(key),
      () => known.delete(key),
    );
    return answer;
  };
}
