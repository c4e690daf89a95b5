import type { TestRun } from '../gates/outputs/read.ts';
import { judgeSeenRed } from '../gates/proof/seen-red.ts';
import { readTestFile } from '../gates/test-source/test-files.ts';
import type { SealedFile } from '../model/sealing/sealed.ts';
import type { SealedBy } from '../model/sealing/sealer.ts';
import type { CommandResult } from '../ports.ts';

/** One run of the command of the sealed checks on the base commit. */
export interface BaseRun {
  result: Pick<CommandResult, 'ended' | 'exitCode' | 'output'>;
  run: TestRun | null;
}

/** What is to be thought of sealed checks after they ran where the work is not done yet. */
export interface SealedVerdict {
  /**
   * `red`: something fails without the work, so passing later means something. `green`: all passes already, so it proves
   * nothing. `unusable`: they did not run at all.
   */
  kind: 'red' | 'green' | 'unusable';
  /** For their writer. */
  text: string;
  checks: SealedBy['checks'];
}

/**
 * Judges a set of sealed checks by two runs on the base commit. Pure.
 *
 * @param withThem with the files laid over it
 * @param without the same command on the base commit alone: what fails there anyway shows nothing of them
 */
export function judgeSealed(
  files: readonly SealedFile[],
  withThem: BaseRun,
  without: BaseRun,
): SealedVerdict {
  const problem = whyUnusable(files, withThem, without);
  if (problem !== null) return { kind: 'unusable', text: problem, checks: [] };
  const passed = endedWell(withThem);
  const checks = checksOf(files, withThem, without);
  const red = checks.filter(({ outcome }) => outcome === 'seen red');
  const green = passed || (red.length === 0 && checks.every(({ outcome }) => outcome === 'never red'));
  return { kind: green ? 'green' : 'red', text: textOf(green, checks, withThem), checks };
}

const endedWell = ({ result }: BaseRun): boolean => result.ended === 'exit' && result.exitCode === 0;

function whyUnusable(files: readonly SealedFile[], withThem: BaseRun, without: BaseRun): string | null {
  if (files.length === 0) return 'There are no sealed checks yet: write some with write_sealed_check.';
  const { ended, exitCode } = withThem.result;
  if (ended !== 'exit') return `The command of the sealed checks was ended by the factory (${ended}).`;
  if (exitCode === 127 || exitCode === 126)
    return `The command of the sealed checks cannot be run (exit code ${exitCode}: ${exitCode === 127 ? 'not found' : 'not executable'}).`;
  if (withThem.run !== null && without.run !== null && isSame(withThem, without))
    return (
      `The command ran the same ${without.run.totals.total} tests with and without your files, so it does not find them. Give ` +
      'them names and places that the test runner of this repository looks for.'
    );
  return null;
}

function isSame(one: BaseRun, other: BaseRun): boolean {
  const names = ({ run }: BaseRun) => [...(run?.failed ?? [])].sort().join('\n');
  return (
    one.result.exitCode === other.result.exitCode &&
    one.run?.totals.total === other.run?.totals.total &&
    names(one) === names(other)
  );
}

function checksOf(files: readonly SealedFile[], withThem: BaseRun, without: BaseRun): SealedBy['checks'] {
  const read = files.flatMap(({ path, content }) => {
    const after = readTestFile(path, content.toString('utf8'));
    return after === null || after.titles.length === 0 ? [] : [{ path, before: null, after }];
  });
  const outcome = { passed: endedWell(withThem), run: withThem.run };
  const base = { passed: endedWell(without), run: without.run };
  if (read.length > 0)
    return judgeSeenRed(read, outcome, base).map(({ path, outcome: seen }) => ({ path, outcome: seen }));
  // No test can be told from its text: then they are seen as one.
  const seen = outcome.passed ? 'never red' : base.passed ? 'seen red' : 'unknown';
  return files.map(({ path }) => ({ path, outcome: seen }));
}

function textOf(green: boolean, checks: SealedBy['checks'], { result, run }: BaseRun): string {
  const lines = checks.map(({ path, outcome }) => `- ${path}: ${outcome}`);
  const ran = run === null ? '' : ` (${run.totals.failed} of ${run.totals.total} tests failed)`;
  const head = green
    ? 'The checks pass on the base commit already, where the work is not done, so they prove nothing of it'
    : `The checks fail on the base commit${ran}, as they should before the work is done`;
  return [`${head}:`, ...lines, '', `Exit code ${result.exitCode ?? 'none'}. Output:`, result.output].join(
    '\n',
  );
}
