/** What the program does once it is known to run here. */
import { outliveHangUp } from '../lib/process/hang-up.ts';
import { closeInherited } from '../lib/process/inherited-descriptors.ts';
import { main } from '../producers/cli/framework/main.ts';

/** @param called as in `process.argv` */
export async function start(called: readonly string[]): Promise<void> {
  await closeInherited(called.slice(2));
  outliveHangUp();
  // Workers and producers do not know each other; the program above both hands one to the other.
  await main(called, async (options) => {
    await keepHeapSmall();
    const { runWorker } = await import('../workers/main.ts');
    return runWorker(options);
  });
}

/**
 * A worker makes much short-lived data (requests, lines of logs), and V8 answers by growing the space for it to 48 MB. Kept
 * small it is swept a little more often, and eight projects in one worker take 30 MB less. What lives longer may be forgotten
 * by up to twice as much before V8 looks: the requests of a long project would so take 80 MB more after its first hundred
 * turns. To be called before the worker is loaded; other engines have no such flags.
 */
async function keepHeapSmall(): Promise<void> {
  if (process.versions['bun'] !== undefined) return;
  const { setFlagsFromString } = await import('node:v8');
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=40');
}
