import { describe, expect, it } from 'vitest';
import { LeaseLost } from '../../src/factory/ports.ts';
import { DarkFactoryError } from '../../src/lib/failure.ts';
import { remedyFor } from '../../src/workers/recovery.ts';

const failure = (kind: DarkFactoryError['kind'], code: string) =>
  new DarkFactoryError(kind, code, 'It went wrong.', 'Fix it.');
const system = (code: string) => Object.assign(new Error(`spawn git ${code}`), { code });

/** What threw, and what is done while attempts are left and after the last one. */
const CASES: [string, unknown, string, string][] = [
  ['a step that another worker took over', new LeaseLost('lease 1 was overtaken'), 'drop', 'drop'],
  ['a project that was removed', failure('not_found', 'project_not_found'), 'drop', 'drop'],
  ['a full disk', failure('environment', 'disk_full'), 'park', 'park'],
  ['a full disk as the system says it', system('ENOSPC'), 'park', 'park'],
  ['a machine that can start no process', system('EAGAIN'), 'park', 'park'],
  ['a machine without memory', system('ENOMEM'), 'park', 'park'],
  ['a worker that has too many files open', system('EMFILE'), 'park', 'park'],
  ['a sandbox that finds no memory', failure('environment', 'machine_exhausted'), 'park', 'park'],
  ['a Redis that is away', failure('environment', 'redis_unreachable'), 'park', 'park'],
  ['books that another worker is just loading', failure('environment', 'meter_not_ready'), 'park', 'park'],
  [
    'a Redis that is full',
    new Error("OOM command not allowed when used memory > 'maxmemory'."),
    'park',
    'park',
  ],
  ...[
    "OOM command not allowed when used memory > 'maxmemory'. script: 0f3a, on @user_script:12.",
    "ERR Error running script (call to f_0f3a): @user_script:12: -OOM command not allowed when used memory > 'maxmemory'.",
    'MISCONF Errors writing to the AOF file: No space left on device',
    "READONLY You can't write against a read only replica.",
    'LOADING Redis is loading the dataset in memory',
    'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
    'NOREPLICAS Not enough good replicas to write.',
  ].map((said): (typeof CASES)[number] => [
    `a Redis that says ${said.slice(0, 60)}`,
    new Error(said),
    'park',
    'park',
  ]),
  ['a lock that is held too long', failure('environment', 'lock_timeout'), 'park', 'park'],
  ['state of a newer program', failure('environment', 'state_newer'), 'park', 'park'],
  ['a repository that is not there just now', failure('usage', 'not_a_repository'), 'wait', 'wait'],
  ['a repository that git may not write to', failure('failed', 'not_permitted'), 'wait', 'wait'],
  ['a git that took too long, as on a disk that hangs', failure('failed', 'git_timeout'), 'wait', 'wait'],
  ['a disk that is mounted for reading alone', system('EROFS'), 'wait', 'wait'],
  ['a server of files that starts anew', system('ESTALE'), 'wait', 'wait'],
  [
    'a worktree that was removed by hand',
    failure('failed', 'worktree_missing'),
    'prepare_again',
    'prepare_again',
  ],
  ['a missing sandbox', failure('environment', 'sandbox_missing'), 'pause_project', 'pause_project'],
  ['a broken config file', failure('usage', 'config_invalid'), 'retry', 'pause_project'],
  ['a failed git operation', failure('failed', 'git_failed'), 'retry', 'fail_project'],
  ['a surprise', new TypeError('x is not a function'), 'retry', 'fail_project'],
  ['something that is no error', 'a text', 'retry', 'fail_project'],
];

describe('after a job threw', () => {
  it.each(CASES.map(([what, error, first, last]) => [what, first, last, error] as const))(
    '%s means %s, and %s after the last attempt',
    (_, first, last, error) => {
      expect(remedyFor(error, 1).act).toBe(first);
      expect(remedyFor(error, 0).act).toBe(last);
    },
  );

  it('a git operation that fails is tried once again, however many attempts the queue grants', () => {
    const error = failure('failed', 'git_failed');
    expect([0, 1].map((made) => remedyFor(error, 5 - made, made).act)).toEqual(['retry', 'fail_project']);
  });
});
