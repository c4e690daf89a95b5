import { isDefinitionOfBase, isManifest } from '../pins/definitions.ts';
import { mergeManifest } from '../pins/manifest.ts';
import { mayDelete, type Permission, type PermissionTexts } from '../pins/permission.ts';
import { saysTheSame } from '../pins/same-content.ts';
import type { TestFile } from '../test-source/test-files.ts';

/** One file with tests that differs between the base commit and the one under test. */
export interface ChangedTestFile {
  path: string;
  /** Where it lay on the base commit, when it was moved. */
  from?: string;
  /** `null`: not there, or without any test. */
  before: TestFile | null;
  after: TestFile | null;
  /** Titles of tests that stand in both and read differently. Missing: not known. */
  edited?: string[];
  /** For titles that are gone the new ones in whose tests they may live on. */
  successors?: Record<string, string[]>;
  /** What tests that read differently, or got another title, are about: words of their titles of before and of what changed. */
  about?: Record<string, string[]>;
  /** Of the same tests the literals that only the older or only the newer text has. */
  values?: Record<string, { before: string[]; after: string[] }>;
  /** For titles that are gone the new test with parameters that has their values. Missing: none, or not known. */
  merged?: Record<string, string>;
  /** It asks for the same as before under other names of the product; those of before, which the product has no more. */
  renamed?: string[];
}

export interface TestChanges {
  files: ChangedTestFile[];
  /** New and changed files that tests need, themselves included; no definitions of gates among them. */
  support: string[];
  /** All of tests and what they use that is new, edited or gone, whatever it is: they can be put back by file. */
  paths: { path: string; before: boolean; after: boolean }[];
  /** Files of the product with the tests of the base commit in them, by path. */
  inline: Record<string, string>;
  /** By package.json: names in its `imports` that stand for something else now, with what they stood for. Missing: none. */
  names?: Record<string, Record<string, unknown>>;
  /** What of the tests in the product's files went with its code, and can be put back by nobody. */
  lost: { path: string; names: string[] }[];
  /** Changed files that may hold tests and were too many to be looked at. */
  unread: number;
  baseHasTests: boolean;
  /** Something else than tests, documents and what says how work is proved changed. */
  code: boolean;
}

export const DOCUMENT = /\.(md|txt|rst)$/i;

/**
 * Whether code changed, or of a manifest what says nothing of how work is proved.
 *
 * @param changed no tests among them
 * @param texts of a file on the base commit and now
 */
export async function hasWork(
  changed: readonly string[],
  texts: (path: string) => Promise<(string | null)[]>,
): Promise<boolean> {
  const others = changed.filter((path) => !DOCUMENT.test(path));
  if (others.some((path) => !isDefinitionOfBase(path) && !isManifest(path))) return true;
  for (const path of others.filter(isManifest)) {
    const [old = null, text = null] = await texts(path);
    const merged = mergeManifest(path, old, text)?.text ?? text;
    if (merged !== old && !saysTheSame(path, old, merged)) return true;
  }
  return false;
}

/** Whether nothing can be put back or taken away. */
export const isUnchanged = ({ paths, inline, lost }: TestChanges): boolean =>
  paths.length + Object.keys(inline).length + lost.length === 0;

/** By file the titles that are gone and live on as rows of another test. */
export type Merged = ReadonlyMap<string, ReadonlySet<string>>;

/** A way in which tests became weaker. `tests` are titles, few of them or all. */
export interface Weakening {
  kind: 'deleted' | 'skipped' | 'emptied' | 'checks nothing';
  path: string;
  count: number;
  tests: string[];
  allowed: Permission;
}

/**
 * What the texts of the test files tell. A test that moved to another file is not deleted.
 *
 * Only the owner's words allow such a change: an agent that may say so itself needs no tests.
 */
