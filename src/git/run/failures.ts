import { DarkFactoryError } from '../../lib/failure.ts';
import type { GitAnswer } from './run.ts';

/** What git complained about, for people: without hints and control characters, the last lines. */
export function complaint(stderr: string): string {
  const lines = stderr
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('hint:'))
    .slice(-4);
  return lines
    .join(' ')
    .replace(/\p{Cc}/gu, '?')
    .slice(0, 500);
}

/** What git says, without its warnings and the words of what it started. */
export function ownWords(stderr: string): string {
  return stderr
    .split('\n')
    .filter((line) => /^(error|fatal): /.test(line))
    .join('\n');
}

/** Throws `failed`/`git_failed`, or a code of what is no fault of the repository, unless git ended well. */
export function expectSuccess(answer: GitAnswer, doing: string): GitAnswer {
  if (answer.code === 0) return answer;
  throw gitFailed(doing, answer.stderr);
}

export function gitFailed(doing: string, stderr: string): DarkFactoryError {
  const row = OF_DISKS.find(({ words }) => words.test(stderr));
  return new DarkFactoryError(
    'failed',
    row?.code ?? 'git_failed',
    `git could not ${doing}: ${complaint(stderr)}`,
    row?.hint ?? 'Look at what git says, and fix the repository.',
  );
}

const FULL = /No space left on device|Dis[ck] quota exceeded/i;
/** Behind what git says, never in the midst of it: there a name may stand that an agent gave. */
const EXHAUSTED =
  /(?:Resource temporarily unavailable|Cannot allocate memory|Too many open files(?: in system)?|died of signal 9)(?=,|\s*$)|(?<=^(?:error|fatal): (?:\w+: )?)Out of memory/im;
/** A server of files is away with the same words as one of git; those are another trouble. */
const AWAY =
  /Input\/output error|Stale (?:NFS )?file handle|Transport endpoint is not connected|(?<=^(?:error|fatal): (?!unable to access '\w+:).*: )(?:Connection timed out|Host is down)(?=\s*$)/im;

/** What no file is to blame for: locks, disks, the machine. */
export const NO_FILES_FAULT = new RegExp(
  [/unable to (?:create|write)|insufficient permission|Read-only file system/, FULL, EXHAUSTED, AWAY]
    .map(({ source }) => source)
    .join('|'),
  'im',
);

/** What is no fault of the repository. */
const OF_DISKS: readonly { words: RegExp; code: string; hint: string }[] = [
  {
    words: FULL,
    code: 'disk_full',
    hint: 'Free some disk space (df clean makes some); it goes on by itself.',
  },
  {
    words: EXHAUSTED,
    code: 'machine_exhausted',
    hint: 'End what else runs there, or lower workers.concurrency; it goes on by itself.',
  },
  {
    // What a server of submodules says has its own words behind it: (publickey).
    words: /Read-only file system|Permission denied(?! \()|insufficient permission/i,
    code: 'not_permitted',
    hint: 'Give your user the right to read and write the repository; it goes on by itself.',
  },
  {
    words: AWAY,
    code: 'disk_failure',
    hint: 'Look after the disk that the repository lies on; it goes on by itself.',
  },
];
