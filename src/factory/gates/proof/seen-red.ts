import { createHash } from 'node:crypto';
import type { SeenRed } from '../../model/gates/gate-report.ts';
import type { Project } from '../../model/project.ts';
import { inScratchTree, type ScratchContent, type ScratchTrees } from '../../ports/workspace.ts';
import type { GitManager } from '../../ports.ts';
import type { TestRun } from '../outputs/read.ts';
import { type PermissionTexts, permission } from '../pins/permission.ts';
import { type Reading, readRun } from '../run/run-check.ts';
import type { ChangedTestFile, TestChanges } from './test-changes.ts';
import { isTestPath } from '../test-source/test-files.ts';

/*
 * A test that has never been seen failing proves nothing: it might check nothing. So new and changed tests are run once
 * against the code of the base commit, where what they ask for is not there yet.
 */

export interface OtherRun extends Reading {
  project: Project;
  commit: string;
  timeoutMs: number;
  signal: AbortSignal;
}

/** How a command ended in a tree that was made for it. */
export interface OtherOutcome {
  passed: boolean;
  run: TestRun | null;
  /** Head and tail of what it printed. */
  output: string;
  /** Tests, definitions and packages that it wrote. */
  rewritten?: string[];
}

/** The base commit with the tests of `commit`, and what they need, over it. */
export function testsOnBase(
  { project, commit }: Pick<OtherRun, 'project' | 'commit'>,
  { support }: TestChanges,
): ScratchContent {
  return { commit: project.baseCommit, over: [{ commit, paths: support }] };
}

/**
 * The content under test with everything of tests as the base commit has it: what was edited and what is gone put back, what is
 * new taken away.
 */
export function testsOfBase(
  { project }: Pick<OtherRun, 'project'>,
  content: ScratchContent,
  { paths, inline, names = {} }: TestChanges,
): ScratchContent {
  // Of a package.json the names alone are put back (`withOldPackages`).
  const old = paths.map(({ path }) => path).filter((path) => !(path in names));
  const texts = Object.entries(content.texts ?? {}).filter(([path]) => !old.includes(path));
  return {
    ...content,
    over: [...(content.over ?? []), { commit: project.baseCommit, paths: old }],
    texts: { ...Object.fromEntries(texts), ...inline },
  };
}

/** Files whose tests are new or differ from the base commit's. */
export function filesToSee({ files }: TestChanges): ChangedTestFile[] {
  return files.filter(({ after }) => after !== null && after.titles.length > 0);
}

export async function runElsewhere(
  trees: ScratchTrees,
  run: OtherRun,
  content: ScratchContent,
  { command, expectedExitCode, label }: { command: string; expectedExitCode: number; label: string },
): Promise<OtherOutcome> {
  return inScratchTree(trees, run.project, content, async (tree) => {
    const { timeoutMs, signal } = run;
    const done = await tree.run({ command, label, timeoutMs, signal, watched: true });
    const { result, relative, rewritten = [] } = done;
    return {
      passed: result.ended === 'exit' && result.exitCode === expectedExitCode,
      run: await readRun(run, tree, { result, relative }),
      output: result.output,
      rewritten,
    };
  });
}

/** The same key stands for the same tests on the same base commit: what was seen of them holds. */
export async function seenRedKey(
  git: Pick<GitManager, 'showFile'>,
  { project, commit }: OtherRun,
  { support }: TestChanges,
  command: string,
): Promise<string> {
  const hash = createHash('sha256').update(`${project.baseCommit}\n${command}\n`);
  for (const path of [...support].sort())
    hash.update(`${path}\0${(await git.showFile(project.repository, commit, path)) ?? ''}\0`);
  return hash.digest('hex').slice(0, 32);
}

/**
 * @param outcome of the new and changed tests on the base commit's code
 * @param before what failed on the base commit anyway; where no test is named, a red gate there hides everything
 */
export function judgeSeenRed(
  files: readonly ChangedTestFile[],
  outcome: Pick<OtherOutcome, 'passed' | 'run'>,
  before: { passed: boolean; run: TestRun | null },
): SeenRed['files'] {
  return files.map(({ path, before: old, after }) => {
    const titles = after?.titles ?? [];
    if (!isTestPath(path)) return { path, outcome: 'unknown', tests: [] };
    const fresh = titles.filter((title) => !(old?.titles.includes(title) ?? false));
    // Where nothing has a new name, what changed is inside; then any of them may be the one.
    const asked = fresh.length > 0 ? fresh : titles;
    if (outcome.passed)
      return { path, outcome: 'never red', tests: asked.map((name) => ({ name, red: false })) };
    if (outcome.run === null) {
      const clear = before.passed && files.length === 1;
      return { path, outcome: clear ? 'seen red' : 'unknown', tests: [] };
    }
    const { failed, totals } = outcome.run;
    const whole = failed.some((name) => name === path || name.endsWith(`/${path}`));
    const tests = asked.map((name) => ({
      name,
      red: whole || failed.some((each) => isTestNamed(each, name, path)),
    }));
    if (tests.some((test) => test.red)) return { path, outcome: 'seen red', tests };
    // A failure that nobody can name may be one of these.
    const unnamed = failed.length === 0 || totals.failed > failed.length;
    return unnamed ? { path, outcome: 'unknown', tests: [] } : { path, outcome: 'never red', tests };
  });
}

