/** Exit codes of the command line, by what kind of thing went wrong. */
export const EXIT_CODE = {
  failed: 1,
  usage: 2,
  not_found: 3,
  environment: 4,
  waiting: 5,
  /** A person called it off, by the custom of shells. */
  interrupted: 130,
} as const;

export type FailureKind = keyof typeof EXIT_CODE;

/**
 * An expected failure, worded for the person who reads it.
 *
 * `message` says what happened and names the file or id; `hint` says what to do next. Anything that is not a
 * `DarkFactoryError` is a surprise: a bug, shown with its stack in the log.
 */
export class DarkFactoryError extends Error {
  override readonly name = 'DarkFactoryError';
  readonly kind: FailureKind;
  /** Stable, machine-readable, snake_case: for example `project_not_found`. */
  readonly code: string;
  readonly hint: string;

  constructor(kind: FailureKind, code: string, message: string, hint: string, options?: { cause?: unknown }) {
    super(message, options);
    this.kind = kind;
    this.code = code;
    this.hint = hint;
  }
}

/** @param code missing: of whatever kind it is */
export function isFailure(error: unknown, code?: string): error is DarkFactoryError {
  return error instanceof DarkFactoryError && (code === undefined || error.code === code);
}

/** Wrong input of a person or a program. */
export const usageError = (code: string, message: string, hint: string): DarkFactoryError =>
  new DarkFactoryError('usage', code, message, hint);
