import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import type { Check } from '../../factory/diagnosis/check.ts';
import { checksOf } from '../../factory/diagnosis/checks.ts';
import type { HealthFacts, ProviderFact } from '../../factory/diagnosis/facts.ts';
import {
  type HealthProblem,
  type HealthStatus,
  problemsOf,
  statusOf,
} from '../../factory/diagnosis/health.ts';
import { candidate, isOut, isViable } from '../../factory/finance/providers/select.ts';
import { tierProblems } from '../../factory/finance/routing/tiers.ts';
import type { ProviderConfig } from '../../factory/model/money/finance.ts';
import type { Project } from '../../factory/model/project.ts';
import { isIdle } from '../../factory/model/schedule.ts';
import { isPaused } from '../../factory/publishing/forges.ts';
import { errorCode, isMissing } from '../../lib/errno.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import { memoryNow, nearestFolder, spaceOf } from '../../lib/process/machine.ts';
import { readVersion } from '../../lib/version.ts';
import { queueNames } from '../../queues/jobs/catalogue.ts';
import type { Services } from '../../services.ts';
import { isSilent, signsOfWork } from '../../state/projects/signs.ts';
import { lostPath } from '../documents/schedules.ts';
import { lookAtWorkers } from '../documents/workers.ts';
import { damagedProjects } from './damaged-projects.ts';
import { silentLocks } from './silent-locks.ts';
import { lostWorktrees } from './worktrees.ts';

export interface Health extends HealthFacts {
  status: HealthStatus;
  at: Date;
  problems: HealthProblem[];
  /** All that was looked at, the sound things too. */
  checks: Check[];
}

/** Looks at everything once. Never throws for what is broken: that is what it tells. */
export async function examineHealth(services: Services, env: NodeJS.ProcessEnv): Promise<Health> {
  const { clock, emergencyStop, home } = services;
  const now = clock.now();
  const [redis, state, providers, forges, disk, memory, schedules] = await Promise.all([
    attempt(() => lookAtRedis(services, env), services.explain),
    attempt(() => lookAtState(services, now)),
    attempt(() => lookAtProviders(services)),
    attempt(() => lookAtForges(services, now)),
    attempt(async () => spaceOf(await nearestFolder(home.data))),
    memoryNow(),
    attempt(() => lookAtSchedules(services)),
  ]);
  const facts: HealthFacts = {
    halted: emergencyStop.look(),
    redis: redis.value?.redis ?? null,
    ...(redis.problem === undefined
      ? {}
      : {
          redisProblem: redis.problem,
          ...(redis.remedy === undefined ? {} : { redisRemedy: redis.remedy }),
        }),
    version: readVersion(),
    workers: redis.value?.workers ?? null,
    workerVersions: redis.value?.workerVersions ?? null,
    queues: redis.value?.queues ?? null,
    state: state.value?.state ?? null,
    ...(state.problem === undefined ? {} : { stateProblem: state.problem }),
    stuck: state.value?.stuck ?? [],
    withoutWorktree: state.value?.withoutWorktree ?? [],
    silentLocks: state.value?.silentLocks ?? [],
    unwritable: state.value?.unwritable ?? [],
    notUnderstood: redis.value?.notUnderstood ?? 0,
    schedules: schedules.value ?? null,
    ...(schedules.problem === undefined ? {} : { schedulesProblem: schedules.problem }),
    limits: services.config.limits,
    ...(providers.value ?? { providers: [], tiers: [] }),
    ...(providers.problem === undefined ? {} : { providersProblem: providers.problem }),
    forges: forges.value ?? [],
    disk: disk.value ?? null,
    memory,
  };
  const checks = checksOf(facts);
  const problems = problemsOf(checks);
  return { status: statusOf(problems), at: now, problems, checks, ...facts };
}

async function lookAtForges({ state }: Services, now: Date): Promise<HealthFacts['forges']> {
  const { forges } = await state.forges().get();
  return forges.flatMap((forge) => {
    const { id, pause } = forge;
    return pause !== undefined && (pause.refused || isPaused(forge, now)) ? [{ id, ...pause }] : [];
  });
}

interface Attempt<T> {
  value?: T;
  problem?: string;
  remedy?: string;
}

