import type { Response } from 'express';
import { DarkFactoryError, type FailureKind } from '../../../lib/failure.ts';
import type { Log } from '../../../lib/log.ts';
import { refuse } from '../refuse.ts';

/** 409: it was asked rightly, and what is there does not allow it. */
const STATUS: Readonly<Record<FailureKind, number>> = {
  usage: 400,
  not_found: 404,
  failed: 409,
  environment: 503,
  waiting: 409,
  interrupted: 409,
};

/** Codes that say more than their kind: asked for rightly, but not in the state that the thing is in, or not by this role. */
const BY_CODE: Readonly<Record<string, number>> = {
  branch_at_work: 409,
  fork_over: 409,
  merge_landing: 409,
  no_branch: 409,
  not_its_turn: 409,
  not_retryable: 409,
  unchanged: 409,
  project_ended: 409,
  project_not_ended: 409,
  already_answered: 409,
  persona_changed: 409,
  role_missing: 403,
};

/** Answers with what went wrong; a surprise is put into the log and told as one. */
export function answerError(error: unknown, response: Response, log: Pick<Log, 'error'> | undefined): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (error instanceof DarkFactoryError) {
    const status = BY_CODE[error.code] ?? STATUS[error.kind];
    refuse(response, status, error.code, error.message, error.hint);
    return;
  }
  log?.error({ err: error }, 'a request to the board failed');
  refuse(
    response,
    500,
    'failed',
    'Something unexpected happened',
    'The log of the program has the details: df logs --level error.',
  );
}
