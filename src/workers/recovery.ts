import { LeaseLost } from '../factory/ports.ts';
import { hasCode } from '../lib/errno.ts';
import { DarkFactoryError } from '../lib/failure.ts';
import { asRecord } from '../lib/record.ts';
import { redactText } from '../lib/text/redact.ts';

/** What is done after a job threw. */
export type Remedy =
  /** Nothing: whoever overtook it goes on, or there is nothing left to work on. */
  | { act: 'drop' }
  /** The queue's own back-off, one attempt spent. */
  | { act: 'retry' }
  /** The surroundings are expected to recover: wait, spend no attempt. */
  | { act: 'park'; ms: number }
  /**
   * The same, and its project says what it waits for; the owner is told once, for it may last. Missing `most`: as long as it lasts;
   * after so many in a row the project is paused where its repository is there.
   */
  | { act: 'wait'; ms: number; most?: number }
  /** Nothing but the failure itself, which whoever waits for the job is told at once. */
  | { act: 'answer' }
  /** Worktree and branch are looked at and made again, then the work goes on; no attempt is spent. */
  | { act: 'prepare_again' }
  /** The owner has to do something; `df resume` goes on. */
  | { act: 'pause_project' }
  /** Nothing more can be done; the project says why. */
  | { act: 'fail_project' };

export interface RecoveryRow {
  failure: string;
  matches(error: unknown): boolean;
  /** While attempts are left, and after the last one. */
  first: Remedy;
  last: Remedy;
  /** Tries in all. Missing: as many as the queue grants. */
  tries?: number;
  /** For what its owner asked for beside the work, and waits for. Missing: as for all else. */
  asked?: Remedy;
}

const code =
  (...codes: string[]) =>
  (error: unknown) =>
    error instanceof DarkFactoryError && codes.includes(error.code);
const errno =
  (...codes: string[]) =>
  (error: unknown) =>
    hasCode(error, ...codes);

/** It cannot save to its disk, has become a replica, starts, or is held up by somebody's script. Before 7.0 a script has words in front. */
const REDIS_TROUBLE =
  /(^|: -?)(OOM|MISCONF|READONLY|LOADING|BUSY|MASTERDOWN|NOREPLICAS) |Connection is closed/;

/** A disk that is mounted anew, or a server of files that starts, says so for a while, and then works again. */
const DISK_TROUBLE = [
  ...['EROFS', 'EACCES', 'EPERM', 'EIO', 'ESTALE'],
  ...['ENOTCONN', 'ENODEV', 'ENXIO', 'EHOSTDOWN', 'ETIMEDOUT'],
] as const;

/** What happens after a failure: the one table. The first row that matches decides; the last one matches everything. */
const RECOVERY: readonly RecoveryRow[] = [
  {
    failure: 'another worker took the step over',
    matches: (error) => error instanceof LeaseLost,
    first: { act: 'drop' },
    last: { act: 'drop' },
  },
  {
    failure: 'the project was removed meanwhile',
    matches: code('project_not_found'),
    first: { act: 'drop' },
    last: { act: 'drop' },
  },
  {
    failure: 'the disk is full or its quota used up',
    matches: (error) => code('disk_full')(error) || errno('ENOSPC', 'EDQUOT')(error),
    first: { act: 'park', ms: 60_000 },
    last: { act: 'park', ms: 60_000 },
  },
  {
    failure: 'the machine has no processes, memory or open files left just now',
    matches: (error) =>
      code('machine_exhausted')(error) || errno('EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE')(error),
    first: { act: 'park', ms: 15_000 },
    last: { act: 'park', ms: 15_000 },
  },
  {
    failure: 'Redis is away, full, or takes no commands or no writes just now',
    matches: (error) =>
      code('redis_unreachable', 'redis_misconfigured', 'redis_replica', 'meter_not_ready')(error) ||
      (error instanceof Error && REDIS_TROUBLE.test(error.message)),
    first: { act: 'park', ms: 5_000 },
    last: { act: 'park', ms: 5_000 },
  },
  {
    failure: 'another process holds a state file or the repository for too long',
    matches: code('lock_timeout', 'lock_lost', 'git_busy', 'git_locked'),
    first: { act: 'park', ms: 5_000 },
    last: { act: 'park', ms: 5_000 },
  },
  {
    failure: 'a newer program wrote the state; its workers go on',
    matches: code('state_newer'),
    first: { act: 'park', ms: 15_000 },
    last: { act: 'park', ms: 15_000 },
  },
  {
    failure: 'somebody removed the worktree or its branch by hand',
    matches: code('worktree_missing', 'worktree_broken'),
    first: { act: 'prepare_again' },
    last: { act: 'prepare_again' },
  },
  {
    failure: 'a disk is away, or does not let us read or write just now',
    matches: (error) =>
      code('not_permitted', 'disk_failure', 'not_a_repository')(error) || errno(...DISK_TROUBLE)(error),
    first: { act: 'wait', ms: 15_000 },
    last: { act: 'wait', ms: 15_000 },
    asked: { act: 'answer' },
  },
  {
    failure: 'a git is not done in its time: a disk hangs, or the worktree is too much for it',
    matches: code('git_timeout'),
    first: { act: 'wait', ms: 15_000, most: 20 },
    last: { act: 'wait', ms: 15_000, most: 20 },
    asked: { act: 'answer' },
  },
  {
    failure: 'no sandbox on this machine, no key to sign with, no branch, or no sealed checks to run',
    matches: code('sandbox_missing', 'signing_failed', 'branch_missing', 'sealed_missing', 'sealed_changed'),
    first: { act: 'pause_project' },
    last: { act: 'pause_project' },
  },
  {
    failure: 'the owner must fix something: a file, a key, a repository',
    matches: (error) => error instanceof DarkFactoryError && error.kind !== 'failed',
    first: { act: 'retry' },
    last: { act: 'pause_project' },
  },
  {
    failure: 'a git operation failed, or another one that may go well the next time',
    matches: (error) => error instanceof DarkFactoryError,
    first: { act: 'retry' },
    last: { act: 'fail_project' },
    tries: 2,
  },
  {
    failure: 'a surprise',
    matches: () => true,
    first: { act: 'retry' },
    last: { act: 'fail_project' },
  },
];

/**
 * @param error what the processor threw
 * @param attemptsLeft attempts the queue would still grant after this one
 * @param attemptsMade those before this one
 * @param payload the job's
 */
export function remedyFor(
  error: unknown,
  attemptsLeft: number,
  attemptsMade = 0,
  payload: unknown = undefined,
): Remedy {
  const row = RECOVERY.find((each) => each.matches(error));
  if (row === undefined) throw new Error('The recovery table must end with a row that matches everything.');
  if (row.asked !== undefined && asRecord(payload)['kind'] === 'manual') return row.asked;
  return attemptsLeft > 0 && attemptsMade + 1 < (row.tries ?? Number.POSITIVE_INFINITY)
    ? row.first
    : row.last;
}

/** What Redis keeps of a failure: no key, and with `privacy.encrypt` no words. The log and the project have the rest. */
export function keptOf(error: unknown, quiet: boolean): Error {
  const { message, stack = '', name } = error instanceof Error ? error : new Error(String(error));
  if (!quiet) return Object.assign(new Error(redactText(message)), { stack: redactText(stack) });
  const said = error instanceof DarkFactoryError ? error.code : name;
  return Object.assign(new Error(said), { stack: said });
}
