import type { GitManager } from '../ports.ts';
import type { Project } from '../project/project.ts';
import { isDefinition, isDefinitionOfBase, isManifest } from './definitions.ts';
import { mayDelete, type Permission, type Words } from './permission.ts';
import { isTestPath, mayHoldTests, readTestFile, type TestFile } from './test-files.ts';

/** One file with tests that differs between the base commit and the one under test. */
export interface ChangedTestFile {
  path: string;
  /** `null`: not there, or without any test. */
  before: TestFile | null;
  after: TestFile | null;
}

export interface TestChanges {
  files: ChangedTestFile[];
  /** New and changed files that tests need, themselves included; no definitions of gates among them. */
  support: string[];
  /** Something else than tests and documents changed. */
  code: boolean;
}

/** More changed files with tests than these are not read one by one. */
const MOST_FILES = 500;

export async function findTestChanges(
  git: Pick<GitManager, 'showFile' | 'changedFiles' | 'listFiles'>,
  { repository, baseCommit }: Project,
  commit: string,
): Promise<TestChanges> {
  if (commit === baseCommit) return { files: [], support: [], code: false };
  const [changed, files] = await Promise.all([
    git.changedFiles(repository, baseCommit, commit),
    git.listFiles(repository, commit),
  ]);
  const there = new Set(files);
  const tests: ChangedTestFile[] = [];
  for (const path of changed.filter((each) => mayHoldTests(each)).slice(0, MOST_FILES)) {
    const [before = null, after = null] = await Promise.all(
      [baseCommit, commit].map(async (each) => {
        const text = await git.showFile(repository, each, path);
        const read = text === null ? null : readTestFile(path, text);
        return read !== null && (read.titles.length > 0 || isTestPath(path)) ? read : null;
      }),
    );
    if (before !== null || after !== null) tests.push({ path, before, after });
  }
  return {
    files: tests,
    support: changed.filter((path) => isTestPath(path) && there.has(path) && !isDefinition(path)),
    code: changed.some(
      (path) =>
        !isTestPath(path) && !isDefinitionOfBase(path) && !isManifest(path) && !/\.(md|txt|rst)$/i.test(path),
    ),
  };
}

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
export function findWeakenings({ files }: TestChanges, words: Words): Weakening[] {
  const now = countTitles(files.flatMap(({ after }) => after?.titles ?? []));
  const found: Weakening[] = [];
  for (const { path, before, after } of files) {
    const allowed = mayDelete(words, path) ? 'owner' : null;
    const add = (kind: Weakening['kind'], tests: string[], count = tests.length) => {
      if (count > 0) found.push({ kind, path, count, tests, allowed });
    };
    // Each title that is still there answers for one of before.
    const gone = (before?.titles ?? []).filter((title) => {
      const left = now.get(title) ?? 0;
      now.set(title, left - 1);
      return left <= 0;
    });
    const fewer = (before?.titles.length ?? 0) - (after?.titles.length ?? 0);
    if (fewer > 0 && gone.length > 0) add('deleted', gone, Math.min(fewer, gone.length));
    add('skipped', [], (after?.skips ?? 0) - (before?.skips ?? 0));
    const hollow = (after?.hollow ?? []).filter((title) => !(before?.hollow.includes(title) ?? false));
    const known = new Set(before?.titles);
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

/** The first of many names, for a sentence. */
export function listNames(names: readonly string[]): string {
  const shown = names
    .slice(0, 8)
    .map((name) => (name === '' ? 'a test with a computed title' : `"${name.slice(0, 120)}"`));
  return names.length > 8 ? `${shown.join(', ')} and ${names.length - 8} more` : shown.join(', ');
}
