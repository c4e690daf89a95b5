import { isDeepStrictEqual } from 'node:util';

/** The fields of `given` that `there` does not have just so, read as JSON: what is handed back as it was is left out. */
export function whatDiffers<T extends object>(given: T, there: object): Partial<T> {
  const known = new Map<string, unknown>(Object.entries(there));
  return Object.fromEntries(
    Object.entries(given).filter(([name, value]) => !isDeepStrictEqual(plain(value), plain(known.get(name)))),
  ) as Partial<T>;
}

/** A moment is the same as text and as a `Date`. */
function plain(value: unknown): unknown {
  const text = JSON.stringify(value);
  return text === undefined ? undefined : JSON.parse(text);
}
