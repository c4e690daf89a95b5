import { isDeepStrictEqual } from 'node:util';

/** `undefined` for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export function parseObject(text: string | null): Record<string, unknown> | null {
  const parsed = parseJson(text ?? '{}');
  return isRecord(parsed) ? parsed : null;
}

export function asRecord(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The fields of `given` that `there` does not have just so, read as JSON: what is handed back as it was is left out. */
export function whatDiffers<T extends object>(given: T, there: object): Partial<T> {
  const known = new Map<string, unknown>(Object.entries(there));
  return Object.fromEntries(
    Object.entries(given).filter(([name, value]) => !isDeepStrictEqual(plain(value), plain(known.get(name)))),
  ) as Partial<T>;
}

/** What is to change: of a thing that is handed back, with fields of it that nobody can change, what differs from it as it stands. */
export function whatChanges<T extends object>(
  given: T,
  there: object,
  fields: object,
  changeable: object,
): Partial<T> {
  const isHandedBack = Object.keys(given).some((name) => name in fields && !(name in changeable));
  return isHandedBack ? whatDiffers(given, there) : given;
}

/** A moment is the same as text and as a `Date`. */
function plain(value: unknown): unknown {
  const text = JSON.stringify(value);
  return text === undefined ? undefined : JSON.parse(text);
}
