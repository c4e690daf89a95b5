/** What the system says when it cannot, by its code. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  const code = errorCode(error);
  return code !== undefined && codes.includes(code);
}

/** There is no such file or folder, or none on the way to it. */
export const isMissing = (error: unknown): boolean => hasCode(error, 'ENOENT', 'ENOTDIR');

/** A process that ended while it was looked at, or that is another user's. */
export const isUnseen = (error: unknown): boolean =>
  hasCode(error, 'ENOENT', 'ENOTDIR', 'ESRCH', 'EACCES', 'EPERM');

/** For `catch`: what an expected failure stands for. Any other one goes on as it came. */
export function expecting<T>(isExpected: (error: unknown) => boolean, value: T): (error: unknown) => T {
  return (error) => {
    if (isExpected(error)) return value;
    throw error;
  };
}

/** Whatever the failure is. */
export const always = (): boolean => true;

/** `null` for what is not there; other failures as they came. */
export function orNull<T>(read: Promise<T>, absent = isMissing): Promise<T | null> {
  return read.catch(expecting(absent, null));
}

export function orNullSync<T>(read: () => T, absent = isMissing): T | null {
  try {
    return read();
  } catch (error) {
    if (absent(error)) return null;
    throw error;
  }
}
