import { notedActiveTime } from '../../factory/model/active-time.ts';
import { type Project, projectStatus, shownStatus } from '../../factory/model/project.ts';
import type { Health } from './examine.ts';
import type { Metric, Sample } from './exposition.ts';
import type { ProjectFigures, ProviderUse } from './project-figures.ts';
import { ofSpend, type Spend } from './spend.ts';

export interface FactoryFigures {
  health: Health;
  /** Every project. */
  projects: readonly Pick<
    Project,
    'status' | 'stopped' | 'parentProjectId' | 'activeMs' | 'agentsMs' | 'totalCost'
  >[];
  /** Of the newest ones. */
  figures: readonly ProjectFigures[];
  /** Of all projects, and of probes. */
  spend: Spend;
  /** Ids of the providers that are configured: others are counted as one. */
  providerIds: readonly string[];
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const RUNTIMES = [
  5 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  4 * HOUR,
  8 * HOUR,
  12 * HOUR,
  24 * HOUR,
];
const COSTS = [0.1, 0.5, 1, 2, 5, 10, 20, 50, 100, 500];
const OF_NEWEST = 'of the 500 newest projects';

/**
 * The figures of the specification's §8.1, and those of the queues. No label holds a project: their number is bounded by
 * what is configured and by words of this program. Pure.
 */
export function metricsOf({ health, projects, figures, spend, providerIds }: FactoryFigures): Metric[] {
  const roots = projects.filter(({ parentProjectId }) => parentProjectId === undefined);
  const ended = roots.filter(
    ({ status }) => status === 'completed' || status === 'failed' || status === 'timeout',
  );
  return [
    ...machine(health),
    gauge(
      'df_projects',
      'Projects by status, without branches of decisions',
      [...projectStatus.options, 'stopped'].map((status) => ({
        labels: { status },
        value: roots.filter((each) => shownStatus(each) === status).length,
      })),
    ),
    histogram(
      'df_project_runtime_seconds',
      'Active time of ended projects',
      RUNTIMES,
      ended.map((project) => notedActiveTime(project) / 1_000),
    ),
    histogram(
      'df_project_cost_usd',
      'Cost of ended projects, branches included',
      COSTS,
      ended.map(({ totalCost }) => totalCost),
    ),
    ...ofSpend(spend),
    ...ofProviders(health, figures, providerIds),
    gauge(
      'df_gate_checks',
      `Checks of gates by outcome, and criteria of tasks, without those of branches of decisions, as they were run last, ${OF_NEWEST}`,
      (['passed', 'failed'] as const).flatMap((outcome) =>
        sum(
          figures,
          ({ checks }) => checks,
          (counts) => counts[outcome],
          'check',
          { outcome },
        ),
      ),
    ),
    gauge(
      'df_tasks',
      `Tasks by status, without branches of decisions, ${OF_NEWEST}`,
      sum(
        figures,
        ({ tasks }) => tasks,
        (count) => count,
        'status',
      ),
    ),
    gauge('df_decisions', `Decisions that agents made, each once, ${OF_NEWEST}`, [
      { value: figures.reduce((total, { decisions }) => total + decisions, 0) },
    ]),
    gauge('df_branches', `Branches of decisions, ${OF_NEWEST}`, [
      { value: figures.reduce((total, { branches }) => total + branches, 0) },
    ]),
    ...queues(health),
  ];
}

function machine({ status, halted, redis, workers, state, stuck, disk, memory }: Health): Metric[] {
  const known = (value: number | null | undefined): Sample[] =>
    value === null || value === undefined ? [] : [{ value }];
  return [
    gauge('df_ready', '1 when work can be done', [{ value: status === 'not_ready' ? 0 : 1 }]),
    gauge('df_healthy', '1 when nothing is wrong', [{ value: status === 'healthy' ? 1 : 0 }]),
    gauge('df_halted', '1 while the emergency stop is on', [{ value: halted === null ? 0 : 1 }]),
    gauge('df_redis_up', '1 when Redis answers', [{ value: redis === null ? 0 : 1 }]),
    gauge('df_redis_latency_seconds', 'Time of one PING', known(redis && redis.latencyMs / 1_000)),
    gauge('df_workers', 'Worker processes that are connected', known(workers)),
    gauge('df_projects_open', 'Projects that are not over', known(state?.open)),
    gauge('df_projects_unreadable', 'Projects whose state cannot be read', known(state?.unreadable.length)),
    gauge('df_projects_stuck', 'Projects at work without a sign of it', [{ value: stuck.length }]),
    gauge('df_disk_free_bytes', 'Free space for the state files', known(disk?.free)),
    gauge('df_disk_size_bytes', 'Size of that disk', known(disk?.size)),
    gauge('df_memory_available_bytes', 'Memory that could be had', [{ value: memory.available }]),
    gauge('df_memory_total_bytes', 'Memory of this machine', [{ value: memory.total }]),
  ];
}

const USES: readonly [name: string, help: string, value: (use: ProviderUse) => number][] = [
  ['df_cost_usd', 'Spent by provider, as far as it is known', ({ usd }) => usd],
  ['df_cost_possible_usd', 'May have been billed on top, without a reply', ({ possibleUsd }) => possibleUsd],
  ['df_requests', 'Billed requests by provider', ({ requests }) => requests],
  ['df_requests_lost', 'Requests whose reply never came', ({ lost }) => lost],
  ['df_response_seconds', 'Time of all requests that were timed', ({ responseMs }) => responseMs / 1_000],
  ['df_requests_timed', 'Requests that were timed', ({ timed }) => timed],
];

function ofProviders(
  { providers }: Health,
  figures: readonly ProjectFigures[],
  ids: readonly string[],
): Metric[] {
  const nameOf = (id: string) => (ids.includes(id) ? id : 'removed');
  const uses = USES.map(([name, help, value]) =>
    gauge(
      name,
      `${help}, ${OF_NEWEST}`,
      sum(figures, ({ providers: used }) => used, value, 'provider', {}, nameOf),
    ),
  );
  return [
    ...uses,
    gauge(
      'df_provider_switches',
      `Switches to another provider by reason, ${OF_NEWEST}`,
      sum(
        figures,
        ({ switches }) => switches,
        (count) => count,
        'reason',
      ),
    ),
    gauge(
      'df_provider_ready',
      '1 when the provider may be called',
      providers.map(({ id, state }) => ({ labels: { provider: id }, value: state === 'ready' ? 1 : 0 })),
    ),
    gauge(
      'df_provider_consecutive_failures',
      'Failures of the provider in a row',
      providers.map(({ id, consecutiveFailures }) => ({
        labels: { provider: id },
        value: consecutiveFailures,
      })),
    ),
  ];
}

/** Job counts under the name that BullMQ's own exporter gives them. */
function queues({ queues: found }: Health): Metric[] {
  const entries = Object.entries(found ?? {});
  return [
    gauge(
      'bullmq_job_count',
      'Number of jobs in the queue by state',
      entries.flatMap(([queue, { oldestWaitMs: _wait, ...counts }]) =>
        Object.entries(counts).map(([state, value]) => ({ labels: { queue, state }, value })),
      ),
    ),
    gauge(
      'df_queue_oldest_wait_seconds',
      'How long the oldest waiting job has waited',
      entries.map(([queue, { oldestWaitMs }]) => ({ labels: { queue }, value: oldestWaitMs / 1_000 })),
    ),
  ];
}

function gauge(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name, help, type: 'gauge', samples };
}

/** One sample per key, summed over all projects. */
function sum<T>(
  figures: readonly ProjectFigures[],
  mapOf: (figures: ProjectFigures) => ReadonlyMap<string, T>,
  value: (entry: T) => number,
  label: string,
  more: Readonly<Record<string, string>> = {},
  nameOf: (key: string) => string = (key) => key,
): Sample[] {
  const sums = new Map<string, number>();
  for (const each of figures)
    for (const [key, entry] of mapOf(each))
      sums.set(nameOf(key), (sums.get(nameOf(key)) ?? 0) + value(entry));
  return [...sums].map(([key, total]) => ({ labels: { [label]: key, ...more }, value: total }));
}

function histogram(name: string, help: string, bounds: readonly number[], values: readonly number[]): Metric {
  return { name, help, type: 'histogram', bounds, values };
}
