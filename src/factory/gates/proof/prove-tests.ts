import type { GateCheck } from '../../model/gates/gate-check.ts';
import type { QualityReport, SeenRed } from '../../model/gates/gate-report.ts';
import type { ScratchContent, ScratchTrees } from '../../ports/workspace.ts';
import type { GitManager } from '../../ports.ts';
import { startedBy } from '../pins/named-files.ts';
import type { PermissionTexts } from '../pins/permission.ts';
import { compareRuns, runObjections } from '../run/compare.ts';
import { rewrittenText } from '../run/rewritten.ts';
import type { CheckOutcome } from '../run/run-check.ts';
import { findTestChanges } from './find-test-changes.ts';
import { goingOn, withAllTests } from './go-on.ts';
import type { OldTests } from './old-test-facts.ts';
import { judgeOldTests, type OldVerdict } from './old-tests.ts';
import { redOldTests } from './red-old-tests.ts';
import { knownWithout, withoutRemoved } from './removals.ts';
import {
  filesToSee,
  judgeSeenRed,
  neverRed,
  type OtherOutcome,
  type OtherRun,
  runElsewhere,
  seenRedKey,
  testsOfBase,
  testsOnBase,
} from './seen-red.ts';
import { showAskedAnew } from './show-changed.ts';
import { withNamedSources, withOldPackages } from './still-named.ts';
import { findWeakenings, type TestChanges, weakeningText } from './test-changes.ts';

/** The check that runs the repository's tests. */
export const TESTS = 'Tests';

export interface TestProof {
  trees: ScratchTrees;
  git: Pick<GitManager, 'showFile' | 'changedFiles' | 'listFiles'>;
  run: OtherRun;
  content: ScratchContent;
  words: PermissionTexts;
  checks: readonly { check: GateCheck; outcome: CheckOutcome; known: CheckOutcome | undefined }[];
  /** What earlier gates saw of the same tests. */
  earlier: readonly SeenRed[];
  progress(line: string): void;
}

export interface TestVerdict {
  weakenings: QualityReport['weakenings'];
  seenRed?: SeenRed;
  /** Missing: none. */
  changedTests?: QualityReport['changedTests'];
  oldTestsOutput?: string;
  objections: string[];
}

/** Names of failing tests that are kept of a run on the base commit. */
const MOST_NAMES = 2_000;

/** Looks at the tests themselves: whether they are still there, still check something, and have ever failed. */
export async function proveTests(all: TestProof): Promise<TestVerdict> {
  const { changes, removals, proof } = await changesOf(all);
  const { git, run, words, checks } = proof;
  const tests = checks.find(({ check }) => check.name === TESTS);
  const weakenings = findWeakenings(changes, words);
  const verdict: TestVerdict = { weakenings, objections: [] };
  for (const each of weakenings) if (each.allowed === null) verdict.objections.push(weakeningObjection(each));
  if (changes.unread > 0 && !words.allowAll) verdict.objections.push(unreadText(changes));
  const green = checks.every(({ outcome }) => outcome.result.passed);
  // A red gate goes back to the agent anyway; the further runs wait until they can matter.
  if (!green || tests === undefined || tests.check.command === null || run.signal.aborted) {
    verdict.objections.push(...fewerTests(proof, weakenings, null));
    return verdict;
  }
  const command = { command: goingOn(tests.check.command), expectedExitCode: tests.check.expectedExitCode };
  const seenRed = await seeRed(proof, changes, command, tests.known);
  if (seenRed !== undefined) verdict.objections.push(...(await neverRed(git, run, words, changes, seenRed)));
  const old = await askOldTests(proof, changes, command, tests, seenRed);
  verdict.objections.push(...fewerTests(proof, weakenings, old?.outcome ?? null), ...(old?.objections ?? []));
  const changedTests = await showAskedAnew(proof.git, run, changes, [
    ...(old?.anew ?? []),
    ...removals
      .filter((each) => each.tests.length > 0)
      .map(({ path, tests: names }) => ({
        places: [{ old: path, now: path }],
        tests: names,
        by: 'judge' as const,
      })),
  ]);
  return {
    ...verdict,
    ...(changedTests.length === 0 ? {} : { changedTests }),
    ...(old === null || old.lines === '' ? {} : { oldTestsOutput: old.lines }),
    ...(seenRed === undefined ? {} : { seenRed }),
  };
}

/** What changed in tests, less those whose object the owner wants removed. */
async function changesOf(proof: TestProof) {
  const { git, run, words, checks } = proof;
  const tests = checks.find(({ check }) => check.name === TESTS);
  const command = tests?.check.command ?? null;
  const isBase = run.commit === run.project.baseCommit;
  const found = await findTestChanges(
    git,
    run.project,
    run.commit,
    command === null || isBase
      ? undefined
      : {
          started: await startedBy(git, run.project, run.commit, command),
          isRead: tests?.known === undefined || tests.known.run !== null,
        },
  );
  // Where something failed before, a test that goes may be the one.
  if (tests?.known?.result.passed !== true) return { changes: found, removals: [], proof };
  const { changes, removals } = await withoutRemoved(git, run.project, run.commit, found, words.owner);
  const left = checks.map((each) => ({ ...each, known: knownWithout(each.known, removals) }));
  return { changes, removals, proof: { ...proof, checks: left } };
}

