/** Which `df up` of this home runs, so that another command finds it and can end it. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Processes } from '../../lib/process/process.ts';
import { parseJson } from '../../lib/record.ts';
import { moment } from '../../lib/schema.ts';
import { makeFolder, readWhole, removeQuietly, replaceFile } from '../files/files.ts';
import type { Home } from './home.ts';

const NAME = /^up-\d+\.json$/;
const MOST_BYTES = 64 * 1024;

const runningUp = z.object({
  process: z.object({ host: z.string(), pid: z.number().int().positive(), startedAt: z.string() }),
  since: moment,
  /** Without a terminal of its own. */
  detached: z.boolean(),
  /** Worker processes that it keeps. */
  workers: z.number().int().positive(),
});
export type RunningUp = z.infer<typeof runningUp>;

export interface RunningUps {
  /** Puts this process down. @returns takes it off again */
  note(up: Omit<RunningUp, 'process'>): Promise<() => Promise<void>>;
  /** `here` run on this machine; of `elsewhere` nobody can tell from here. What is dead is forgotten. */
  list(): Promise<{ here: RunningUp[]; elsewhere: RunningUp[] }>;
}

export function createRunningUps(home: Pick<Home, 'run'>, processes: Processes): RunningUps {
  async function read(name: string): Promise<RunningUp | null> {
    const found = await readWhole(join(home.run, name), MOST_BYTES);
    return runningUp.safeParse(parseJson(found?.data.toString('utf8') ?? '')).data ?? null;
  }
  return {
    async note(up) {
      const own = await processes.self();
      const file = join(home.run, `up-${own.pid}.json`);
      await makeFolder(home.run);
      await replaceFile(file, JSON.stringify({ ...up, process: own }), `${file}.tmp`);
      return () => removeQuietly(file);
    },
    async list() {
      const names = await readdir(home.run).catch(() => []);
      const here: RunningUp[] = [];
      const elsewhere: RunningUp[] = [];
      for (const name of names.filter((each) => NAME.test(each))) {
        const up = await read(name);
        const state = up === null ? 'dead' : await processes.liveness(up.process);
        if (up === null || state === 'dead') await removeQuietly(join(home.run, name));
        else (state === 'alive' ? here : elsewhere).push(up);
      }
      return { here, elsewhere };
    },
  };
}
