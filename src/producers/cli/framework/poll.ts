import { sleepUnless } from '../../../lib/async/sleep.ts';
import { listenForInterrupts } from './interrupts.ts';

/** Milliseconds between two looks. */
const INTERVAL = 250;

/** Looks until there is something, or Ctrl-C. @returns `undefined` after Ctrl-C */
export async function poll<T>(look: () => Promise<T | undefined>): Promise<T | undefined> {
  const interrupts = listenForInterrupts();
  try {
    for (;;) {
      const found = await look();
      if (found !== undefined || interrupts.first.aborted) return found;
      await sleepUnless(INTERVAL, interrupts.first);
    }
  } finally {
    interrupts.dispose();
  }
}
