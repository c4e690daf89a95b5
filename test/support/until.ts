import { setTimeout as wait } from 'node:timers/promises';

/**
 * Polls until `condition` is true (or returns something that is not false, null or undefined) and gives that back.
 *
 * @param deadline milliseconds; then it throws with `what` and the last error of the condition
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  deadline = 15_000,
  what: string | (() => string) = 'the condition',
): Promise<NonNullable<T>> {
  const began = performance.now();
  const end = began + deadline;
  let last: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value !== false && value !== null && value !== undefined) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) {
      const text = typeof what === 'string' ? what : what();
      throw new Error(`not within ${deadline} ms: ${text}`, last === undefined ? {} : { cause: last });
    }
    // A look that comes to nothing again and again is taken less often: it may be dear, and others want the machine.
    await wait(Math.min(50, 10 + (performance.now() - began) / 50));
  }
}
