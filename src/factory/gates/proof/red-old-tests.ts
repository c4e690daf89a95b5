import { lacksCoverage } from '../outputs/coverage.ts';
import type { TestRun } from '../outputs/read.ts';
import { compareRuns, onlyKnownFailures } from '../run/compare.ts';
import type { CheckOutcome } from '../run/run-check.ts';
import type { OtherOutcome } from './seen-red.ts';
import type { TestChanges } from './test-changes.ts';
import { SNAPSHOT } from '../test-source/test-files.ts';

/** What of the old tests is red with the new code, and green with the new tests. */
export interface RedTests {
  /** Failed on the base commit, too. */
  still: string[];
  /** Passed on the base commit. */
  newly: string[];
  /** Red, and the names of it are not known. */
  unread: 'still' | 'newly' | null;
}

const isFile = (name: string): boolean => /^\S+\.\w{1,4}$/.test(name);

/**
 * @param old all tests as on the base commit, on the new code
 * @param now the new tests on the new code
 * @param known the tests of the base commit on its own code
 */
export function redOldTests({
  old,
  now,
  known,
  changes,
}: {
  old: OtherOutcome;
  now: CheckOutcome;
  known: CheckOutcome | undefined;
  changes: TestChanges;
}): RedTests {
  const before = known?.run ?? null;
  const none: RedTests = { still: [], newly: [], unread: null };
  const wasRed = known !== undefined && !known.result.passed;
  if (before === null || old.run === null || before.runner !== old.run.runner) {
    // The base commit's run names tests and this one does not: nobody can say that they ran.
    if (old.passed) return before !== null && old.run === null ? { ...none, unread: 'newly' } : none;
    if (now.result.accepted && sameAsKnown(old, known)) return none;
    return { ...none, unread: wasRed ? 'still' : 'newly' };
  }
  const failedNow = new Set(now.run?.failed);
  const [passed, failed] = [new Set(old.run.passed), new Set(old.run.failed)];
  const broken = old.run.failed.some((name) => isFile(name) && !before.failed.includes(name));
  // One that failed before must be seen to pass; that it is not named is not enough where passing tests are named.
  const still = before.failed.filter(
    (name) =>
      !failedNow.has(name) &&
      (failed.has(name) || (!isFile(name) && !passed.has(name) && (old.run?.named || broken))),
  );
  const failedBefore = new Set(before.failed);
  const newly = old.run.failed.filter((name) => !failedBefore.has(name) && !failedNow.has(name));
  const compared = compareRuns(before, old.run);
  const ranBefore = new Set(before.passed);
  const asMany = old.passed && passedAsMany(before, old.run);
  const gone = (compared?.gone ?? []).filter((name) => ranBefore.has(name));
  const missing = asMany ? withoutPrinted(gone, before, old.run) : gone;
  if (!newly.some(isFile))
    for (const name of [...missing, ...(compared?.nowSkipped ?? [])])
      if (ranBefore.has(name)) newly.push(name);
  if (still.length + newly.length > 0) return { still, newly, unread: null };
  if (!asMany && (compared?.fewer ?? 0) > 0) return { ...none, unread: wasRed ? 'still' : 'newly' };
  if (old.passed || now.result.accepted) return none;
  // None failed, and none is missing. New code without its new tests is covered by less than the repository asks for.
  if (!wasRed && old.run.totals.failed === 0 && lacksCoverage(old.output) && areAllNamed(changes))
    return none;
  return { ...none, unread: wasRed ? 'still' : 'newly' };
}

/** Whether by the runner's own word as many passed as before, and none failed. */
function passedAsMany(before: TestRun, now: TestRun): boolean {
  if (before.toldPassed === undefined || now.toldPassed === undefined) return false;
  return now.toldFailed === 0 && now.failed.length === 0 && now.toldPassed >= before.toldPassed;
}

/**
 * What code under test prints may be read as a suite around a test, or as a test: the same title then stands in another suite, or there
 * were more names than the runner counted.
 */
function withoutPrinted(gone: readonly string[], before: TestRun, now: TestRun): string[] {
  const known = new Set(before.passed);
  const fresh = now.passed.filter((name) => !known.has(name)).map(lastOf);
  const missing = gone.filter((name) => {
    const at = fresh.indexOf(lastOf(name));
    if (at >= 0) fresh.splice(at, 1);
    return at < 0;
  });
  const printed = before.passed.length - (before.toldPassed ?? before.passed.length);
  return missing.length <= printed ? [] : missing;
}

const lastOf = (name: string): string => name.split(' > ').at(-1) ?? name;

/** Whether what was put back are tests that a run names, and their snapshots: nothing that fails without a name. */
function areAllNamed({ files, paths, inline, lost }: TestChanges): boolean {
  const titled = new Set(
    files.flatMap(({ path, from = path, before }) => (before?.titles.length ? [path, from] : [])),
  );
  if (Object.keys(inline).length + lost.length > 0) return false;
  return paths.every(({ path, before }) => !before || titled.has(path) || SNAPSHOT.test(path));
}

function sameAsKnown(old: OtherOutcome, known: CheckOutcome | undefined): boolean {
  if (known === undefined) return false;
  const { run, result } = known;
  const exitCode = result.exitCode ?? null;
  return onlyKnownFailures({ run, output: result.output, exitCode }, { ...old, exitCode });
}
