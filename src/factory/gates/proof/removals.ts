import { literal } from '../../../lib/text/literal.ts';
import type { Project } from '../../model/project.ts';
import type { GitManager } from '../../ports.ts';
import type { TestRun } from '../outputs/read.ts';
import { isForbidden, leavesIn } from '../pins/leave.ts';
import type { CheckOutcome } from '../run/run-check.ts';
import { hasInlineTests, inlineTests, withOldTests } from '../test-source/inline-tests.ts';
import { isTestNamed } from './seen-red.ts';
import type { ChangedTestFile, TestChanges } from './test-changes.ts';
import { isTestPath, mayHoldTests, readTestFile, testPlaces } from '../test-source/test-files.ts';

/*
 * Where the owner asks for something of the product to be removed ("Remove the against_vec functions"), the tests that call it go with
 * it. What is left of their file is what the new code is asked by; all other tests stay what they were.
 */

export interface Removal {
  path: string;
  /** Tests of the base commit that go. */
  tests: string[];
  /** Names of the product whose examples in documentation go with them. */
  examples?: string[];
}

/** @returns the changes without the tests whose object the owner wants removed, and those tests */
export async function withoutRemoved(
  git: Pick<GitManager, 'showFile' | 'changedFiles'>,
  { repository, baseCommit }: Pick<Project, 'repository' | 'baseCommit'>,
  commit: string,
  changes: TestChanges,
  owner: readonly string[],
): Promise<{ changes: TestChanges; removals: Removal[] }> {
  const less = changes.files.filter(isLess);
  const none = { changes, removals: [] };
  if (less.length === 0 || !owner.some((text) => REMOVE.test(text))) return none;
  const texts = (path: string) =>
    Promise.all([baseCommit, commit].map(async (at) => (await git.showFile(repository, at, path)) ?? ''));
  const [before, after] = [new Set<string>(), new Set<string>()];
  const product = (await git.changedFiles(repository, baseCommit, commit)).filter(
    (path) => !isTestPath(path) && mayHoldTests(path),
  );
  for (const path of product.slice(0, MOST_FILES)) {
    const [old = '', now = ''] = await texts(path);
    for (const name of namesIn(old)) before.add(name);
    for (const name of namesIn(now)) after.add(name);
  }
  const gone = new Set(
    [...before].filter((name) => !after.has(name) && owner.some((text) => asks(text, name))),
  );
  if (gone.size === 0) return none;
  const found: Found[] = [];
  for (const file of less) {
    const [old = '', now = ''] = await texts(file.path);
    const without = cut(file, old, now, gone);
    if (without !== null) found.push(without);
  }
  return {
    changes: applied(changes, found),
    removals: [...found.map(({ path, tests }) => ({ path, tests })), ...examplesOf(changes, gone)],
  };
}

/** The base commit's run without the tests that go. */
export function knownWithout(
  known: CheckOutcome | undefined,
  removals: readonly Removal[],
): CheckOutcome | undefined {
  if (known === undefined || known.run === null || removals.length === 0) return known;
  const { run } = known;
  const isRemoved = (name: string) =>
    removals.some(
      ({ path, tests, examples = [] }) =>
        tests.some((title) => isTestNamed(name, title, path) || name.endsWith(`::${title}`)) ||
        // `src/lib.rs - distance_in_vec (line 12)`
        (name.startsWith(`${path} - `) && examples.some((each) => namesIn(name).has(each))),
    );
  const passed = run.passed.filter((name) => !isRemoved(name));
  const named = run.passed.length - passed.length;
  const fewer = run.named ? named : removals.reduce((sum, { tests }) => sum + tests.length, 0);
  return withoutPassed(known, run, passed, fewer);
}

/** What the judge is shown of them. */
export const shownRemovals = (removals: readonly Removal[]) =>
  removals
    .filter(({ tests }) => tests.length > 0)
    .map(({ path, tests }) => ({ places: [{ old: path, now: path }], tests, by: 'judge' as const }));

/** @param passed what is left of the names; `fewer`: so many tests went */
export function withoutPassed(
  known: CheckOutcome,
  run: TestRun,
  passed: readonly string[],
  fewer: number,
): CheckOutcome {
  const { totals } = run;
  const left = { passed: Math.max(0, totals.passed - fewer), total: Math.max(0, totals.total - fewer) };
  const told = run.toldPassed === undefined ? {} : { toldPassed: Math.max(0, run.toldPassed - fewer) };
  return { ...known, run: { ...run, ...told, passed, totals: { ...totals, ...left } } };
}

