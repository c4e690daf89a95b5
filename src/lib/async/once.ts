/** A value that is made at the first call and then kept; a failure is not kept, so the next call tries again. */
export interface Once<T> {
  (): Promise<T>;
  /** What was made, when it was; does not make it. */
  made(): Promise<T> | undefined;
}

export function once<T>(make: () => Promise<T>): Once<T> {
  let value: Promise<T> | undefined;
  const get = () => {
    value ??= make().catch((error: unknown) => {
      value = undefined;
      throw error;
    });
    return value;
  };
  return Object.assign(get, { made: () => value });
}
