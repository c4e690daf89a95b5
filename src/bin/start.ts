/** What the program does once it is known to run here. */
import { outliveHangUp } from '../lib/process/hang-up.ts';
import { closeInherited } from '../lib/process/inherited-descriptors.ts';
import { main } from '../producers/cli/framework/main.ts';

export async function start(): Promise<void> {
  const called = calledAs();
  await closeInherited(called.slice(2));
  outliveHangUp();
  // Workers and producers do not know each other; the program above both hands one to the other.
  await main(called, async (options) => {
    await keepHeapSmall();
    const { runWorker } = await import('../workers/main.ts');
    return runWorker(options);
  });
}

/** Bun tells where a program lies and not by which of its names it was called; the shell that started it knows. */
function calledAs(): string[] {
  const { DF_CALLED_AS: called } = process.env;
  delete process.env['DF_CALLED_AS'];
  const [runtime = '', script = '', ...args] = process.argv;
  return [runtime, called ?? script, ...args];
}

/**
 * A worker makes much short-lived data (requests, lines of logs), and V8 answers by growing the space for it to 48 MB. Kept
 * small it is swept a little more often, and eight projects in one worker take 30 MB less. To be called before the worker
 * is loaded; other engines have no such flag.
 */
async function keepHeapSmall(): Promise<void> {
  if (process.versions['bun'] !== undefined) return;
  const { setFlagsFromString } = await import('node:v8');
  setFlagsFromString('--semi-space-growth-factor=1');
}
