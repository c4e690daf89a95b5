import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './until.ts';

export interface TestHome {
  /** `DF_HOME`. */
  home: string;
  /** Ends the embedded Redis of this home, if a killed process left it, and removes the folder. */
  cleanup(): Promise<void>;
}

/** An empty `DF_HOME` of its own. */
export async function makeHome(): Promise<TestHome> {
  const home = await mkdtemp(join(tmpdir(), 'home-'));
  return {
    home,
    async cleanup() {
      await endRedis(home);
      await rm(home, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

async function endRedis(home: string): Promise<void> {
  const pid = Number(await readFile(join(home, 'run', 'redis.pid'), 'utf8').catch(() => '0'));
  if (!(pid > 1)) return;
  const signal = (name: NodeJS.Signals | 0): boolean => {
    try {
      return process.kill(pid, name);
    } catch {
      // No such process: it ended as it should.
      return false;
    }
  };
  if (!signal(0)) return;
  signal('SIGKILL');
  await until(() => !signal(0), 5_000, `the embedded Redis ${pid} is gone`);
}
