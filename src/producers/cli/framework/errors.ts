import { errorCode } from '../../../lib/errno.ts';
import { DarkFactoryError, EXIT_CODE } from '../../../lib/failure.ts';
import { isSlip } from '../../../lib/text/nearest.ts';

/** What the command line tells about a failure, whatever it came from. */
export interface Complaint {
  exitCode: number;
  code: string;
  /** What happened. */
  message: string;
  /** What to do; may be empty. */
  hint: string;
}

/** Commander's own errors, by their shape: importing the class would tie this file to the library. */
interface UsageError {
  code: string;
  message: string;
}

function isUsageError(error: unknown): error is UsageError {
  return errorCode(error)?.startsWith('commander.') === true;
}

/**
 * Turns whatever was thrown into something to tell.
 *
 * @param error a DarkFactoryError (expected), a commander error (wrong usage), or a surprise
 * @param help the command line that shows help for what was tried
 * @param logs folder of the log that holds the stack of a surprise, `null` when there is none
 */
export function toComplaint(error: unknown, help: string, logs: string | null): Complaint {
  if (error instanceof DarkFactoryError) {
    return { exitCode: EXIT_CODE[error.kind], code: error.code, message: error.message, hint: error.hint };
  }
  if (isUsageError(error)) return fromUsage(error, help);
  const said = error instanceof Error ? error.message : String(error);
  return {
    exitCode: EXIT_CODE.failed,
    code: 'unexpected',
    message: `Something unexpected happened: ${firstLine(said)}`,
    hint:
      logs === null
        ? 'Run it again with DF_DEBUG=1 to see where'
        : `The details stand in the newest file of ${logs}; please report them`,
  };
}

/** Whether this error is one that was foreseen and needs no stack. */
export function isExpected(error: unknown): boolean {
  return error instanceof DarkFactoryError || isUsageError(error);
}

function fromUsage(error: UsageError, help: string): Complaint {
  if (error.code === 'commander.help') {
    return {
      exitCode: EXIT_CODE.usage,
      code: 'missing_command',
      message: 'No command was given',
      hint: `See ${help}`,
    };
  }
  const [first = '', ...rest] = error.message.replace(/^error:\s*/, '').split('\n');
  const guesses = /\(Did you mean (?:one of )?(.+?)\?\)/.exec(rest.join(' '))?.[1]?.split(', ') ?? [];
  const typed = /'(.*)'/.exec(first)?.[1] ?? '';
  // Commander's own limit lets through what only happens to share letters.
  const near = guesses.filter((guess) => isSlip(typed, guess));
  return {
    exitCode: EXIT_CODE.usage,
    code: error.code.replace(/^commander\./, '').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    message: capitalised(first),
    hint: near.length === 0 ? `See ${help}` : `Did you mean ${near.join(' or ')}?`,
  };
}

/** `what happened. What to do.` */
export function sentence({ message, hint }: Pick<Complaint, 'message' | 'hint'>): string {
  return [message, hint]
    .filter((part) => part !== '')
    .map((part) => stopped(BEGINS_WITH_WORD.test(part) ? capitalised(part) : part))
    .join(' ');
}

/** A plain word of prose: neither a path, a file name, an option nor one of our own commands. */
const BEGINS_WITH_WORD = /^(?!df |dark-factory )[a-z]+[ ,]/;

function stopped(text: string): string {
  const trimmed = text.trimEnd();
  return /[.!?:…]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function firstLine(text: string): string {
  const line = text.split('\n', 1)[0] ?? '';
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
