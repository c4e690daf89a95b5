#!/usr/bin/env node
/**
 * The program. Loads nothing more before the version of Node or Bun is known to suit, since an older one would fail on the
 * syntax of the first import with a message that helps nobody.
 */
import { runtimeOf } from '../lib/process/runtime.ts';

const { problem } = runtimeOf(process.versions);
if (problem !== undefined) {
  process.stderr.write(`error: ${problem}\n`);
  process.exitCode = 4;
} else {
  const { closeInherited } = await import('../lib/process/inherited-descriptors.ts');
  closeInherited(process.argv.slice(2));
  const { outliveHangUp } = await import('../lib/process/hang-up.ts');
  outliveHangUp();
  const { main } = await import('../producers/cli/framework/main.ts');
  const called = calledAs();
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
