import { readFileSync } from 'node:fs';
import { always, orNullSync } from '../../lib/errno.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import { totalMemory } from '../../lib/process/machine.ts';

/** git is done by then, as a rule. A file that never ends gives it some hundred megabytes in this time. Milliseconds. */
const PAUSE = 250;
const MOST_MEMORY = 2 * 1024 * 1024 * 1024;
/** Of all memory, for a git that writes files: it holds what a filter makes of one whole, of Git LFS an object of any size. */
const CHECKOUT_SHARE = 0.75;
export const TOO_MUCH_MEMORY = 'git_memory';

/** @param totalOf tells how much the machine has. Bytes. */
export function mostMemory(checksOut: boolean, totalOf = totalMemory): number {
  return checksOut ? Math.max(MOST_MEMORY, totalOf() * CHECKOUT_SHARE) : MOST_MEMORY;
}

/**
 * Watches the memory of a git that reads what an agent wrote, and tells once when it is more than `most` bytes. Packs and large files are not
 * counted, for git maps those; a limit of the kernel's would count them. Linux only.
 *
 * @returns stops watching
 */
export function watchMemory(pidOf: () => number | undefined, most: number, exceeded: () => void): () => void {
  if (process.platform !== 'linux') return () => undefined;
  const timer = setInterval(() => {
    // It may have ended.
    const text = orNullSync(() => readFileSync(`/proc/${pidOf()}/status`, 'utf8'), always) ?? '';
    const [, kilobytes] = /^RssAnon:\s+(\d+) kB/m.exec(text) ?? [];
    if (Number(kilobytes ?? 0) * 1024 > most) exceeded();
  }, PAUSE);
  return () => clearInterval(timer);
}

export function tooMuchMemory(subcommand: string, most: number): DarkFactoryError {
  return new DarkFactoryError(
    'failed',
    TOO_MUCH_MEMORY,
    `git ${subcommand} took more than ${Math.round(most / 1024 / 1024)} MiB of memory and was ended`,
    most > MOST_MEMORY
      ? 'It holds what a filter makes of a file whole: the machine needs more memory, or that file another filter; the step is tried again.'
      : 'Look in the worktree for a huge .gitignore, or a .git that is no repository; the step is tried again.',
  );
}
