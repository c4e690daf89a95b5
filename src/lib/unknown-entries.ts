/**
 * Where something stands that parsing dropped: `forks.0.weight`. Schemas drop what they do not know, so what is in the raw
 * value and not in the parsed one is unknown.
 */
export function* unknownEntries(raw: unknown, known: unknown, prefix = ''): Generator<string> {
  if (Array.isArray(raw) && Array.isArray(known)) {
    for (const [index, part] of raw.entries())
      yield* unknownEntries(part, known[index], `${prefix}${index}.`);
  } else if (isPlain(raw) && isPlain(known)) {
    for (const [key, part] of Object.entries(raw)) {
      if (Object.hasOwn(known, key)) yield* unknownEntries(part, known[key], `${prefix}${key}.`);
      else if (part !== undefined) yield `${prefix}${key}`;
    }
  }
}

/** The first of them, or `null`. */
export function unknownEntry(raw: unknown, known: unknown): string | null {
  const { value, done } = unknownEntries(raw, known).next();
  return done === true ? null : value;
}

/** A map of YAML or JSON; dates and lists are none. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
