import { isFailure, usageError } from '../../../lib/failure.ts';
import type { CommandContext } from './context.ts';

/** Whether somebody sits there who can answer. */
export function mayAsk({ stdin, err, json }: Pick<CommandContext, 'stdin' | 'err' | 'json'>): boolean {
  return !json && err.isTerminal && stdin.isTTY === true;
}

export interface Choice {
  value: string;
  /** Shown instead of the value. */
  label?: string;
  hint?: string;
}

/** Questions go where messages go: what a command prints may be on its way into a file. */
const ON_STDERR = { output: process.stderr };

/** @param problem what is wrong with an answer, told at once */
export async function askText(
  message: string,
  { fallback, problem }: { fallback?: string; problem?: (value: string) => string | undefined } = {},
): Promise<string> {
  const { text } = await import('@clack/prompts');
  const validate = (given = '') => {
    const value = given.trim() === '' ? fallback : given.trim();
    return value === undefined ? 'Write something' : problem?.(value);
  };
  const shown = fallback === undefined ? {} : { placeholder: fallback, defaultValue: fallback };
  return answered(await text({ ...ON_STDERR, ...shown, message, validate })).trim();
}

/** What is typed is not shown. */
export async function askSecret(
  message: string,
  problem: (value: string) => string | undefined,
): Promise<string> {
  const { password } = await import('@clack/prompts');
  const validate = (value = '') => problem(value.trim());
  return answered(await password({ ...ON_STDERR, message, validate })).trim();
}

/** One of several; typing narrows them down. */
export async function askWhich(message: string, choices: readonly Choice[]): Promise<string> {
  const { autocomplete } = await import('@clack/prompts');
  const options = choices.map(({ value, label = value, hint = '' }) => ({ value, label, hint }));
  return answered(await autocomplete({ ...ON_STDERR, message, options, maxItems: 10 }));
}

export async function askYesNo(message: string): Promise<boolean> {
  const { confirm } = await import('@clack/prompts');
  return answered(await confirm({ ...ON_STDERR, message }));
}

/** What `check` has against something, for a question that is asked again then. */
export function saidBy(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (!isFailure(error)) throw error;
    return error.message;
  }
}

/** Throws `usage`/`cancelled` after Ctrl-C. */
function answered<T>(answer: T): Exclude<T, symbol> {
  if (typeof answer !== 'symbol') return answer as Exclude<T, symbol>;
  throw usageError('cancelled', 'The question was not answered', 'Run it again when you know the answer');
}
