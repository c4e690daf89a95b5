import type { QueueCounts, QueueName } from '../../queues/jobs/catalogue.ts';
import type { Config } from '../config/config.ts';
import type { TierProblem } from '../finance/routing/tiers.ts';
import type { Halt } from '../ports.ts';

/** What was found; `null` where it could not be found out. */
export interface HealthFacts {
  halted: Halt | null;
  redis: {
    version: string;
    latencyMs: number;
    /** `maxmemory-policy` */
    policy: string;
    persistence: string;
    memory: string;
    warnings: string[];
  } | null;
  /** Why Redis could not be asked. */
  redisProblem?: string;
  /** What to do about it. */
  redisRemedy?: string;
  state: { projects: number; open: number; unreadable: { id: string; problem: string }[] } | null;
  stateProblem?: string;
  providers: ProviderFact[];
  /** Why they are not known. */
  providersProblem?: string;
  /** What is wrong with the owner's tiers. */
  tiers: TierProblem[];
  /** Forges that are not asked now. */
  forges: { id: string; why: string; until: Date; refused: boolean }[];
  /** Bytes. */
  disk: { free: number; size: number } | null;
  memory: { available: number; total: number };
  /** Version of this program. */
  version: string;
  /** Worker processes, and how many of them are of each version. */
  workers: number | null;
  workerVersions: Readonly<Record<string, number>> | null;
  queues: Record<QueueName, QueueCounts & { oldestWaitMs: number }> | null;
  /** At work by their state, but without any sign of it. */
  stuck: { id: string; name: string; since: Date }[];
  /** Locks whose holder gives no sign. */
  silentLocks: SilentLock[];
  /** Folders that the factory has to write and cannot. */
  unwritable: { path: string; problem: string }[];
  /** How many there are, and those of which nothing came or would come. */
  schedules: { count: number; troubled: { name: string; detail: string }[] } | null;
  schedulesProblem?: string;
  /** Jobs that no worker understands. */
  notUnderstood: number;
  /** What the machine is to bear, as configured. */
  limits: Pick<Config['limits'], 'diskFree' | 'memory'>;
  /** Open projects whose worktree is gone, or with `problem` is there and cannot be worked in. */
  withoutWorktree: { id: string; name: string; path: string; problem?: string }[];
}

export interface ProviderFact {
  id: string;
  state: 'ready' | 'failing' | 'out_of_money' | 'off';
  consecutiveFailures: number;
  lastSuccessAt?: Date;
}

/** A lock whose holder lives, as far as anybody can tell, and gives no sign. */
export interface SilentLock {
  path: string;
  pid: number | null;
  silentMs: number;
}
