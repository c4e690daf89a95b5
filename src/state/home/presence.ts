/** When a worker of this home lived, so that it can be said of a night in which nothing was done. */
import { appendFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import type { Absence } from '../../factory/report/time-spent.ts';
import { type Clock, isOfFuture } from '../../lib/clock.ts';
import { expecting, isMissing } from '../../lib/errno.ts';
import { parseJson } from '../../lib/record.ts';
import { moment } from '../../lib/schema.ts';
import { FILE_MODE, FOLDER_MODE } from '../files/files.ts';
import type { Home } from './home.ts';

/** Longer than a living worker is silent on a busy machine, in milliseconds. */
const SILENCE_MS = 90_000;
/** Of which all are read: more than a year of nights. */
const MOST_BYTES = 256 * 1024;

const absence = z.object({ from: moment, to: moment, why: z.enum(['worker', 'asleep']) });

export interface Presence {
  /**
   * A worker lives. What lies between this and the last sign of any worker is put down where it is long.
   *
   * @param last when this process gave its last sign; `null`: this is its first. One that lived and was silent slept
   * @returns when this sign was given, for the next call
   */
  beat(last: number | null): Promise<number>;
  /** In order of time, the present one included. */
  absences(): Promise<Absence[]>;
}

export function presenceOf({ home, clock }: { home: Pick<Home, 'data'>; clock: Clock }): Presence {
  const alive = join(home.data, 'presence', 'alive');
  const log = join(home.data, 'presence', 'absences.jsonl');
  const lastSign = async () => (await stat(alive).catch(expecting(isMissing, null)))?.mtimeMs ?? null;
  return {
    async beat(last) {
      const now = clock.now().getTime();
      const sign = await lastSign();
      await mkdir(dirname(alive), { recursive: true, mode: FOLDER_MODE });
      if (sign !== null && now - sign > SILENCE_MS) {
        const why = last !== null && now - last > SILENCE_MS ? 'asleep' : 'worker';
        const line = { from: new Date(sign), to: new Date(now), why };
        await appendFile(log, `${JSON.stringify(line)}\n`, { mode: FILE_MODE });
      }
      // Its time is the file's own: a sign needs no content.
      await writeFile(alive, '', { mode: FILE_MODE });
      return now;
    },
    async absences() {
      const text = (await readFile(log, 'utf8').catch(expecting(isMissing, ''))).slice(-MOST_BYTES);
      const [sign, now] = [await lastSign(), clock.now()];
      // One that ends later is none: the clock was ahead for a while.
      const known = text
        .split('\n')
        .flatMap((line) => absence.safeParse(parseJson(line)).data ?? [])
        .filter(({ to }) => !isOfFuture(to, now));
      if (sign === null || now.getTime() - sign <= SILENCE_MS) return known;
      return [...known, { from: new Date(sign), to: now, why: 'worker' }];
    },
  };
}
