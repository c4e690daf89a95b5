#!/usr/bin/env node
/**
 * The program. Loads nothing more before the version of Node or Bun is known to suit, since an older one would fail on the
 * syntax of the first import with a message that helps nobody. What it imports itself comes in one file with it.
 */
import { runtimeOf } from '../lib/process/runtime.ts';
import { calledAs, programName, wantsOverview } from '../producers/cli/framework/called.ts';
import { overview } from '../producers/cli/render/overview.ts';

const { problem } = runtimeOf(process.versions);
const called = calledAs(process);
if (problem !== undefined) {
  process.stderr.write(`error: ${problem}\n`);
  process.exitCode = 4;
} else if (!(called[2] !== '-h' && wantsOverview(called) && saidAtOnce(overview(programName(called[1]))))) {
  const { start } = await import('./start.ts');
  await start(called);
}

/**
 * Of a short text: opening the stream of Node takes longer than all else that this does.
 *
 * @returns `false` when nothing can be said in this way: the disk behind it is full, or nobody reads
 */
function saidAtOnce(text: string): boolean {
  const bytes = Buffer.from(text);
  let said = 0;
  try {
    while (said < bytes.length) said += process.getBuiltinModule('node:fs').writeSync(1, bytes, said);
  } catch {
    if (said === 0) return false;
    process.stdout.on('error', () => undefined).write(bytes.subarray(said));
  }
  return true;
}
