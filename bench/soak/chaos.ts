import { setTimeout as sleep } from 'node:timers/promises';
import type { TestRedis } from '../../test/support/redis.ts';
import { pick } from './chance.ts';
import type { Crew } from './crew.ts';
import type { RedisProxy } from './proxy.ts';

export interface Harm {
  kind: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'redis restart' | 'redis flush' | 'redis freeze' | 'redis cut';
  pid?: number;
  at: number;
}

export interface ChaosOptions {
  kills: number;
  chance(): number;
  redis: TestRedis;
  proxy: RedisProxy;
  flush(): Promise<void>;
  crew: Crew;
  /** Milliseconds between two kills, on the average. */
  pace: number;
  /** Cut when all work is done. */
  done: AbortSignal;
  onHarm(harm: Harm): void;
}

/** Longer than the workers' lock, so that a worker that was stopped has lost its jobs when it goes on. Milliseconds. */
const STOPPED = 6_000;
/** A harm to Redis after so many kills. */
const REDIS_EVERY = 12;

/** Harms workers and Redis until the kills are used up or the work is done. @returns how many workers were harmed */
export async function wreak(options: ChaosOptions): Promise<number> {
  const { chance, crew, kills, done, onHarm } = options;
  let count = 0;
  const stopped = new Set<Promise<void>>();
  while (count < kills && !done.aborted) {
    await sleep(options.pace * (0.5 + chance()));
    const pids = crew.pids();
    if (pids.length === 0) continue;
    const pid = pick(pids, chance());
    const kind = pick(['SIGKILL', 'SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGSTOP'] as const, chance());
    onHarm({ kind, pid, at: Date.now() });
    crew.signal(pid, kind);
    if (kind === 'SIGSTOP') {
      const waking = sleep(STOPPED).then(() => crew.signal(pid, 'SIGCONT'));
      stopped.add(waking);
      void waking.finally(() => stopped.delete(waking));
    }
    count += 1;
    if (count % REDIS_EVERY === 0) await harmRedis(options);
  }
  await Promise.all(stopped);
  return count;
}

async function harmRedis({ chance, redis, proxy, flush, onHarm }: ChaosOptions): Promise<void> {
  const kind = pick(['redis restart', 'redis flush', 'redis freeze', 'redis cut'] as const, chance());
  onHarm({ kind, at: Date.now() });
  switch (kind) {
    case 'redis restart':
      return redis.restart({ downMs: 2_000 });
    case 'redis flush':
      return flush();
    case 'redis freeze':
      proxy.freeze();
      await sleep(4_000);
      return proxy.thaw();
    case 'redis cut':
      return proxy.cut();
  }
}