/** What is lost of examples is told of as lost; here only that no run misses them. */
function examplesOf({ lost }: TestChanges, gone: ReadonlySet<string>): Removal[] {
  return lost.flatMap(({ path, names }) => {
    const examples = names.flatMap((name) => [...namesIn(name)].filter((each) => gone.has(each)));
    return examples.length === 0 ? [] : [{ path, tests: [], examples }];
  });
}

const MOST_FILES = 500;
const REMOVE = /\b(?:remove|drop|delete|discard|get rid of)\b/i;
const IDENTIFIER = /[A-Za-z_$][\w$]{2,}/g;

const namesIn = (text: string): Set<string> => new Set(text.match(IDENTIFIER));

function isLess({ from, before, after }: ChangedTestFile): boolean {
  const left = new Set(after?.titles);
  return from === undefined && (before?.titles.some((title) => !left.has(title)) ?? false);
}

/** What may follow the name of what is to be removed. */
const KIND =
  '(?:\\s+(?:functions?|methods?|options?|helpers?|exports?|support|parameters?|arguments?|class(?:es)?|apis?|fields?|propert(?:y|ies)|modules?|alias(?:es)?|flags?|commands?|types?|macros?|variants?))?';

/** Whether a text asks to remove what has this name, or a part of it: a word that only code has, or that is written as code. */
function asks(text: string, name: string): boolean {
  const parts = partsOf(name);
  return [...namesIn(text)].some((word) => {
    const own = partsOf(word);
    const isCode = own.length > 1 || new RegExp(`\`${literal(word)}\`|\\b${literal(word)}\\(`).test(text);
    if (!isCode || !(own.length > 1 ? ` ${parts.join(' ')} `.includes(` ${own.join(' ')} `) : word === name))
      return false;
    const object = () =>
      new RegExp(`(?<![\\w./-])${literal(word.toLowerCase())}(?:\\(\\))?${KIND}(?![\\w/-])`, 'g');
    return !isForbidden(text, object()) && leavesIn(text, object(), false).has('delete');
  });
}

const partsOf = (name: string): string[] =>
  name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[_$]+/)
    .filter((part) => part !== '');

interface Found extends Removal {
  /** The old file without them. */
  text: string;
  /** The new file with what is left of its old tests in it, for a file of the product; `null`: they are the same. */
  inline: string | null | undefined;
}

const IMPORT =
  /^[ \t]*(?:(?:pub\s+)?use\s[^;]+;|import\s[^;'"]*?from\s*["'][^"'\n]+["']|(?:const|let|var)\s*\{[^}]*\}\s*=\s*require\b|from\s+\S+\s+import\s+(?:\([^)]*\)|[^\n]+))/gm;

/** A test goes where it has a name that is gone; imports of such a name would keep all others from being loaded. */
function cut(file: ChangedTestFile, old: string, now: string, gone: ReadonlySet<string>): Found | null {
  const { path, after } = file;
  const left = new Set(after?.titles);
  const places = testPlaces(path, old).filter(
    ({ title, start, end }) =>
      title !== '' && !left.has(title) && [...namesIn(old.slice(start, end))].some((name) => gone.has(name)),
  );
  if (places.length === 0) return null;
  let text = old;
  for (const { start, end } of [...places].sort((a, b) => b.start - a.start))
    text = text.slice(0, start) + text.slice(end);
  text = text.replace(IMPORT, (all) =>
    all.replace(/([A-Za-z_$][\w$]*)\s*,?/g, (part, name: string) => (gone.has(name) ? '' : part)),
  );
  const isInline = !isTestPath(path) && hasInlineTests(path, old);
  return {
    path,
    tests: places.map(({ title }) => title),
    text,
    inline: isInline ? withOldTests(path, text, now).text : undefined,
  };
}

function applied(changes: TestChanges, found: readonly Found[]): TestChanges {
  const inline = { ...changes.inline };
  const empty = new Set<string>();
  const files = changes.files.map((file) => {
    const own = found.find(({ path }) => path === file.path);
    if (own === undefined) return file;
    const { path, text } = own;
    const isInProduct = own.inline !== undefined;
    const before = readTestFile(path, text, isInProduct ? inlineTests(path, text) : undefined);
    // A file of which nothing is left is not put back: what it loads may be gone.
    if (before === null || before.titles.length === 0) empty.add(path);
    if (own.inline === null || empty.has(path)) delete inline[path];
    else inline[path] = own.inline ?? text;
    return { ...file, before };
  });
  return { ...changes, files, inline, paths: changes.paths.filter(({ path }) => !empty.has(path)) };
}
