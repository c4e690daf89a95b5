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

/** Throws `failed`/`git_failed` unless git ended well. */
export function expectSuccess(answer: GitAnswer, doing: string): GitAnswer {
  if (answer.code === 0) return answer;
  throw gitFailed(doing, answer.stderr);
}

export function gitFailed(doing: string, stderr: string): DarkFactoryError {
  const full = /No space left on device/i.test(stderr);
  return new DarkFactoryError(
    'failed',
    full ? 'disk_full' : 'git_failed',
    `git could not ${doing}: ${complaint(stderr)}`,
    full
      ? 'Free some disk space (df clean makes some); it goes on by itself.'
      : 'Look at what git says, and fix the repository.',
  );
}
