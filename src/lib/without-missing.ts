type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** The value without the fields that are `undefined`: what was not given is left out rather than set to nothing. */
export function withoutMissing<T extends object>(value: T): Given<T> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Given<T>;
}
