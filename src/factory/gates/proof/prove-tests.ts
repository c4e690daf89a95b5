import type { GateCheck } from '../../model/gates/gate-check.ts';
import type { QualityReport, SeenRed } from '../../model/gates/gate-report.ts';
import type { ScratchContent, ScratchTrees } from '../../ports/workspace.ts';
import type { GitManager } from '../../ports.ts';
import { startedBy } from '../pins/named-files.ts';
import type { PermissionTexts } from '../pins/permission.ts';
import { rewrittenText } from '../run/rewritten.ts';
import type { CheckOutcome } from '../run/run-check.ts';
import { fewerTests, parametersGone, TESTS, withoutNames, withoutUnread } from './fewer-tests.ts';
import { findTestChanges } from './find-test-changes.ts';
import { goingOn, withAllTests } from './go-on.ts';
import type { OldTests } from './old-test-facts.ts';
import { type AskedAnew, judgeOldTests, type OldVerdict } from './old-tests.ts';
import { mergedTests, shownMerged } from './merged.ts';
import { redOldTests } from './red-old-tests.ts';
import { knownWithout, shownRemovals, withoutRemoved } from './removals.ts';
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
import { findWeakenings, isUnchanged, type TestChanges, textObjections } from './test-changes.ts';

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
  const { run, words, checks } = proof;
  const tests = checks.find(({ check }) => check.name === TESTS);
  const merged = mergedTests(changes.files, words, tests?.known?.run ?? null, tests?.outcome.run ?? null);
  const weakenings = findWeakenings(changes, words, merged);
  const verdict: TestVerdict = { weakenings, objections: textObjections(weakenings, changes, words) };
  const green = checks.every(({ outcome }) => outcome.result.passed);
  // A red gate goes back to the agent anyway; the further runs wait until they can matter.
  if (!green || tests === undefined || tests.check.command === null || run.signal.aborted) {
    verdict.objections.push(...fewerTests(words, checks, weakenings, null));
    return verdict;
  }
  const command = { command: goingOn(tests.check.command), expectedExitCode: tests.check.expectedExitCode };
  const shown = [...shownMerged(merged, words), ...shownRemovals(removals)];
  return runTests(proof, { changes, shown, tests, command, verdict });
}

/** Runs the tests of now on the code of before, and those of before on the code of now. */
async function runTests(
  proof: TestProof,
  { changes: all, shown, tests, command, verdict }: Green,
): Promise<TestVerdict> {
  const { git, run, words, checks } = proof;
  const { changes, known, weakening } = await withoutUnread(all, words, tests, (paths) => {
    proof.progress('the base commit without tests that the owner lets go');
    const content = { commit: run.project.baseCommit, over: [{ commit: run.commit, paths: [...paths] }] };
    return runElsewhere(proof.trees, run, content, { ...command, label: 'left-tests' });
  });
  const left = { ...tests, known };
  const seenRed = await seeRed(proof, changes, command, known);
  if (seenRed !== undefined) verdict.objections.push(...(await neverRed(git, run, words, changes, seenRed)));
  const old = await askOldTests(proof, changes, command, left, seenRed);
  const asWere = old?.outcome.run ?? (isUnchanged(changes) ? tests.outcome.run : null);
  const gone = parametersGone(known, asWere, words.owner);
  const missed = { ...tests, known: withoutNames(known, gone) };
  const others = checks.filter((each) => each !== tests);
  verdict.objections.push(
    ...fewerTests(words, [missed, ...others], verdict.weakenings, old?.outcome ?? null),
    ...(old?.objections ?? []),
  );
  if (weakening !== null) verdict.weakenings.push(weakening);
  const changedTests = await showAskedAnew(git, run, changes, [...(old?.anew ?? []), ...shown]);
  changedTests.push(...gone);
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

/** Of a green gate. */
interface Green {
  changes: TestChanges;
  /** What went with leave, or lives on elsewhere. */
  shown: readonly AskedAnew[];
  tests: TestProof['checks'][number];
  command: Command;
  verdict: TestVerdict;
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
  const redIn = (old: OtherOutcome) =>
    redOldTests({
      old,
      now,
      known: withoutNames(known, parametersGone(known, old.run, words.owner)),
      changes,
    });
  let red = redIn(outcome);
  if (isRed(red) && !run.signal.aborted) {
    const again = await ask();
    const second = redIn(again);
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
  if (isUnchanged(changes)) return false;
  const put = paths.some(({ before }) => before) || Object.keys(inline).length + lost.length > 0;
  const green = known === undefined || known.result.passed;
  return put || baseHasTests || green || (known?.run?.failed.length ?? 0) > 0;
}
