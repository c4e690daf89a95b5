import type { SeenRed } from '../../model/gates/gate-report.ts';
import { type PermissionTexts, permission } from '../pins/permission.ts';
import type { CheckOutcome } from '../run/run-check.ts';
import { tellingWords } from './lives-on.ts';
import type { RedTests } from './red-old-tests.ts';
import { isTestNamed, isUnder, type OtherOutcome } from './seen-red.ts';
import type { ChangedTestFile, TestChanges } from './test-changes.ts';

/* What is known of a red old test: which changed files it hangs on, and what became of it. */

export interface OldTests {
  /** What of them is red. */
  red: RedTests;
  /** All tests as on the base commit, on the new code. */
  old: OtherOutcome;
  now: CheckOutcome;
  known: CheckOutcome | undefined;
  /** The new tests on the base commit's code. */
  seenRed: SeenRed | undefined;
  changes: TestChanges;
  words: PermissionTexts;
}

/** Which changed files a test hangs on: its own, or else all those that hold no tests by name. */
export interface Files {
  file: ChangedTestFile | null;
  paths: string[];
}

export function filesOf({ changes }: OldTests, name: string): Files {
  const file =
    name === ''
      ? undefined
      : changes.files.find(({ path, from, before }) => {
          const old = from ?? path;
          const whole = name === old || name.endsWith(`/${old}`);
          return whole || (before?.titles.some((title) => isTestNamed(name, title, old)) ?? false);
        });
  if (file !== undefined)
    return { file, paths: file.from === undefined ? [file.path] : [file.from, file.path] };
  const titled = new Set(
    name === ''
      ? []
      : changes.files
          .filter(({ before }) => (before?.titles.length ?? 0) > 0)
          .flatMap(({ path, from = path }) => [path, from]),
  );
  const named = changes.paths.filter(({ path }) => name.includes(path));
  const old = changes.paths.filter(({ path, before }) => before && !titled.has(path));
  const inline = [...Object.keys(changes.inline), ...changes.lost.map(({ path }) => path)];
  const found = named.length > 0 ? named : old.length + inline.length > 0 ? old : changes.paths;
  const paths = [...new Set([...found.map(({ path }) => path), ...(named.length > 0 ? [] : inline)])];
  return { file: null, paths: paths.length > 0 ? paths : changes.files.map(({ path }) => path) };
}

/** Whether what changed is the test's own text, or its name, and nothing that no task names may stand behind it. */
export function hasOwnChange(about: OldTests, { file }: Files, name: string): boolean {
  if (file === null || file.after === null) return false;
  const titled = new Set(about.changes.files.flatMap(({ path, from = path }) => [path, from]));
  const loose = about.changes.paths.filter(({ path }) => !titled.has(path));
  if (loose.some(({ path }) => permission(about.words, path) === null)) return false;
  const { edited } = file;
  const title = declaredOf(file, name);
  return (
    title === undefined ||
    edited === undefined ||
    edited.includes(title) ||
    !file.after.titles.includes(title)
  );
}

/** Whether the test in its new form fails on the base commit's code, so that it asks for what the work does. */
export function isRedAnew(about: OldTests, { file }: Files, name: string): boolean {
  const { seenRed } = about;
  const run = seenRed?.run;
  if (run === undefined || run.passed) return false;
  if (name === '') return true;
  const own = declaredOf(file, name);
  if (run.failed.some((each) => each === name || isSame(each, name, own) || each === file?.path)) return true;
  if (hasHeir(about, file, name)) return true;
  const seen = seenRed?.files.find(({ path }) => path === file?.path);
  const before = new Set(file?.before?.titles);
  // It may have got another name.
  if (file !== null && (own === '' || own?.includes('${'))) return hasNewRed(about, file.path);
  if (file?.after?.titles.some((each) => isTestNamed(name, each, file.path))) return false;
  return seen?.tests.some((each) => each.red && !before.has(each.name)) ?? false;
}

/** Of tests whose titles are computed (`lookup ${path} gives ${value}`): one fails on the base commit that it does not have. */
function hasNewRed({ seenRed, known }: OldTests, path: string): boolean {
  const before = new Set([...(known?.run?.passed ?? []), ...(known?.run?.failed ?? [])]);
  return seenRed?.run?.failed.some((name) => name.includes(path) && !before.has(name)) ?? false;
}

