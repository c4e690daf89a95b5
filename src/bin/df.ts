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
  const { start } = await import('./start.ts');
  await start();
}
