import type { CommandResult } from '../../ports.ts';

/*
 * An exit code proves something only where the program itself chose it. A shell reports one, too, for what was killed
 * (128 and the number of the signal), could not be started (126) or was not found (127), and nobody can tell the two apart:
 * memory that ran out would meet an expectation of 137.
 */

const LAST_SIGNAL = 64;
const SIGNALS: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  6: 'SIGABRT',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  15: 'SIGTERM',
};

/** What a shell means by an exit code that no program needs to have chosen; `null`: it is the program's own. */
export function shellMeaning(exitCode: number): string | null {
  if (exitCode === 126) return 'a command that could not be started';
  if (exitCode === 127) return 'a command that was not found';
  const signal = exitCode - 128;
  if (signal < 1 || signal > LAST_SIGNAL) return null;
  return `a command that was killed (${SIGNALS[signal] ?? `signal ${signal}`})`;
}

/** Whether a command ended by itself, and as was asked for. */
export function meets(
  { ended, exitCode }: Pick<CommandResult, 'ended' | 'exitCode'>,
  expected: number,
): boolean {
  return ended === 'exit' && exitCode === expected && shellMeaning(expected) === null;
}

/** Why no run can meet an expectation; `null`: one might. */
export function unmeetable(expected: number): string | null {
  const meaning = shellMeaning(expected);
  if (meaning === null) return null;
  return `Exit code ${expected} is what a shell reports for ${meaning}, so it proves nothing: let the command look at the code itself, and end with 0.`;
}

/** For people, where the code alone does not say it. */
export function endingText(exitCode: number | null): string {
  if (exitCode === 127) return 'The command was not found (exit code 127).';
  const meaning = exitCode === null ? null : shellMeaning(exitCode);
  return meaning === null ? '' : `Exit code ${exitCode}: a shell reports that for ${meaning}.`;
}
