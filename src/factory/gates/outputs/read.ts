import { stripVTControlCharacters } from 'node:util';
import { readMocha, readNodeSpec, readTap } from './node.ts';
import { readCargo, readGo, readPytest } from './others.ts';
import type { TestRun } from './test-run.ts';
import { readJest, readVitest } from './vitest-jest.ts';

export type { TestRun, TestTotals } from './test-run.ts';

/** Most of an output that is read, in characters. */
const LONGEST = 16 * 1024 * 1024;

/** Where a sandbox cannot show a scratch tree elsewhere, its own place stands in names, another one in each run. */
const SCRATCH = /\/[^\s'"()]*\/scratch-[0-9a-f]{16}\//g;

const READERS = [readTap, readCargo, readPytest, readVitest, readJest, readNodeSpec, readMocha, readGo];

/**
 * What a runner's output says test by test. Pure, and only ever used to say more than the exit code does: what a lying
 * test prints cannot turn red into green.
 *
 * @param output both streams, as they came
 * @param roots folders that are left out of names, so that runs in two places can be compared
 * @returns `null` for an output of no known form
 */
export function readTests(output: string, roots: readonly string[] = []): TestRun | null {
  let text = stripVTControlCharacters(output.slice(0, LONGEST)).replaceAll('\r\n', '\n');
  text = text.replace(SCRATCH, '');
  for (const root of roots) text = text.replaceAll(`${root}/`, '');
  for (const read of READERS) {
    const found = read(text);
    if (found !== null) return found;
  }
  return null;
}
