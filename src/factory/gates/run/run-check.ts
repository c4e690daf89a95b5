import type { GateCheck } from '../../model/gates/gate-check.ts';
import type { CheckResult } from '../../model/gates/gate-report.ts';
import type { Project } from '../../model/project.ts';
import type { ScratchResult, ScratchTree } from '../../ports/workspace.ts';
import type { CommandResult, StateStore } from '../../ports.ts';
import { readTests, type TestRun } from '../outputs/read.ts';
import { missingCommand } from './checks.ts';
import { compareRuns, expectsFailures, hiddenFailures, onlyKnownFailures } from './compare.ts';
import { endingText, meets, unmeetable } from './exit-code.ts';

/** Where outputs are read from, and how places are left out of the names of tests. */
export interface Reading {
  readOutput: StateStore['readOutput'];
  project: Pick<Project, 'id' | 'worktreePath'>;
}

/**
 * What a command in a scratch tree printed about tests.
 *
 * @param runner the one that is read where several seem to have printed
 */
export async function readRun(
  { readOutput, project }: Reading,
  tree: ScratchTree,
  { result, relative }: ScratchResult,
  runner?: string,
): Promise<TestRun | null> {
  const isWhole = !result.truncated && result.outputBytes <= Buffer.byteLength(result.output);
  const text = isWhole ? result.output : await readOutput(project.id, relative);
  // The tree appears where the worktree lies, unless the sandbox cannot do that.
  return readTests(text, [project.worktreePath, tree.folder], runner);
}

export interface CheckContext extends Reading {
  timeoutMs: number;
  signal: AbortSignal;
  /** `undefined`: there is no baseline, or this is it. */
  known: CheckOutcome | undefined;
  /** The owner accepts failures that the base commit has, too. */
  acceptKnown: boolean;
  /** A fresh tree for a second run; a test that leaves itself a note must not pass by it. `null`: no second run. */
  again: (<T>(work: (tree: ScratchTree) => Promise<T>) => Promise<T>) | null;
}

/** What a check did, on the base commit (where it is called `known`) or now. */
export interface CheckOutcome {
  result: CheckResult;
  run: TestRun | null;
}

interface Attempt {
  result: CommandResult;
  relative: string;
  run: TestRun | null;
  passed: boolean;
  /** What the exit code of 0 hides. */
  hidden: string | null;
  rewritten: readonly string[];
}

/** Runs one check; a failing one a second time, unless everything that failed is known to fail. */
export async function runCheck(
  context: CheckContext,
  check: GateCheck,
  tree: ScratchTree,
): Promise<CheckOutcome> {
  const { known } = context;
  const knownFailure = known !== undefined && !known.result.passed;
  const base = { name: check.name, required: true, source: check.source, knownFailure };
  const { command } = check;
  if (command === null) {
    const result = { ...base, passed: false, output: missingCommand(check.name), exitCode: null };
    return { result, run: null };
  }
  const first = await attempt(context, check, command, tree);
  const second = await secondAttempt(context, check, command, first);
  const last = second ?? first;
  const accepted = !last.passed && context.acceptKnown && acceptable(known, first, last);
  const flaky = flakyIn(first, second);
  const rewritten = [...new Set([...first.rewritten, ...(second?.rewritten ?? [])])];
  const result: CheckResult = {
    ...base,
    command,
    passed: last.passed || accepted,
    output: outcomeText(last.result, context.timeoutMs, { ...check, hidden: last.hidden }),
    exitCode: last.result.exitCode,
    durationMs: first.result.durationMs + (second?.result.durationMs ?? 0),
    outputBytes: last.result.outputBytes,
    outputHash: last.result.outputHash,
    outputFile: last.relative,
    ...describeTests(known, last.run),
    ...(accepted ? { accepted: true } : {}),
    ...(second === null ? {} : { attempts: 2 }),
    ...(rewritten.length === 0 ? {} : { rewritten }),
    ...(flaky === null ? {} : { flaky }),
  };
  return { result, run: last.run };
}

async function attempt(
  context: CheckContext,
  check: GateCheck,
  command: string,
  tree: ScratchTree,
): Promise<Attempt> {
  const { timeoutMs, signal } = context;
  const label = `gate-${check.name}`;
  const done = await tree.run({ command, label, timeoutMs, signal, watched: true });
  const { result, relative, rewritten = [] } = done;
  const run = await readRun(context, tree, { result, relative }, context.known?.run?.runner);
  const met = meets(result, check.expectedExitCode);
  const hidden = met ? hiddenIn(context, check, run) : null;
  return { result, relative, run, passed: met && hidden === null, hidden, rewritten };
}

