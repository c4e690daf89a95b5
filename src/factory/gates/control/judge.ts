import type { TestRun } from '../outputs/read.ts';
import { listNames } from '../proof/test-changes.ts';
import { readTestFile } from '../test-source/test-files.ts';
import type { Control } from './types.ts';

/** What a run with controls is judged by. */
export interface ControlRun {
  /** By path. */
  controls: ReadonlyMap<string, Pick<Control, 'titles' | 'helpers' | 'sure'>>;
  /** How the command ended with them: `passed` as if nothing had failed. */
  outcome: { passed: boolean; run: TestRun | null; output?: string };
  /** The run of the same content without them. */
  usual: { passed: boolean; run: TestRun | null };
  /** Files whose tests that run named as passed; `null`: it does not name them. */
  ran: ReadonlySet<string> | null;
}

/** Whether a control failed as it must. `unknown`: it was never run, or nothing says so. */
export type Seen = 'failed' | 'passed' | 'absent' | 'unknown';

/** What became of the control of one file. */
export function seenOf(path: string, { controls, outcome, usual, ran }: ControlRun): Seen {
  const control = controls.get(path);
  if (control === undefined) return 'unknown';
  if (outcome.passed) return 'passed';
  const { run } = outcome;
  // Where no test is named the exit code alone speaks; one that was red anyway says nothing.
  if (run === null || control.titles.length === 0) return usual.passed ? 'failed' : 'unknown';
  const has = (names: readonly string[], title: string) => names.some((name) => name.includes(title));
  if (control.titles.some((title) => has(run.passed, title) || has(run.skipped, title))) return 'passed';
  if (control.titles.every((title) => has(run.failed, title))) return 'failed';
  // Runs that end with the first failure name no more of them.
  const isCut = run.totals.total < (usual.run?.totals.total ?? 0);
  if (isCut || (ran !== null && !ran.has(path))) return 'unknown';
  return 'absent';
}

/** Of a file, the functions by which its tests assert and that let pass what they must not. */
function lenient(path: string, { controls, outcome: { run, output = '' } }: ControlRun): string[] {
  const { titles = [], helpers = [] } = controls.get(path) ?? {};
  const has = (names: readonly string[], title: string) => names.some((name) => name.includes(title));
  const isLenient = (title: string) => {
    // A program says what it was asked.
    if (titles.length === 0)
      return output.includes(title.replace(/own\d+_$/, 'asked')) && !output.includes(title);
    if (run === null || has(run.failed, title)) return false;
    // Many runners name no test that passed; then the others of the file must be seen.
    return has(run.passed, title) || (!run.named && titles.every((each) => has(run.failed, each)));
  };
  return helpers.filter(({ title }) => isLenient(title)).map(({ callee }) => callee);
}

/** Whether one of them judged on the base commit, where it was seen failing as it must. */
function judgedBefore(path: string, callees: readonly string[], base: ControlRun | null): boolean {
  const { titles = [], helpers = [] } = base?.controls.get(path) ?? {};
  const { run = null, output = '' } = base?.outcome ?? {};
  const failed = titles.length === 0 ? [output] : (run?.failed ?? []);
  return helpers.some(
    ({ title, callee }) => callees.includes(callee) && failed.some((name) => name.includes(title)),
  );
}

/** Files whose titles a run names as passed, each title in one file alone. */
export function filesThatRan(
  texts: ReadonlyMap<string, string>,
  run: TestRun | null,
): ReadonlySet<string> | null {
  if (run === null || !run.named) return null;
  const owners = new Map<string, string | null>();
  for (const [path, text] of texts) {
    for (const title of new Set(readTestFile(path, text)?.titles ?? [])) {
      if (title !== '') owners.set(title, owners.has(title) ? null : path);
    }
  }
  const found = new Set<string>();
  for (const name of run.passed) {
    const last = name.split(/ > |::/).at(-1) ?? name;
    const owner = owners.get(last) ?? owners.get(last.split('[')[0] ?? last);
    if (typeof owner === 'string') found.add(owner);
  }
  return found;
}

/**
 * Files whose tests cannot fail any more.
 *
 * @param base the same on the base commit; `null`: it was not asked, and what does not pass in plain words counts for nothing
 */
export function disarmed(now: ControlRun, base: ControlRun | null): string[] {
  return [...now.controls.keys()].filter((path) => {
    const seen = seenOf(path, now);
    if (judgedBefore(path, lenient(path, now), base)) return true;
    if (seen === 'failed' || seen === 'unknown') return false;
    const before = base === null ? 'unknown' : seenOf(path, base);
    if (before === 'failed') return true;
    if (before !== 'unknown') return false;
    // Nothing to compare with: a file that the base commit has not, or whose run was red there anyway.
    const control = now.controls.get(path);
    if (control?.titles.length === 0) return control.sure;
    return seen === 'passed' ? now.outcome.run !== null : now.ran?.has(path) === true;
  });
}

/** Files whose control was not seen failing, so that the base commit must be asked. */
export function doubtful(now: ControlRun): string[] {
  return [...now.controls.keys()].filter(
    (path) => !['failed', 'unknown'].includes(seenOf(path, now)) || lenient(path, now).length > 0,
  );
}

/** The sentence of the report. `files`: sealed ones are not named. */
export function disarmedText(
  check: string,
  files: readonly string[],
  { passed }: { passed: boolean },
): string {
  const where = files.length === 0 ? 'the test files' : listNames(files);
  const what = passed ? 'the command ended well all the same' : 'they did not fail';
  return (
    `${check}: into copies of ${where} tests were put that must fail, and ${what}. So the green run proves nothing. Look for code that ` +
    'ends its process early, that replaces assertions or parts of the test runner, for functions by which tests assert and that ' +
    'let everything pass, or for what makes the command run something else.'
  );
}