export function findWeakenings(
  { files }: Pick<TestChanges, 'files'>,
  words: PermissionTexts,
  merged: Merged = new Map(),
): Weakening[] {
  const now = countTitles(files.flatMap(({ after }) => after?.titles ?? []));
  const found: Weakening[] = [];
  for (const { path, from, before, after, successors = {}, merged: heirs = {} } of files) {
    const allowed = [path, from ?? path].some((each) => mayDelete(words, each)) ? 'owner' : null;
    const add = (kind: Weakening['kind'], tests: string[], count = tests.length) => {
      if (count > 0) found.push({ kind, path, count, tests, allowed });
    };
    // Each title that is still there answers for one of before.
    const gone = (before?.titles ?? []).filter((title) => {
      const left = now.get(title) ?? 0;
      now.set(title, left - 1);
      return left <= 0;
    });
    const known = new Set(before?.titles);
    // Rows of a test with parameters are tests still, and that test is then no new one beside them.
    const lost = gone.filter((title) => !merged.get(path)?.has(title));
    const rows = gone.filter((title) => merged.get(path)?.has(title));
    const own = new Set(rows.flatMap((title) => heirs[title] ?? []).filter((heir) => !known.has(heir)));
    const left = (before?.titles.length ?? 0) - rows.length;
    const fewer = left - ((after?.titles.length ?? 0) - own.size);
    // Beside them a new test makes up for one that is gone only where that lives on in it.
    const isStray = (title: string) => !successors[title]?.some((heir) => !own.has(heir));
    const strays = rows.length === 0 ? 0 : lost.filter(isStray).length;
    const count = Math.min(Math.max(fewer, strays), lost.length);
    if (count > 0) add('deleted', lost, count);
    // A new test may wait for something; in place of one that went, it takes something out of the run.
    const isFresh = (title: string) => title !== '' && !known.has(title);
    // None of before is in a file that is new, nor asks for a helper of it.
    const mayWait = (titles: string[]) => before === null || (titles.length > 0 && titles.every(isFresh));
    const fresh = gone.length > 0 ? [] : (after?.left ?? []).filter(mayWait);
    const ends = isProgram(path, before, after) ? (after?.exits ?? 0) - (before?.exits ?? 0) : 0;
    add('skipped', [], (after?.skips ?? 0) - (before?.skips ?? 0) - Math.max(0, ends) - fresh.length);
    const hollow = (after?.hollow ?? []).filter((title) => !(before?.hollow.includes(title) ?? false));
    add(
      'emptied',
      hollow.filter((title) => known.has(title)),
    );
    add(
      'checks nothing',
      hollow.filter((title) => !known.has(title)),
    );
  }
  return found;
}

const FIXTURES = /(?:^|\/)(?:__fixtures__|fixtures?|test[-_]?data)\//i;
/** What runners load with the tests though nobody asks for it. */
const LOADED = /(?:^|\/)(?:conftest|__init__)\.py$|_test\.go$/;

/** Whether a file holds a program for tests to start, and no tests: it ends itself alone. */
function isProgram(path: string, before: TestFile | null, after: TestFile | null): boolean {
  if ([before, after].some((file) => (file?.titles.length ?? 0) > 0)) return false;
  return (before === null || FIXTURES.test(path)) && !LOADED.test(path);
}

function countTitles(titles: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const title of titles) counts.set(title, (counts.get(title) ?? 0) + 1);
  return counts;
}

/** One sentence for the agent and the report. */
export function weakeningText({ kind, path, count, tests }: Weakening): string {
  const names = tests.length === 0 ? '' : `: ${listNames(tests)}`;
  const number = `${count} ${count === 1 ? 'test' : 'tests'}`;
  switch (kind) {
    case 'deleted':
      return `${number} of ${path} deleted${names}.`;
    case 'skipped':
      return `${path} leaves out ${number} more than on the base commit (skip, only, ignore, or an early exit).`;
    case 'emptied':
      return `${number} of ${path} emptied, so that nothing is checked any more${names}.`;
    case 'checks nothing':
      return `${number} of ${path} would pass whatever the code does${names}.`;
  }
}

/** Why the gate does not pass, by texts alone. */
export function textObjections(
  weakenings: readonly Weakening[],
  changes: Pick<TestChanges, 'unread'>,
  { allowAll }: PermissionTexts,
): string[] {
  const refused = weakenings.filter(({ allowed }) => allowed === null).map(weakeningObjection);
  return changes.unread > 0 && !allowAll ? [...refused, unreadText(changes)] : refused;
}

function weakeningObjection(weakening: Weakening): string {
  const text = weakeningText(weakening);
  if (weakening.kind === 'checks nothing') return `${text} Let it check what the work does.`;
  return (
    `${text} Put that back: only the owner may allow it, with words that say so (as in "Delete ${weakening.path}") in the ` +
    "project's description or in a task of the owner's. A task of your own does not."
  );
}

function unreadText({ unread }: Pick<TestChanges, 'unread'>): string {
  return (
    `${unread} more files that may hold tests changed than can be looked at. Take out of the commit what was generated, or let ` +
    'the owner split the work.'
  );
}

/** The first of many names, for a sentence. */
export function listNames(names: readonly string[]): string {
  const shown = names
    .slice(0, 8)
    .map((name) => (name === '' ? 'a test with a computed title' : `"${name.slice(0, 120)}"`));
  return names.length > 8 ? `${shown.join(', ')} and ${names.length - 8} more` : shown.join(', ');
}
