import { isFailure } from '../../lib/failure.ts';
import { TOO_MUCH_MEMORY } from './memory.ts';
import { type Bounds, removeTraps } from './traps.ts';

/** git is done within milliseconds, as a rule. */
const FIRST_LOOK = 1_000;
const NEXT_LOOKS = 4;
/** Each time something was taken out of its way, or it ends with what made it end. */
const MOST_STARTS = 3;
/** As long as a git may take. Milliseconds. */
const LONGEST_LOOK = 60_000;

/**
 * git reads `.gitignore`, `.gitattributes` and the `.git` of folders as it finds them, and waits or reads without end where an
 * agent made a named pipe of one, or a link to a device. Those go when git takes long, for to look for them takes longer than
 * git as a rule. A git that may be reading such a file already is ended and started again.
 *
 * @param start is given what ends that git
 */
export async function despiteTraps<T>(bounds: Bounds, start: (end: AbortSignal) => Promise<T>): Promise<T> {
  for (let starts = 1; ; starts++) {
    const end = new AbortController();
    let removed = 0;
    const stop = whileItRuns(async (ended) => {
      removed += await removeTraps(bounds, ended);
      if (removed > 0) end.abort();
    });
    try {
      return await start(end.signal);
    } catch (error) {
      await stop();
      const hasGrown = isFailure(error, TOO_MUCH_MEMORY);
      if (starts >= MOST_STARTS || !(hasGrown || (removed > 0 && isFailure(error, 'git_aborted'))))
        throw error;
      // The look ended with the git. All that it came to is out of the way of the next one.
      const until = performance.now() + LONGEST_LOOK;
      removed += await removeTraps(bounds, () => performance.now() > until);
      if (removed === 0) throw error;
    } finally {
      void stop();
    }
  }
}

/** Looks again and again, each time after longer. @returns ends that, and waits for a look under way */
function whileItRuns(look: (ended: () => boolean) => Promise<void>): () => Promise<void> {
  let pause = FIRST_LOOK;
  let ended = false;
  let running = Promise.resolve();
  const next = (): void => {
    running = look(() => ended).then(() => {
      pause *= NEXT_LOOKS;
      if (!ended) timer = setTimeout(next, pause);
    });
  };
  let timer = setTimeout(next, pause);
  return () => {
    ended = true;
    clearTimeout(timer);
    return running;
  };
}
