import { describe, expect, it } from 'vitest';
import { checksOf } from '../../src/factory/diagnosis/checks.ts';
import type { HealthFacts } from '../../src/factory/diagnosis/facts.ts';
import { problemsOf, statusOf } from '../../src/factory/diagnosis/health.ts';
import { exposition } from '../../src/producers/health/exposition.ts';
import { metricsOf } from '../../src/producers/health/metrics.ts';
import { addSpend, neverLess, spendOf } from '../../src/producers/health/spend.ts';
import { queueNames } from '../../src/queues/jobs/catalogue.ts';
import { row } from '../factory/finance/fixtures.ts';

const GIB = 1024 ** 3;
const counts = { waiting: 0, active: 0, delayed: 0, completed: 0, failed: 0, oldestWaitMs: 0 };
const REDIS = {
  version: '7.0.15',
  latencyMs: 1,
  policy: 'noeviction',
  persistence: 'aof',
  memory: 'ok',
  warnings: [],
};
const QUEUES = Object.fromEntries(queueNames.map((name) => [name, counts])) as NonNullable<
  HealthFacts['queues']
>;
const sound: HealthFacts = {
  halted: null,
  redis: REDIS,
  state: { projects: 3, open: 1, unreadable: [] },
  tiers: [],
  forges: [],
  providers: [{ id: 'main', state: 'ready', consecutiveFailures: 0 }],
  disk: { free: 50 * GIB, size: 100 * GIB },
  memory: { available: 8 * GIB, total: 16 * GIB },
  version: '0.2.0',
  workers: 1,
  workerVersions: { '0.2.0': 1 },
  queues: QUEUES,
  stuck: [],
  withoutWorktree: [],
  silentLocks: [],
  schedules: { count: 0, troubled: [] },
  unwritable: [],
  notUnderstood: 0,
  limits: { diskFree: '10%', memory: 0.8 },
};
const since = new Date('2026-01-01T00:00:00Z');
const halted = { file: '/home/STOP', since, reason: 'the bill' };
const judged = (more: Partial<HealthFacts>) => {
  const problems = problemsOf(checksOf({ ...sound, ...more }));
  return [statusOf(problems), ...problems.map(({ part }) => part)];
};

describe('health', () => {
  const cases: [string, Partial<HealthFacts>, string[]][] = [
    ['everything is well', {}, ['healthy']],
    [
      'Redis is away',
      { redis: null, queues: null, workers: null, workerVersions: null },
      ['not_ready', 'redis'],
    ],
    ['Redis is full', { redis: { ...REDIS, memory: 'full' } }, ['not_ready', 'redis']],
    [
      'the factory is halted, which explains why nothing moves',
      { halted, stuck: [{ id: 'x', name: 'x', since }] },
      ['not_ready', 'halt'],
    ],
    [
      'a project cannot be read',
      { state: { projects: 3, open: 1, unreadable: [{ id: 'x', problem: 'torn' }] } },
      ['degraded', 'state'],
    ],
    ['no provider is there', { providers: [] }, ['degraded', 'providers']],
    [
      'the file of providers cannot be read, which is not the same',
      { providers: [], providersProblem: '/home/providers.yaml: it is a folder, not a file.' },
      ['not_ready', 'providers'],
    ],
    [
      'one of two providers is out of money',
      { providers: [...sound.providers, { id: 'b', state: 'out_of_money', consecutiveFailures: 0 }] },
      ['degraded', 'providers'],
    ],
    ['9 % of the disk are free', { disk: { free: 9 * GIB, size: 100 * GIB } }, ['degraded', 'disk']],
    [
      '0.5 GiB are free, of which 1,000 bytes are to stay so',
      { disk: { free: GIB / 2, size: 100 * GIB }, limits: { diskFree: 1_000, memory: 0.8 } },
      ['healthy'],
    ],
    ['the disk is full', { disk: { free: 0, size: 100 * GIB } }, ['not_ready', 'disk']],
    [
      '9 % of the disk are free, of which the owner wants less',
      { disk: { free: 9 * GIB, size: 100 * GIB }, limits: { diskFree: '5%', memory: 0.8 } },
      ['healthy'],
    ],
    [
      'half of the memory is in use, where the owner allows less',
      { limits: { diskFree: '10%', memory: 0.4 } },
      ['degraded', 'memory'],
    ],
    [
      'a lock whose holder gives no sign',
      { silentLocks: [{ path: '/home/data/x.lock', pid: 7, silentMs: 30_000 }] },
      ['degraded', 'locks'],
    ],
    [
      'a folder cannot be written',
      { unwritable: [{ path: '/home/data', problem: 'the file system is read-only' }] },
      ['degraded', 'state'],
    ],
    [
      'a schedule would make nothing',
      {
        schedules: {
          count: 2,
          troubled: [{ name: 'nightly', detail: 'would make nothing: /x is not there' }],
        },
      },
      ['degraded', 'schedules'],
    ],
    ['schedules can be read', { schedules: { count: 2, troubled: [] } }, ['healthy']],
    ['no worker understands a job', { notUnderstood: 1 }, ['degraded', 'queues']],
    ['81 % of the memory are in use', { memory: { available: 19, total: 100 } }, ['degraded', 'memory']],
    ['nobody works on an open project', { workers: 0, workerVersions: {} }, ['degraded', 'workers']],
    ['workers of two versions run', { workerVersions: { '0.1.0': 1, '0.2.0': 1 } }, ['degraded', 'workers']],
    [
      'a job waits for long',
      { queues: { ...QUEUES, audits: { ...counts, oldestWaitMs: 3_600_000 } } },
      ['degraded', 'queues'],
    ],
    ['a project shows no sign of work', { stuck: [{ id: 'x', name: 'x', since }] }, ['degraded', 'projects']],
    [
      'a worktree is gone',
      { withoutWorktree: [{ id: 'x', name: 'x', path: '/x' }] },
      ['degraded', 'projects'],
    ],
    [
      'a worktree is there and cannot be worked in',
      { withoutWorktree: [{ id: 'x', name: 'x', path: '/x', problem: 'its branch is gone' }] },
      ['degraded', 'projects'],
    ],
  ];
  it.each(cases.map(([what, more, expected]) => [expected.join(': '), what, more, expected] as const))(
    'is %s when %s',
    (_status, _what, more, expected) => {
      expect(judged(more)).toEqual(expected);
    },
  );

  it('nobody needs a worker or a provider while nothing is to be done', () => {
    expect(judged({ workers: 0, state: { projects: 3, open: 0, unreadable: [] } })).toEqual(['healthy']);
  });
});