/**
 * Tests for what works already are honest work where the owner asked for tests, or beside what the owner asked to change. Where not, a
 * project that changed tests alone, none of which ever failed, did nothing.
 */
export async function neverRed(
  git: Pick<GitManager, 'changedFiles'>,
  { project, commit }: Pick<OtherRun, 'project' | 'commit'>,
  words: PermissionTexts,
  { code }: TestChanges,
  { files }: SeenRed,
): Promise<string[]> {
  const asked =
    words.allowAll || words.owner.some((text) => /\b(tests?|testing|specs?|coverage)\b/i.test(text));
  if (code || asked || commit === project.baseCommit) return [];
  if (!files.every(({ outcome }) => outcome === 'never red')) return [];
  const changed = await git.changedFiles(project.repository, project.baseCommit, commit);
  if (changed.some((path) => !isTestPath(path) && permission(words, path) === 'owner')) return [];
  return [
    `Nothing but tests changed, and all of them (${files.map(({ path }) => path).join(', ')}) pass on the base commit, too. ` +
      'Do the work that the project asks for.',
  ];
}

/** Runners put suites, files and parameters around a title. */
export function isTestNamed(failed: string, title: string, path: string): boolean {
  if (title === '') return failed.includes(path);
  if (isUnder(failed, title)) return true;
  // unittest adds what a part of a test was about: `test_x (i=1)`.
  const last = (failed.split(' > ').at(-1) ?? failed).replace(
    path.endsWith('.py') ? /(?: [[(].*[\])])+$/ : /$^/,
    '',
  );
  // `TestTable/negative_one`, as Go names subtests.
  if (last === title || failed.split('/')[0] === title) return true;
  const [file, ...names] = failed.split('::');
  if (names.length > 0 && file?.endsWith('.py'))
    return path.endsWith(file) && names.at(-1)?.split('[')[0] === title;
  if (names.at(-1) === title) return true;
  // Titles with parameters: `adds %i and %i`.
  const fixed = title.split(/%[sdifjoOp#]|\$\{[^}]*\}|\$\w+/)[0] ?? '';
  return fixed !== title && fixed !== '' && last.startsWith(fixed);
}

/** Whether a name is an assertion, or a test, within the test of this title. */
export const isUnder = (name: string, title: string): boolean =>
  name.split(' > ').slice(0, -1).includes(title);

/** A criterion as it was on the base commit, with the tests of the commit under test there. */
export interface CriterionSeen {
  name: string;
  command: string;
  expectedExitCode: number;
  /** `null`: it could not be run there (the command is missing, or a limit ended it). */
  seenRed: boolean | null;
}

/**
 * Runs criteria once on the base commit's code. One that passes there cannot tell whether the work was done.
 *
 * @returns fewer than were asked for when the signal was cut
 */
export async function criteriaOnBase(
  trees: ScratchTrees,
  run: Pick<OtherRun, 'project' | 'commit' | 'timeoutMs' | 'signal'>,
  changes: TestChanges,
  criteria: readonly { name: string; command: string; expectedExitCode: number }[],
): Promise<CriterionSeen[]> {
  return inScratchTree(trees, run.project, testsOnBase(run, changes), async (tree) => {
    const seen: CriterionSeen[] = [];
    for (const { name, command, expectedExitCode } of criteria) {
      if (run.signal.aborted) break;
      if (seen.length > 0) await tree.restore();
      const { timeoutMs, signal } = run;
      const { result } = await tree.run({ command, label: `base-${name}`, timeoutMs, signal });
      if (signal.aborted) break;
      const ran = result.ended === 'exit' && result.exitCode !== 127 && result.exitCode !== 126;
      seen.push({
        name,
        command,
        expectedExitCode,
        seenRed: ran ? result.exitCode !== expectedExitCode : null,
      });
    }
    return seen;
  });
}

/** The sentence of the report. */
export function criteriaSeenRed(seen: readonly { seenRed: boolean | null }[]): string {
  const red = seen.filter((each) => each.seenRed === true).length;
  return `${red} of ${seen.length} ${seen.length === 1 ? 'criterion has' : 'criteria have'} been seen red`;
}
