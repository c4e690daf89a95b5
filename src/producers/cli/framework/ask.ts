import type { Readable, Writable } from 'node:stream';
import { DarkFactoryError, isFailure } from '../../../lib/failure.ts';
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

/** What each prompt is given. */
export interface Asking {
  input: Readable;
  /** Where messages go: what a command prints may be on its way into a file. */
  output: Writable;
  /** Nobody will answer any more. */
  signal: AbortSignal;
}

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
  return (await answered((asking) => text({ ...asking, ...shown, message, validate }))).trim();
}

/** What is typed is not shown. */
export async function askSecret(
  message: string,
  problem: (value: string) => string | undefined,
): Promise<string> {
  const { password } = await import('@clack/prompts');
  const validate = (value = '') => problem(value.trim());
  return (await answered((asking) => password({ ...asking, message, validate }))).trim();
}

/** One of several; typing narrows them down. */
export async function askWhich(message: string, choices: readonly Choice[]): Promise<string> {
  const { autocomplete } = await import('@clack/prompts');
  const options = choices.map(({ value, label = value, hint = '' }) => ({ value, label, hint }));
  return answered((asking) => autocomplete({ ...asking, message, options, maxItems: 10 }));
}

export async function askYesNo(message: string): Promise<boolean> {
  const { confirm } = await import('@clack/prompts');
  return answered((asking) => confirm({ ...asking, message }));
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

/**
 * What was answered. At Ctrl-D, or at the end of the input, a prompt stops reading and would never end by itself.
 *
 * @throws DarkFactoryError `interrupted`/`cancelled` after Ctrl-C and Ctrl-D, with the cursor shown again
 */
export async function answered<T>(
  ask: (asking: Asking) => Promise<T | symbol>,
  { input, output }: Omit<Asking, 'signal'> = { input: process.stdin, output: process.stderr },
): Promise<Exclude<T, symbol>> {
  const over = new AbortController();
  const onEnd = () => over.abort();
  const onKey = (_typed: unknown, key: { name?: string; ctrl?: boolean } | undefined) => {
    if (key?.ctrl === true && key.name === 'd') over.abort();
  };
  input.on('end', onEnd).on('close', onEnd).on('keypress', onKey);
  try {
    const answer = await ask({ input, output, signal: over.signal });
    if (typeof answer !== 'symbol') return answer as Exclude<T, symbol>;
  } finally {
    input.off('end', onEnd).off('close', onEnd).off('keypress', onKey);
  }
  throw new DarkFactoryError(
    'interrupted',
    'cancelled',
    'The question was not answered',
    'Run it again when you know the answer',
  );
}