export function livesOn(about: OldTests, { file, paths }: Files, name: string): boolean {
  const { changes, now } = about;
  const titles = changes.files.flatMap(({ after }) => after?.titles ?? []);
  const allThere = (file: ChangedTestFile) =>
    file.after !== null &&
    (file.renamed !== undefined || (file.before?.titles ?? []).every((title) => titles.includes(title)));
  if (name === '') {
    const edited = changes.files.filter(({ before }) => before !== null);
    return edited.length > 0 && paths.length === edited.length && edited.every(allThere);
  }
  if (file !== null && (name === file.path || name === file.from)) return allThere(file);
  const own = declaredOf(file, name);
  if (now.run?.passed.some((each) => isSame(each, name, own))) return true;
  if (hasHeir(about, file, name)) return true;
  return (
    file !== null &&
    now.run?.named === false &&
    titles.some((title) => isTestNamed(name, title, file.from ?? file.path))
  );
}

/** Whether a test that is gone lives on in a new one that was seen red and passes now. */
function hasHeir({ seenRed, now }: OldTests, file: ChangedTestFile | null, name: string): boolean {
  if (file === null) return false;
  const title = declaredOf(file, name);
  const heirs = title === undefined ? [] : (file.successors?.[title] ?? []);
  const among = (names: readonly string[] | undefined, heir: string) =>
    names?.some((each) => isTestNamed(each, heir, file.path)) ?? false;
  return heirs.some((heir) => among(seenRed?.run?.failed, heir) && among(now.run?.passed, heir));
}

/** Whether the owner's own words are about what changed in a test, or name the value of before and the one of now, in a project whose base commit was green. */
export function isSpokenOf({ known, words }: OldTests, { file }: Files, name: string): boolean {
  if (known?.result.passed !== true || file === null) return false;
  const title = declaredOf(file, name);
  if (title === undefined) return false;
  const said = words.owner.join('\n');
  const spoken = tellingWords(said);
  if (file.about?.[title]?.some((word) => spoken.has(word))) return true;
  const { before = [], after = [] } = file.values?.[title] ?? {};
  const names = (value: string) =>
    new RegExp(`(?<![\\w.])${value.replace(/\W/g, '\\$&')}(?![\\w]|\\.\\d)`).test(said);
  return before.some(names) && after.some(names);
}

/**
 * Whether names of the product, and how they are imported, are all that changed in a test's file and in any other of tests. Where nothing
 * names the test it may be one of any file.
 */
export function isOnlyRenamed({ changes }: OldTests, { file }: Files): boolean {
  const may = file === null ? changes.files.filter(({ before }) => before !== null) : [file];
  if (may.length === 0 || may.some((each) => each.renamed === undefined)) return false;
  const renamed = new Set(
    changes.files.flatMap((each) => (each.renamed ? [each.path, each.from ?? each.path] : [])),
  );
  return (
    Object.keys(changes.inline).length === 0 &&
    changes.paths.every(({ path, before }) => !before || renamed.has(path))
  );
}

/**
 * Whether a test that checks something, and that the base commit does not have under any name, was seen red on its code: more such tests
 * than those in which others may live on.
 */
export function hasFreshRed({ changes, seenRed }: OldTests): boolean {
  const old = new Set(changes.files.flatMap(({ before }) => before?.titles ?? []));
  const heirs = changes.files.flatMap(({ successors }) => Object.keys(successors ?? {})).length;
  let red = 0;
  for (const { path, after } of changes.files) {
    const fresh = (after?.titles ?? []).filter((title) => !old.has(title) && !after?.hollow.includes(title));
    const seen = seenRed?.files.find((each) => each.path === path);
    if (fresh.length === 0 || seen?.outcome !== 'seen red') continue;
    const named = seen.tests.filter((test) => test.red && fresh.includes(test.name)).length;
    red += seen.tests.length === 0 ? fresh.length : named;
  }
  return red > heirs;
}

/** The title of before that a run names by this. */
function declaredOf(file: ChangedTestFile | null, name: string): string | undefined {
  return file?.before?.titles.findLast((each) => isTestNamed(name, each, file.from ?? file.path));
}

/** Assertions have names that many tests use: then the test around them tells. */
function isSame(one: string, other: string, title: string | undefined): boolean {
  if (title !== undefined && isUnder(other, title)) return isUnder(one, title);
  return titleOf(one) === titleOf(other);
}

function titleOf(name: string): string {
  const last = name.split(' > ').at(-1) ?? name;
  return (last.split('::').at(-1) ?? last).split('[')[0] ?? last;
}
