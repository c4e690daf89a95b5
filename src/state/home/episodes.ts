/** What lasts for a while and is to be told once: a full disk, a full Redis, little memory. Known to all processes of a home. */

import { mkdir, open, stat, unlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, isOfFuture } from '../../lib/clock.ts';
import { errorCode, expecting, isMissing, orNull } from '../../lib/errno.ts';
import { namesIn } from '../../lib/file-failure.ts';
import { FILE_MODE, FOLDER_MODE } from '../files/files.ts';
import type { Home } from './home.ts';

export interface Episodes {
  /** @returns whether it begins with this call; of several processes that ask, one is told so */
  begin(name: string): Promise<boolean>;
  /** @returns whether it ended with this call */
  end(name: string): Promise<boolean>;
  /** When it began; `null`: it does not last. */
  since(name: string): Promise<Date | null>;
  /** Names of those that last, of all that begin so. */
  lasting(start: string): Promise<string[]>;
  /** Remembers that something was done now. */
  mark(name: string): Promise<void>;
  /** When that was; `null`: never. */
  markedAt(name: string): Promise<Date | null>;
  /** Is it a while since somebody was told so by this function? Of several that ask at once, one is. */
  isDue(name: string, everyMs: number): Promise<boolean>;
}

/** One empty file for each, below `data/episodes`. */
export function episodesOf({ home, clock }: { home: Pick<Home, 'data'>; clock: Clock }): Episodes {
  const folder = join(home.data, 'episodes');
  const { now } = clock;
  const fileOf = (name: string) => join(folder, name);
  async function touch(name: string, flags: 'wx' | 'a'): Promise<void> {
    await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
    await (await open(fileOf(name), flags, FILE_MODE)).close();
  }
  const markOf = (name: string) => fileOf(`.${name}`);
  const markedAt: Episodes['markedAt'] = async (name) => (await orNull(stat(markOf(name))))?.mtime ?? null;
  const mark: Episodes['mark'] = async (name) => {
    await touch(`.${name}`, 'a');
    await utimes(markOf(name), now(), now());
  };
  const begin: Episodes['begin'] = async (name) => {
    try {
      await touch(name, 'wx');
      return true;
    } catch (error) {
      if (errorCode(error) === 'EEXIST') return false;
      // No room for even an empty file: told again and again is better than never.
      if (errorCode(error) === 'ENOSPC' || errorCode(error) === 'EDQUOT') return true;
      throw error;
    }
  };
  const end: Episodes['end'] = (name) => unlink(fileOf(name)).then(() => true, expecting(isMissing, false));
  const since: Episodes['since'] = async (name) => (await orNull(stat(fileOf(name))))?.mtime ?? null;
  // What was marked before a clock was set back would be due for nobody until it has caught up.
  const isOver = (at: Date | null, ms: number) =>
    at === null || now().getTime() - at.getTime() >= ms || isOfFuture(at, now());
  return {
    begin,
    end,
    since,
    async lasting(start) {
      return (await namesIn(folder)).filter((name) => name.startsWith(start));
    },
    mark,
    markedAt,
    async isDue(name, everyMs) {
      if (!isOver(await markedAt(name), everyMs)) return false;
      const asked = `.${name}.asked`;
      if (!(await begin(asked))) {
        // Left by one that died over it.
        if (isOver(await since(asked), everyMs)) await end(asked);
        return false;
      }
      const due = isOver(await markedAt(name), everyMs);
      if (due) await mark(name);
      await end(asked);
      return due;
    },
  };
}
