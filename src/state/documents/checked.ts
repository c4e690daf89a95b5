/**
 * Checks a value before it is written; throws for what could not be read back.
 *
 * @returns `false` when it holds entries that its schema does not know: they must not be written
 */
export type CheckWrite<T> = (value: T) => boolean;

/**
 * A check that looks only at what is new in one long list of a document. Entries that were checked before, or were read
 * from the file, are known by identity; they are frozen, so they are what they were.
 *
 * @param list name of an array whose entries are valid each for itself, whatever the others are
 * @param check the check of a whole document
 */
export function createListCheck<T extends object>(
  list: keyof T & string,
  check: CheckWrite<T>,
): { check: CheckWrite<T>; known(value: T): void } {
  const seen = new WeakSet<object>();
  const entriesOf = (value: T): readonly unknown[] => {
    const entries: unknown = value[list];
    return Array.isArray(entries) ? entries : [];
  };
  const isSeen = (entry: unknown) => typeof entry === 'object' && entry !== null && seen.has(entry);
  const known = (value: T) => {
    for (const entry of entriesOf(value)) if (typeof entry === 'object' && entry !== null) seen.add(entry);
  };
  return {
    known,
    check(value) {
      const isExact = check({ ...value, [list]: entriesOf(value).filter((entry) => !isSeen(entry)) });
      if (isExact) known(value);
      return isExact;
    },
  };
}