/** @param explain puts a failure into words, where it can */
async function attempt<T>(
  look: () => Promise<T>,
  explain: (error: unknown) => Promise<unknown> = async (error) => error,
): Promise<Attempt<T>> {
  try {
    return { value: await look() };
  } catch (thrown) {
    const error = await explain(thrown);
    if (error instanceof DarkFactoryError) return { problem: error.message, remedy: error.hint };
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

async function lookAtRedis(
  services: Services,
  env: NodeJS.ProcessEnv,
): Promise<Pick<HealthFacts, 'redis' | 'workers' | 'workerVersions' | 'queues' | 'notUnderstood'>> {
  const { checkRedis } = await import('../../queues/redis/redis-check.ts');
  const connection = await services.redis();
  const before = performance.now();
  await connection.ping();
  const latencyMs = Math.round(performance.now() - before);
  const { version, policy, persistence, memory, warnings } = await checkRedis(connection);
  const bus = await services.queues();
  const [workers, counts, waits] = await Promise.all([
    lookAtWorkers(services, env),
    bus.counts(),
    bus.waits(services.clock.now()),
  ]);
  const queues = Object.fromEntries(
    queueNames.map((name) => [name, { ...counts[name], oldestWaitMs: waits[name] }]),
  ) as HealthFacts['queues'];
  return {
    redis: { version, latencyMs, policy, persistence, memory, warnings },
    notUnderstood: await bus.countNotUnderstood(services.clock.now()),
    workers: workers?.count ?? null,
    workerVersions: workers?.versions ?? null,
    queues,
  };
}

async function lookAtState(
  services: Services,
  now: Date,
): Promise<Pick<HealthFacts, 'state' | 'stuck' | 'withoutWorktree' | 'silentLocks' | 'unwritable'>> {
  const { state } = services;
  const [{ projects, unreadable }, open] = await Promise.all([
    state.listSummaries(),
    state.listOpenProjects(),
  ]);
  const signs = await signsOfWork(state, open, now);
  const stuck = signs.filter((sign) => isSilent(sign, now));
  return {
    silentLocks: await silentLocks(services, open),
    unwritable: await unwritable(services, open),
    state: {
      projects: projects.length,
      open: open.length,
      unreadable: [...unreadable, ...(await damagedProjects(state, open))],
    },
    stuck: stuck.map(({ project: { id, name }, since }) => ({ id, name, since })),
    withoutWorktree: await lostWorktrees(services, open),
  };
}

/** Folders that work of the open projects has to write to. */
async function unwritable(
  { home, state }: Services,
  open: readonly Project[],
): Promise<HealthFacts['unwritable']> {
  const folders = new Set([home.root, home.data, home.logs, home.worktrees]);
  for (const { id, repository } of open) {
    const folder = state.projectFolder(id);
    for (const each of [folder, join(folder, 'agents'), join(repository, '.git')]) folders.add(each);
  }
  const found: HealthFacts['unwritable'] = [];
  for (const path of folders) {
    try {
      await access(path, constants.W_OK);
    } catch (error) {
      // What is missing is made when it is needed, or told by whoever misses it.
      if (!isMissing(error))
        found.push({ path, problem: UNWRITABLE[errorCode(error) ?? ''] ?? String(error) });
    }
  }
  return found;
}

const UNWRITABLE: Readonly<Record<string, string>> = {
  EROFS: 'the file system is read-only',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
};

/** Words of a failure may be those of a thousand faults. Characters. */
const MOST_SAID = 200;

async function lookAtSchedules({ state }: Services): Promise<HealthFacts['schedules']> {
  const { schedules } = await state.schedules().get();
  const troubled = schedules.flatMap((schedule) => {
    const { name, runs, trouble } = schedule;
    const last = runs.at(-1);
    const lost = lostPath(schedule);
    if (lost !== null) return [{ name, detail: `would make nothing: ${lost} is not there` }];
    const bad = last !== undefined && isIdle(last) ? last.detail : undefined;
    const detail = (trouble ?? bad)?.split('\n')[0]?.slice(0, MOST_SAID);
    return detail === undefined ? [] : [{ name, detail: `made nothing: ${detail}` }];
  });
  return { count: schedules.length, troubled };
}

async function lookAtProviders({
  state,
  config,
}: Services): Promise<Pick<HealthFacts, 'providers' | 'tiers'>> {
  const { providers } = await state.providers().get();
  return { providers: providers.map(factOf), tiers: tierProblems(config.tiers, providers) };
}

function factOf(provider: ProviderConfig): ProviderFact {
  const { id, enabled, consecutiveFailures, lastSuccessAt, exhaustedAt } = provider;
  const is = !enabled
    ? 'off'
    : exhaustedAt !== undefined
      ? 'out_of_money'
      : isOut(provider) || !isViable(candidate(provider, undefined))
        ? 'failing'
        : 'ready';
  return { id, state: is, consecutiveFailures, ...(lastSuccessAt === undefined ? {} : { lastSuccessAt }) };
}