/** On the base commit nothing is hidden from its owner, and what linters print may look like tests that failed. */
function hiddenIn({ again, known }: CheckContext, check: GateCheck, run: TestRun | null): string | null {
  if (again === null || check.expectedExitCode !== 0 || isAboutStyle(check)) return null;
  if (expectsFailures(check.command ?? '')) return null;
  const ownersWay = known?.result.passed === true && (known.run?.toldFailed ?? 0) > 0;
  return hiddenFailures(run, ownersWay);
}

export const isAboutStyle = ({ name }: Pick<GateCheck, 'name'>): boolean =>
  name === 'Linter' || name === 'Formatter';

async function secondAttempt(
  context: CheckContext,
  check: GateCheck,
  command: string,
  first: Attempt,
): Promise<Attempt | null> {
  const { again, known, signal } = context;
  const { ended, exitCode } = first.result;
  // A limit or a missing command would only be met again, and linters do not waver.
  if (again === null || first.passed || ended !== 'exit' || exitCode === 127 || signal.aborted) return null;
  if (isAboutStyle(check)) return null;
  const compared = compareRuns(known?.run ?? null, first.run);
  if (compared !== null && compared.knownFailures.length > 0 && compared.newFailures.length === 0)
    return null;
  return again((tree) => attempt(context, check, command, tree));
}

/** Names that failed in one run of two; the check's own name where none are known. `null`: nothing wavered. */
function flakyIn(first: Attempt, second: Attempt | null): string[] | null {
  if (second === null) return null;
  const [one, two] = [new Set(first.run?.failed), new Set(second.run?.failed)];
  const wavered = [
    ...[...one].filter((name) => !two.has(name)),
    ...[...two].filter((name) => !one.has(name)),
  ];
  if (second.passed) return wavered.length > 0 ? wavered : ['all of it'];
  return wavered.length > 0 ? wavered : null;
}

/** Only what failed in both runs counts; a failure that came and went is shown as flaky. */
function acceptable(known: CheckOutcome | undefined, first: Attempt, last: Attempt): boolean {
  if (known === undefined || known.result.passed || last.result.ended !== 'exit') return false;
  const now = last.run;
  const steady = now && {
    ...now,
    failed: now.failed.filter((name) => first.run?.failed.includes(name) ?? true),
  };
  return onlyKnownFailures(
    { run: known.run, output: known.result.output, exitCode: known.result.exitCode ?? null },
    { run: steady, output: last.result.output, exitCode: last.result.exitCode },
  );
}

/** Most names that a report keeps of one kind. */
const MOST_NAMES = 200;

function describeTests(known: CheckOutcome | undefined, run: TestRun | null): Pick<CheckResult, 'tests'> {
  if (run === null) return {};
  const compared = compareRuns(known?.run ?? null, run);
  const failures = compared ?? { newFailures: known === undefined ? [] : run.failed, knownFailures: [] };
  return {
    tests: {
      runner: run.runner,
      ...run.totals,
      ...(known?.run ? { before: known.run.totals } : {}),
      failures: run.failed.slice(0, MOST_NAMES),
      newFailures: failures.newFailures.slice(0, MOST_NAMES),
      knownFailures: failures.knownFailures.slice(0, MOST_NAMES),
    },
  };
}

/** The command's output with a last line that says how it ended, where that is not plain from an exit code. */
export function outcomeText(
  result: CommandResult,
  timeoutMs: number,
  { expectedExitCode, hidden }: { expectedExitCode: number; hidden: string | null },
): string {
  const ending = {
    exit: endingText(result.exitCode),
    timeout: `Ended by the factory: it took longer than ${Math.round(timeoutMs / 1_000)} s.`,
    aborted: 'Ended by the factory: the work was interrupted.',
    memory: 'Ended by the factory: it used too much memory.',
    processes: 'Ended by the factory: it started too many processes.',
    disk: 'Ended by the factory: it was filling the disk.',
  }[result.ended];
  return [result.output, ending, unmeetable(expectedExitCode), hidden].filter(Boolean).join('\n');
}
