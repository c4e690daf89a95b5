import { setTimeout as wait } from 'node:timers/promises';

/** Milliseconds; only a test that fails waits for so long. */
const PATIENCE = 180_000;

/**
 * Polls until `condition` is true (or returns something that is not false, null or undefined) and gives that back.
 *
 * @param deadline milliseconds after which it gives up and throws with `what` and the last error of the condition. It promises
 *   nothing: on a machine that is busy with other things all takes its time, so the least is `PATIENCE`
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  deadline = PATIENCE,
  what: string | (() => string) = 'the condition',
): Promise<NonNullable<T>> {
  const began = performance.now();
  const patience = Math.max(deadline, PATIENCE);
  const end = began + patience;
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
      throw new Error(`not within ${patience} ms: ${text}`, last === undefined ? {} : { cause: last });
    }
    // A look that comes to nothing again and again is taken less often: it may be dear, and others want the machine.
    await wait(Math.min(100, 10 + (performance.now() - began) / 50));
  }
}
