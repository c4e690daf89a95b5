import { LONGEST_DURATION_MS, parseDuration } from '../../../lib/duration.ts';
import { usageError } from '../../../lib/failure.ts';
import { shown } from '../../../lib/text/text.ts';

/**
 * A plain decimal number: no sign, exponent, separator or blank, so that `1e999`, `-1`, `NaN` and an empty text are
 * refused instead of becoming a limit that never holds.
 */
const DECIMAL = /^\d{1,9}(\.\d{1,9})?$/;
const WHOLE = /^\d{1,12}$/;

/**
 * An amount of US dollars above zero, at most nine digits before and after the point.
 *
 * @param option the option as typed, for the message
 */
export function parseUsd(option: string, text: string): number {
  const value = DECIMAL.test(text) ? Number(text) : Number.NaN;
  if (value > 0) return value;
  throw usageError(
    'invalid_amount',
    `${option} ${shown(text)} is no amount of US dollars above zero`,
    `Write a plain number, for example ${option} 20 or ${option} 0.50`,
  );
}

/** An amount of US dollars, zero included; for prices and credits, whose sense is judged elsewhere. */
export function parseAmount(option: string, text: string): number {
  if (DECIMAL.test(text)) return Number(text);
  throw usageError(
    'invalid_amount',
    `${option} ${shown(text)} is no amount of US dollars`,
    `Write a plain number, for example ${option} 20 or ${option} 0.50`,
  );
}

/** A whole number from `least` to `most`. */
export function parseWhole(option: string, text: string, least: number, most: number): number {
  const value = WHOLE.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw usageError(
    'invalid_number',
    `${option} ${shown(text)} is no whole number from ${least} to ${most}`,
    `Write digits only, for example ${option} ${Math.min(most, Math.max(least, 10))}`,
  );
}

/** @returns milliseconds */
export function parseDurationOption(option: string, text: string): number {
  const value = parseDuration(text);
  if (value !== null && value <= LONGEST_DURATION_MS) return value;
  throw usageError(
    'invalid_duration',
    `${option} ${shown(text)} is no duration${value === null ? '' : ' of at most 366 days'}`,
    `Write a number and a unit, for example ${option} 12h, ${option} 30m or ${option} 90s`,
  );
}

/** `a,b` and repeated options alike; empty parts are refused, the same part twice counts once. */
export function parseList(option: string, texts: readonly string[]): string[] {
  const parts = texts.flatMap((text) => text.split(',')).map((part) => part.trim());
  if (parts.length > 0 && parts.every((part) => part !== '')) return [...new Set(parts)];
  throw usageError(
    'invalid_list',
    `${option} ${shown(texts.join(','))} holds an empty name`,
    `Separate names by commas, for example ${option} engineer,tester`,
  );
}

/** One of a fixed set of words. */
export function parseChoice<const T extends string>(option: string, text: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw usageError(
    'invalid_choice',
    `${option} ${shown(text)} is not known`,
    `Choose one of: ${choices.join(', ')}`,
  );
}

/** A command line for the gate or the set-up: stored as text, run only in the sandbox. */
export function parseCommand(option: string, text: string): string {
  const command = text.trim();
  if (command !== '' && command.length <= 20_000 && !command.includes('\0')) return command;
  throw usageError(
    'invalid_command',
    `${option} is ${command === '' ? 'empty' : 'longer than 20,000 characters or holds a NUL'}`,
    `Give a shell command line, for example ${option} "npm test"`,
  );
}