describe('what was spent', () => {
  it('never falls, though a project is removed or its ledger is cut', () => {
    const spent = (main: number, failed: number) =>
      spendOf([row({ requestId: '1', provider: 'main', cost: main })], { 'main outage': failed });
    const { usd, failed } = neverLess(spent(7, 1), spent(3, 2));
    expect([[...usd], [...failed]]).toEqual([[['main', 7]], [['main outage', 2]]]);
    expect([...neverLess(spent(7, 1), spendOf([])).usd]).toEqual([['main', 7]]);
  });
});

describe('metrics', () => {
  const project = { status: 'completed' as const, activeMs: 20_000, agentsMs: 40_000, totalCost: 2 };
  const use = { usd: 1, possibleUsd: 5, requests: 2, lost: 1, timed: 1, responseMs: 1_500 };
  const figures = (provider: string) => ({
    providers: new Map([[provider, use]]),
    checks: new Map([['tests', { passed: 2, failed: 1 }]]),
    tasks: new Map([['completed', 3]]),
    switches: new Map([['rate_limit', 1]]),
    decisions: 1,
    branches: 2,
  });
  const text = (many: number) =>
    exposition(
      metricsOf({
        health: { ...sound, status: 'healthy', at: since, problems: [], checks: [] },
        projects: Array.from({ length: many }, () => project),
        figures: Array.from({ length: many }, (_each, index) =>
          figures(index === 0 ? 'main' : `old-${index}`),
        ),
        providerIds: ['main'],
        spend: addSpend([
          spendOf(
            [
              row({ requestId: '1', provider: 'main', cost: 3 }),
              row({ requestId: '2', provider: 'main', cost: 9, possible: true }),
            ],
            { 'main outage': 2 },
          ),
          spendOf([row({ requestId: '3', provider: 'main', cost: 4 })], { 'main outage': 1 }),
        ]),
      }),
    );

  it('cover projects, cost, quality, providers, agents and queues', async () => {
    const lines = (await text(2)).split('\n');
    for (const line of [
      'df_projects{status="completed"} 2',
      'df_project_runtime_seconds_count 2',
      'df_project_cost_usd_sum 4',
      '# TYPE df_cost_usd_total counter',
      'df_cost_usd_total{provider="main"} 7',
      'df_calls_failed_total{provider="main",kind="outage"} 3',
      'df_cost_usd{provider="main"} 1',
      'df_cost_possible_usd{provider="main"} 5',
      'df_cost_usd{provider="removed"} 1',
      'df_gate_checks{check="tests",outcome="passed"} 4',
      'df_tasks{status="completed"} 6',
      'df_provider_switches{reason="rate_limit"} 2',
      'df_response_seconds{provider="main"} 1.5',
      'df_decisions 2',
      'df_branches 4',
      'bullmq_job_count{queue="agent-steps",state="waiting"} 0',
      'df_queue_oldest_wait_seconds{queue="notifications"} 0',
      'df_halted 0',
      'df_ready 1',
    ])
      expect(lines).toContain(line);
  });

  it('are as many for a thousand projects and a hundred former providers as for two', async () => {
    const [many, few] = await Promise.all([text(1_000), text(2)]);
    expect(many.split('\n')).toHaveLength(few.split('\n').length);
  });

  it('name each metric once', async () => {
    const names = (await text(2)).split('\n').filter((line) => line.startsWith('# TYPE'));
    expect(new Set(names).size).toBe(names.length);
  });
});
