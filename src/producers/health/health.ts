import type { Config } from '../../factory/config/config.ts';
import type { Halt } from '../../factory/ports.ts';
import type { QueueCounts } from '../../queues/bus.ts';
import { lacksRoom } from '../../factory/model/disk-space.ts';
import type { QueueName } from '../../queues/jobs/catalogue.ts';
import type { SilentLock } from './silent-locks.ts';
import { judgeVersions } from './versions.ts';

/** What was found; `null` where it could not be found out. */
export interface HealthFacts {
  halted: Halt | null;
  redis: {
    version: string;
    latencyMs: number;
    persistence: string;
    memory: string;
    warnings: string[];
  } | null;
  /** Why Redis could not be asked. */
  redisProblem?: string;
  state: { projects: number; open: number; unreadable: { id: string; problem: string }[] } | null;
  stateProblem?: string;
  providers: ProviderFact[];
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
  /** Jobs that no worker understands. */
  notUnderstood: number;
  /** What the machine is to bear, as configured. */
  limits: Pick<Config['limits'], 'diskFree' | 'memory'>;
  /** Projects at work whose worktree is gone. */
  withoutWorktree: { id: string; name: string; path: string }[];
}

export interface ProviderFact {
  id: string;
  state: 'ready' | 'failing' | 'out_of_money' | 'off';
  consecutiveFailures: number;
  lastSuccessAt?: Date;
}

export interface HealthProblem {
  part:
    | 'halt'
    | 'locks'
    | 'redis'
    | 'state'
    | 'providers'
    | 'disk'
    | 'memory'
    | 'workers'
    | 'queues'
    | 'projects';
  /** `not_ready`: nothing can be done like this. */
  severity: 'degraded' | 'not_ready';
  /** One sentence. */
  message: string;
}

export type HealthStatus = 'healthy' | 'degraded' | 'not_ready';

/** A job that waits for longer than this has too few workers, in milliseconds. */
const LONG_WAIT_MS = 10 * 60_000;

/** What is wrong, the worst first. Pure. */
export function problemsOf(facts: HealthFacts): HealthProblem[] {
  const found: HealthProblem[] = [];
  const say = (part: HealthProblem['part'], severity: HealthProblem['severity'], message: string) =>
    found.push({ part, severity, message });
  const { halted, redis, state, providers, disk, memory, workers, queues } = facts;

  if (halted !== null) say('halt', 'not_ready', `The factory is halted: ${halted.reason}`);
  if (redis === null) say('redis', 'not_ready', facts.redisProblem ?? 'Redis does not answer.');
  else if (redis.memory === 'full') say('redis', 'not_ready', 'Redis is full and takes no jobs.');
  else for (const warning of redis.warnings) say('redis', 'degraded', warning);
  if (state === null) say('state', 'not_ready', facts.stateProblem ?? 'The state files cannot be read.');
  for (const { id, problem } of state?.unreadable ?? [])
    say('state', 'degraded', `Project ${id}: ${problem}`);

  const ready = providers.filter((each) => each.state === 'ready').length;
  const open = (state?.open ?? 0) > 0;
  if (ready === 0) {
    const none = providers.length === 0 ? 'There is no provider.' : 'No provider is usable now.';
    say('providers', 'degraded', open ? `${none} Projects wait.` : none);
  }
  for (const { id, state: is, consecutiveFailures } of providers) {
    if (is === 'failing') say('providers', 'degraded', `${id} failed ${consecutiveFailures} times in a row.`);
    if (is === 'out_of_money') say('providers', 'degraded', `${id} is out of money.`);
  }

  const { limits } = facts;
  if (disk !== null && disk.free === 0) say('disk', 'not_ready', 'Nothing can be written: no room is left.');
  else if (disk !== null && lacksRoom(disk, limits.diskFree))
    say(
      'disk',
      'degraded',
      `Only ${percent(disk.free / disk.size)} of the disk is free; new steps wait (limits.diskFree).`,
    );
  const used = 1 - memory.available / memory.total;
  if (used > limits.memory)
    say('memory', 'degraded', `${percent(used)} of the memory is in use; fewer gates run (limits.memory).`);

  const versions = judgeVersions(facts.version, facts.workerVersions ?? {});
  if (versions !== null) say('workers', 'degraded', sentence(versions.problem));
  if (workers === 0 && open) say('workers', 'degraded', 'No worker is running, and projects are open.');
  for (const [name, { oldestWaitMs }] of Object.entries(queues ?? {}))
    if (oldestWaitMs > LONG_WAIT_MS && halted === null)
      say(
        'queues',
        'degraded',
        `A job of ${name} has waited for ${Math.round(oldestWaitMs / 60_000)} minutes.`,
      );
  if (facts.notUnderstood > 0)
    say(
      'queues',
      'degraded',
      `${facts.notUnderstood === 1 ? 'A job is' : `${facts.notUnderstood} jobs are`} understood by no worker: a newer version of df made it. Upgrade the workers.`,
    );
  for (const { path, pid, silentMs } of facts.silentLocks) {
    const who = pid === null ? 'A program' : `Process ${pid}`;
    const since = Math.round(silentMs / 1_000);
    say(
      'locks',
      'degraded',
      `${who} holds ${path} and has given no sign for ${since} s; it loses the lock to the next who asks.`,
    );
  }
  for (const { path, problem } of facts.unwritable)
    say('state', 'degraded', `${path} cannot be written: ${problem}.`);
  for (const { id, name, since } of halted === null ? facts.stuck : [])
    say('projects', 'degraded', `${name} (${id}) shows no sign of work since ${since.toISOString()}.`);
  for (const { id, name } of facts.withoutWorktree)
    say('projects', 'degraded', `The worktree of ${name} (${id}) is gone.`);
  return found.sort((a, b) => Number(b.severity === 'not_ready') - Number(a.severity === 'not_ready'));
}

export function statusOf(problems: readonly HealthProblem[]): HealthStatus {
  if (problems.some(({ severity }) => severity === 'not_ready')) return 'not_ready';
  return problems.length > 0 ? 'degraded' : 'healthy';
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
