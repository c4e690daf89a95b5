import type { TestRun } from '../outputs/read.ts';
import { listNames } from '../proof/test-changes.ts';

/** What two runs of one command tell: on the base commit and now. */
export interface Comparison {
  /** Failing now, and not on the base commit. */
  newFailures: string[];
  /** Failing now as on the base commit. */
  knownFailures: string[];
  /** Ran on the base commit, and are not named any more. Empty where names are incomplete. */
  gone: string[];
  /** Ran on the base commit, and are left out now. */
  nowSkipped: string[];
  /** So many tests fewer than on the base commit. */
  fewer: number;
}

/** @returns `null` where one of the two has no output of a known form */
export function compareRuns(before: TestRun | null, now: TestRun | null): Comparison | null {
  if (before === null || now === null || before.runner !== now.runner) return null;
  const failedBefore = new Set(before.failed);
  const ranBefore = new Set([...before.passed, ...before.failed]);
  const all = new Set([...now.passed, ...now.failed, ...now.skipped]);
  // A file that could not be loaded stands for tests that nobody knows the names of.
  const tests = [...ranBefore].filter((name) => !/\.\w{1,4}$/.test(name));
  return {
    newFailures: now.failed.filter((name) => !failedBefore.has(name)),
    knownFailures: now.failed.filter((name) => failedBefore.has(name)),
    gone: now.named ? tests.filter((name) => !all.has(name) && !isLess(name, all)) : [],
    nowSkipped: now.skipped.filter((name) => ranBefore.has(name)),
    fewer: Math.max(0, before.totals.total - now.totals.total),
  };
}

/**
 * Why a green run of which nothing is known is not good enough: on the base commit the same command named its tests. Code
 * under test that ends its process early leaves exit code 0 and no sums.
 */
export function lostNames(check: string, before: TestRun | null, now: TestRun | null): string[] {
  if (before === null || before.totals.total === 0 || now?.runner === before.runner) return [];
  const tests = `${before.totals.total} ${before.totals.total === 1 ? 'test' : 'tests'}`;
  const instead = now === null ? 'names none now' : `prints what ${now.runner} would print now`;
  return [
    `${check}: on the base commit the command ran ${tests} (${before.runner}); it ended well, but ${instead}. Whether they ran is not known: ` +
      'look for code that ends its process early, or for another command behind the same name.',
  ];
}

/**
 * Why an exit code of 0 is not believed beside a run whose own runner counts failures: code under test ended the process, or what runs
 * the tests was told to go on. `null`: nothing speaks against it.
 *
 * @param ownersWay on the base commit the command ended with 0 beside failures, too
 */
export function hiddenFailures(run: TestRun | null, ownersWay: boolean): string | null {
  if (run === null || run.toldFailed === 0 || ownersWay) return null;
  const tests = run.toldFailed === 1 ? 'test' : 'tests';
  const named = run.failed.length === 0 ? '' : ` (${listNames(run.failed)})`;
  return (
    `The command ended with 0, but ${run.runner} counts ${run.toldFailed} failed ${tests} in what it printed${named}. Make them pass; ` +
    'where nothing failed, look for code that ends the process by itself, or for settings by which failures are ignored.'
  );
}

/** Whether a command itself says what is to come of failing tests: it asks for them, or runs them again. */
export function expectsFailures(command: string): boolean {
  return /(?:^|[\s;&|({])(?:!|if|while|until)\s|\|\||\$\?|PIPESTATUS/.test(command);
}

const NOTHING_DONE = /^g?make(?:\[\d+\])?: .*(?:is up to date|Nothing to be done for)\b.*$/m;

/** A target that nobody calls phony is not made where a file or folder of its name lies. */
export function nothingDone(check: string, before: string, now: string): string[] {
  const line = NOTHING_DONE.exec(now)?.[0];
  if (line === undefined || NOTHING_DONE.test(before)) return [];
  return [
    `${check}: the command did nothing and said "${line.slice(0, 200)}". Take away the file or folder that has the name of the target.`,
  ];
}

/** Names gain their file or suite where a runner says more than before. */
function isLess(name: string, all: ReadonlySet<string>): boolean {
  for (const other of all) if (other.endsWith(` > ${name}`)) return true;
  return false;
}

/**
 * Why a run that ended well is not good enough.
 *
 * A renamed test is fine while none is missing by number; a failing one that is not there any more was not fixed.
 */
export function runObjections(
  check: string,
  { gone, nowSkipped, fewer }: Comparison,
  failedBefore: readonly string[],
): string[] {
  const failing = new Set(failedBefore);
  const dodged = gone.filter((name) => failing.has(name));
  const objections: string[] = [];
  if (dodged.length > 0)
    objections.push(
      `${check}: ${listNames(dodged)} failed on the base commit and did not run now. Fix the code, not the test.`,
    );
  if (fewer > 0)
    objections.push(
      `${check}: ${fewer} fewer than on the base commit ran${gone.length > 0 ? `, among them ${listNames(gone)}` : ''}.`,
    );
  if (nowSkipped.length > 0)
    objections.push(
      `${check}: ${listNames(nowSkipped)} ran on the base commit and ${nowSkipped.length === 1 ? 'is' : 'are'} skipped now.`,
    );
  return objections;
}

/**
 * Whether a failing check failed only as it did on the base commit.
 *
 * @param known the base commit's run and what it printed
 * @param now the same of the commit under test
 */
export function onlyKnownFailures(
  known: { run: TestRun | null; output: string; exitCode: number | null },
  now: { run: TestRun | null; output: string; exitCode: number | null },
): boolean {
  if (known.exitCode === 0 || now.exitCode !== known.exitCode) return false;
  const compared = compareRuns(known.run, now.run);
  if (compared !== null && now.run !== null) {
    const named = now.run.failed.length >= now.run.totals.failed;
    return named && now.run.failed.length > 0 && compared.newFailures.length === 0;
  }
  // Nothing names the failures: then only the very same words will do.
  return known.run === null && now.run === null && plain(known.output) === plain(now.output);
}

/** Without times and the like, which differ from run to run. */
function plain(output: string): string {
  return output.replace(/\d+([.,]\d+)?\s*(ms|s|sec|seconds)\b/g, 'TIME').replace(/[ \t]+$/gm, '');
}