type Command = { command: string; expectedExitCode: number };

function weakeningObjection(weakening: TestVerdict['weakenings'][number]): string {
  const text = weakeningText(weakening);
  if (weakening.kind === 'checks nothing') return `${text} Let it check what the work does.`;
  return (
    `${text} Put that back: only the owner may allow it, with words that say so (as in "Delete ${weakening.path}") in the ` +
    "project's description or in a task of the owner's. A task of your own does not."
  );
}

function unreadText({ unread }: TestChanges): string {
  return (
    `${unread} more files that may hold tests changed than can be looked at. Take out of the commit what was generated, or let ` +
    'the owner split the work.'
  );
}

/** @param old the old tests on the new code: one that failed and is seen to pass there need not run under its old name */
function fewerTests(
  { words, checks }: TestProof,
  weakenings: TestVerdict['weakenings'],
  old: OtherOutcome | null,
): string[] {
  if (words.allowAll || weakenings.some(({ allowed }) => allowed === 'owner')) return [];
  const proved = new Set(old?.run?.passed);
  return checks.flatMap(({ check, outcome, known }) => {
    const compared = compareRuns(known?.run ?? null, outcome.run);
    if (compared === null) return [];
    const failed = (known?.run?.failed ?? []).filter((name) => check.name !== TESTS || !proved.has(name));
    return runObjections(check.name, compared, failed);
  });
}

/** @param anyway also where no file with tests to be read changed: helpers, fixtures or snapshots may have */
async function seeRed(
  { trees, git, run, earlier, progress }: TestProof,
  changes: TestChanges,
  command: Command,
  known: CheckOutcome | undefined,
  anyway = false,
): Promise<SeenRed | undefined> {
  const files = filesToSee(changes);
  if (files.length === 0 && !anyway) return undefined;
  const key = await seenRedKey(git, run, changes, command.command);
  const before = earlier.find((each) => each.key === key && each.run !== undefined);
  if (before !== undefined) return before;
  progress('new and changed tests on the base commit');
  const content = await withAllTests(git, run.project, testsOnBase(run, changes));
  const outcome = await runElsewhere(trees, run, content, { ...command, label: 'seen-red' });
  if (run.signal.aborted) return undefined;
  const base = { passed: known?.result.passed ?? false, run: known?.run ?? null };
  const failed = outcome.run?.failed.slice(0, MOST_NAMES) ?? [];
  return { key, run: { passed: outcome.passed, failed }, files: judgeSeenRed(files, outcome, base) };
}

/**
 * Runs the tests once more as they all were before, on the new code: an assertion, a helper, a fixture or a script may have been
 * bent to fit. A failing run is repeated, and only what failed twice counts.
 */
async function askOldTests(
  proof: TestProof,
  changes: TestChanges,
  command: Command,
  { outcome: now, known }: TestProof['checks'][number],
  seen: SeenRed | undefined,
): Promise<(OldVerdict & { outcome: OtherOutcome }) | null> {
  const { trees, run, content, words, progress } = proof;
  if (words.allowAll || !hasOldTests(changes, known)) return null;
  progress('the tests as they were on the base commit');
  const taken = changes.paths.filter(({ before, after }) => !before && after).map(({ path }) => path);
  const old = await withNamedSources(proof.git, run.project, testsOfBase(run, content, changes), taken);
  const installable = await withOldPackages(proof.git, run.project, old, changes);
  const asWere = await withAllTests(proof.git, run.project, installable);
  const ask = () => runElsewhere(trees, run, asWere, { ...command, label: 'old-tests' });
  let outcome = await ask();
  let red = redOldTests({ old: outcome, now, known, changes });
  if (isRed(red) && !run.signal.aborted) {
    const again = await ask();
    const second = redOldTests({ old: again, now, known, changes });
    if (isRed(second)) red = bothRed(red, second);
    else [outcome, red] = [again, second];
  }
  if (run.signal.aborted) return null;
  const seenRed =
    isRed(red) && seen === undefined ? await seeRed(proof, changes, command, known, true) : seen;
  if (run.signal.aborted) return null;
  const about: OldTests = { red, old: outcome, now, known, seenRed, changes, words };
  const verdict = judgeOldTests(about);
  verdict.objections.push(...rewrittenText('The tests as they were', outcome, known?.result));
  return { ...verdict, outcome };
}

const isRed = ({ still, newly, unread }: OldTests['red']): boolean =>
  still.length + newly.length > 0 || unread !== null;

function bothRed(one: OldTests['red'], two: OldTests['red']): OldTests['red'] {
  const both = {
    still: one.still.filter((name) => two.still.includes(name)),
    newly: one.newly.filter((name) => two.newly.includes(name)),
    unread: two.unread ?? one.unread,
  };
  // Another set each time is no sign that all is well.
  return isRed(both) ? both : two;
}

/** Whether there is anything to be put back or taken away, and any test on the base commit that could be asked. */
function hasOldTests(changes: TestChanges, known: CheckOutcome | undefined): boolean {
  const { paths, inline, lost, baseHasTests } = changes;
  if (paths.length + Object.keys(inline).length + lost.length === 0) return false;
  const put = paths.some(({ before }) => before) || Object.keys(inline).length + lost.length > 0;
  const green = known === undefined || known.result.passed;
  return put || baseHasTests || green || (known?.run?.failed.length ?? 0) > 0;
}
