import { stripVTControlCharacters } from 'node:util';
import { readCargo, readNextest } from './cargo.ts';
import { readCtest } from './ctest.ts';
import { readDotnet } from './dotnet.ts';
import { readGo } from './go.ts';
import { readGtest } from './gtest.ts';
import { readAva } from './javascript/ava.ts';
import { readBun } from './javascript/bun.ts';
import { readDeno } from './javascript/deno.ts';
import { readJasmine } from './javascript/jasmine.ts';
import { readJest } from './javascript/jest.ts';
import { readMocha } from './javascript/mocha.ts';
import { readNodeSpec } from './javascript/node-spec.ts';
import { readUvu } from './javascript/uvu.ts';
import { readVitest } from './javascript/vitest.ts';
import { readJunitXml } from './junit-xml.ts';
import { readPhpunit } from './phpunit.ts';
import { readProve } from './prove.ts';
import { readPytest } from './pytest.ts';
import { readMinitest, readRspec } from './ruby.ts';
import { readSurefire } from './surefire.ts';
import { readTap } from './tap.ts';
import type { TestRun } from './test-run.ts';
import { readUnittest } from './unittest.ts';

export type { TestRun, TestTotals } from './test-run.ts';

/** Most of an output that is read, in characters. */
const LONGEST = 16 * 1024 * 1024;

/** Where a sandbox cannot show a scratch tree elsewhere, its own place stands in names, another one in each run. */
const SCRATCH = /\/scratch-[0-9a-f]{16}\//;
const ENDS_A_PATH = /[\s'"()]/;

/** Leaves the folders of scratch trees out, from the first `/` of their paths. */
function withoutScratch(text: string): string {
  const parts = text.split(SCRATCH);
  return parts.map((part, at) => (at === parts.length - 1 ? part : withoutLastPath(part))).join('');
}

function withoutLastPath(text: string): string {
  let start = text.length;
  while (start > 0 && !ENDS_A_PATH.test(text.charAt(start - 1))) start -= 1;
  const slash = text.indexOf('/', start);
  return slash < 0 ? text : text.slice(0, slash);
}

/** What only one runner prints before what others print as well: TAP is known by little, and stands inside of others. */
const READERS: readonly ((text: string) => TestRun | null)[] = [
  readProve,
  readSurefire,
  readPytest,
  readUnittest,
  readCargo,
  readNextest,
  readVitest,
  readJest,
  readNodeSpec,
  readAva,
  readMocha,
  readRspec,
  readMinitest,
  readPhpunit,
  readUvu,
  readJasmine,
  readBun,
  readDeno,
  readDotnet,
  readGtest,
  readCtest,
  readGo,
  readTap,
  readJunitXml,
];

/**
 * What a runner's output says test by test. Pure, and only ever used to say more than the exit code does: what a lying
 * test prints cannot turn red into green.
 *
 * @param output both streams, as they came
 * @param roots folders that are left out of names, so that runs in two places can be compared
 * @param runner the one that the base commit's run was read as: what code under test prints in another's manner is no news
 * @returns `null` for an output of no known form
 */
export function readTests(
  output: string,
  roots: readonly string[] = [],
  runner: string | undefined = undefined,
): TestRun | null {
  const text = plainOutput(output, roots);
  const found = READERS.flatMap((read) => read(text) ?? []);
  return found.find((run) => run.runner === runner) ?? found[0] ?? null;
}

/** An output as text, without colours and without folders in which it happened to be made. */
export function plainOutput(output: string, roots: readonly string[]): string {
  const text = stripVTControlCharacters(output.slice(0, LONGEST)).replaceAll('\r\n', '\n');
  return roots.reduce((rest, root) => rest.replaceAll(`${root}/`, ''), withoutScratch(text));
}
