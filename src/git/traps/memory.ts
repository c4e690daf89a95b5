import { readFileSync } from 'node:fs';
import { always, orNullSync } from '../../lib/errno.ts';
import { DarkFactoryError } from '../../lib/failure.ts';

/** git is done by then, as a rule. A file that never ends gives it some hundred megabytes in this time. Milliseconds. */
const PAUSE = 250;
const MOST_MEMORY = 2 * 1024 * 1024 * 1024;
export const TOO_MUCH_MEMORY = 'git_memory';

/**
 * Watches the memory of a git that reads what an agent wrote, and tells once when it is too much. Packs and large files are not
 * counted, for git maps those; a limit of the kernel's would count them. Linux only.
 *
 * @returns stops watching
 */
export function watchMemory(pidOf: () => number | undefined, exceeded: () => void): () => void {
  if (process.platform !== 'linux') return () => undefined;
  const timer = setInterval(() => {
    // It may have ended.
    const text = orNullSync(() => readFileSync(`/proc/${pidOf()}/status`, 'utf8'), always) ?? '';
    const [, kilobytes] = /^RssAnon:\s+(\d+) kB/m.exec(text) ?? [];
    if (Number(kilobytes ?? 0) * 1024 > MOST_MEMORY) exceeded();
  }, PAUSE);
  return () => clearInterval(timer);
}

export function tooMuchMemory(subcommand: string): DarkFactoryError {
  return new DarkFactoryError(
    'failed',
    TOO_MUCH_MEMORY,
    `git ${subcommand} took more than ${MOST_MEMORY / 1024 / 1024} MiB of memory and was ended`,
    'Look in the worktree for a huge .gitignore, or a .git that is no repository; the step is tried again.',
  );
}
