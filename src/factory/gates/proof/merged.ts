import type { TestRun } from '../outputs/read.ts';
import { isKept, type PermissionTexts, permission } from '../pins/permission.ts';
import { sharedPart, valuesIn, wordsOf } from './lives-on.ts';
import { isTestNamed } from './seen-red.ts';
import type { AskedAnew } from './old-tests.ts';
import type { ChangedTestFile, Merged } from './test-changes.ts';
import { testPlaces } from '../test-source/test-files.ts';

/*
 * Tests that became rows of one that is given parameters: by their texts, and by how often the one ran.
 */

/** What is left of a text without its tests. */
export const outsideOfTests = (path: string, text: string): string =>
  testPlaces(path, text).reduceRight((rest, { start, end }) => rest.slice(0, start) + rest.slice(end), text);

/** By which a test runs once for each of several inputs. */
const PARAMETRISED =
  /\.(?:each|for)\b|\bparametrize\b|\bparameterized\b|#\[(?:rstest|case|test_case)\b|\brange\b[\s\S]*\.Run\(/;
/** Part of an older test's words that the one with parameters must have. */
const SHARED = 0.5;

/**
 * For each title that is gone the test with parameters in which all its values are found, and most of its words.
 *
 * @param rest of the new file, without its tests: tables may stand there
 */
export function mergedInto(
  old: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
  rest: string,
): Record<string, string> {
  const heirs = [...now]
    .filter(([title, text]) => title !== '' && text !== old.get(title) && PARAMETRISED.test(text))
    .map(([title, text]) => {
      const whole = `${text}\n${rest}`;
      return { title, values: new Set(valuesIn(whole)), words: wordsOf(whole) };
    });
  const found = [...old].flatMap(([title, text]) => {
    const values = valuesIn(text).filter((value) => value !== title);
    if (title === '' || now.has(title) || values.length === 0) return [];
    const own = wordsOf(text);
    const heir = heirs.find(
      (each) => values.every((value) => each.values.has(value)) && sharedPart(own, each.words) >= SHARED,
    );
    return heir === undefined ? [] : [[title, heir.title] as const];
  });
  return Object.fromEntries(found);
}

/**
 * Those of them whose one test runs at least as often as they are many. Where the owner wants the tests as they are, none.
 *
 * @param before the run of the base commit
 */
export function mergedTests(
  files: readonly ChangedTestFile[],
  words: PermissionTexts,
  before: TestRun | null,
  now: TestRun | null,
): Merged {
  const merged = new Map<string, Set<string>>();
  if (before === null || now === null || before.runner !== now.runner) return merged;
  for (const { path, merged: pairs = {}, before: old } of files) {
    const gone = new Set<string>();
    for (const heir of new Set(Object.values(pairs))) {
      const titles = Object.keys(pairs).filter((title) => pairs[title] === heir);
      const runs = now.passed.filter((name) => isTestNamed(name, heir, path)).length;
      const own = old?.titles.filter((title) => title === heir).length ?? 0;
      // Of a title that begins with a value no name can be told.
      if (now.named && runs > 0 ? runs >= titles.length + own : isMadeUpFor(files, before, now))
        for (const title of titles) gone.add(title);
    }
    if (gone.size > 0 && !isKept(words, path)) merged.set(path, gone);
  }
  return merged;
}

/** Where a run names no tests: as many ran as before and are new, so that those which are gone were made up for by rows. */
function isMadeUpFor(files: readonly ChangedTestFile[], before: TestRun, now: TestRun): boolean {
  const titles = (side: 'before' | 'after') => files.flatMap((file) => file[side]?.titles ?? []);
  const [old, heirs] = [
    new Set(titles('before')),
    new Set(files.flatMap(({ merged = {} }) => Object.values(merged))),
  ];
  const fresh = titles('after').filter((title) => !old.has(title) && !heirs.has(title)).length;
  return now.totals.passed >= before.totals.passed + fresh;
}

/** What is shown of them to the judge, or as the owner's wish. */
export function shownMerged(merged: Merged, words: PermissionTexts): AskedAnew[] {
  return [...merged].map(([path, titles]) => ({
    places: [{ old: path, now: path }],
    tests: [...titles],
    by: permission(words, path) === 'owner' ? 'owner' : 'judge',
    as: 'rows',
  }));
}
