import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PRELOADED = fileURLToPath(new URL('moved-clock.mjs', import.meta.url));

/** A clock of processes that are started with `env`: as on the wall, until the test moves it on. */
export interface MovedClock {
  env: Record<string, string>;
  now(): Date;
  moveTo(moment: Date): Promise<void>;
}

export async function movedClock(folder: string): Promise<MovedClock> {
  const file = join(folder, 'clock-is-ahead');
  let ahead = 0;
  await writeFile(file, '0');
  return {
    env: { NODE_OPTIONS: `--import=${PRELOADED}`, DF_TEST_CLOCK: file },
    now: () => new Date(Date.now() + ahead),
    async moveTo(moment) {
      ahead = moment.getTime() - Date.now();
      await writeFile(file, String(ahead));
    },
  };
}
