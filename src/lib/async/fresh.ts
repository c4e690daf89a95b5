/** Makes a value at most every `ms` milliseconds, once for all that ask meanwhile. A failure is not kept. */
export function fresh<T>(make: () => Promise<T>, now: () => Date, ms: number): () => Promise<T> {
  let made: { at: number; value: Promise<T> } | null = null;
  return () => {
    const at = now().getTime();
    if (made === null || at - made.at >= ms || at < made.at) {
      const mine = { at, value: make() };
      made = mine;
      mine.value.catch(() => {
        if (made === mine) made = null;
      });
    }
    return made.value;
  };
}
