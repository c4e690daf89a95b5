import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { reconcile } from '../src/factory/lifecycle/dispatch.ts';
import { createMonitor } from '../src/producers/health/monitor.ts';
import { createServices } from '../src/services.ts';
import { cpuNow, cpuShare, percent } from './cpu.ts';
import { allEnded, asInLife, type Factory, openFactory, startProjects } from './factory.ts';
import { median, memory, ms, repeated, table, timed } from './measure.ts';

const PROGRAM = fileURLToPath(new URL('../dist/bin/df.js', import.meta.url));
const NO_SYNC = new URL('no-sync.mjs', import.meta.url).href;
const WORKERS = [1, 2, 4, 8];
const TURNS = 6;
const PROJECTS = 24;
/** Milliseconds after which a monitor looks anew. */
const STALE = 5_500;

interface Measured {
  stepsPerSecond: number;
  own: number;
  machine: number;
}

async function run(workers: number, projects: number, preload?: string): Promise<Measured> {
  const factory = await openFactory(TURNS);
  const { scenario } = factory;
  if (preload !== undefined) scenario.env['NODE_OPTIONS'] = `--import ${preload}`;
  const running = await Promise.all(Array.from({ length: workers }, () => scenario.worker()));
  const pids = [...running.map(({ pid }) => pid), scenario.redis.pid(), process.pid];
  const ids = await startProjects(factory, projects);
  const before = cpuNow(pids);
  await allEnded(factory, ids);
  const after = cpuNow(pids);
  await factory.close();
  const seconds = (after.at - before.at) / 1_000;
  return { stepsPerSecond: (projects * (TURNS + 1)) / seconds, ...cpuShare(before, after) };
}

/** Throughput by the number of worker processes, and what the machine had left. */
export async function scale(): Promise<void> {
  const rows = [['worker processes', 'steps/s', 'CPU of factory, model and Redis', 'CPU of the machine']];
  const measured: { workers: number; stepsPerSecond: number; machine: number }[] = [];
  for (const workers of WORKERS) {
    const { stepsPerSecond, own, machine } = await run(workers, PROJECTS);
    measured.push({ workers, stepsPerSecond, machine });
    rows.push([`${workers}`, stepsPerSecond.toFixed(1), percent(own), percent(machine)]);
  }
  table(`${PROJECTS} projects at once, on ${availableParallelism()} processors`, rows);
  const best = measured.reduce((one, other) =>
    other.stepsPerSecond > one.stepsPerSecond * 1.05 ? other : one,
  );
  const why =
    best.machine > 0.75
      ? `the machine is full: ${percent(best.machine)} of its processors are busy`
      : `not the processors, of which ${percent(best.machine)} are busy: look at the disk and at Redis`;
  console.log(`  It stops growing at ${best.workers} worker processes: ${why}.`);
}

/** What durability costs: the same run with a disk that is never waited for. */
export async function durability(times: number): Promise<void> {
  const rounds = { durable: [] as number[], not: [] as number[] };
  // In turn, so that what else the machine does falls on both alike.
  for (let round = 0; round < times; round += 1) {
    rounds.durable.push((await run(2, PROJECTS)).stepsPerSecond);
    rounds.not.push((await run(2, PROJECTS, NO_SYNC)).stepsPerSecond);
  }
  const [durable, not] = [median(rounds.durable), median(rounds.not)];
  table('Durability, two worker processes', [
    ['with fsync', `${durable.toFixed(1)} steps/s`],
    ['fsync switched off', `${not.toFixed(1)} steps/s`],
    ['lost to durability', percent(1 - durable / not)],
  ]);
}

/** Many projects of one step each, enqueued at once and worked off by two worker processes. */
export async function many(count: number): Promise<void> {
  const factory = await openFactory(0);
  await asInLife(factory);
  const made = performance.now();
  const ids = await startProjects(factory, count);
  const enqueued = performance.now();
  const running = [await factory.scenario.worker(), await factory.scenario.worker()];
  await allEnded(factory, ids, 30 * 60_000);
  const ended = performance.now();
  const peak = Math.max(...running.map(({ pid }) => memory(pid).peak));
  table(`${count} projects of one step, two worker processes`, [
    ['made and enqueued', `${((enqueued - made) / 1_000).toFixed(1)} s`],
    [
      'worked off',
      `${((ended - enqueued) / 1_000).toFixed(1)} s`,
      `${((ended - enqueued) / count).toFixed(0)} ms each`,
    ],
    ['memory of a worker at its highest', `${peak.toFixed(0)} MB`],
  ]);
  await factory.close();
}

/** A home with many finished projects: nothing that people or workers do often may get slow. */
export async function finished(count: number): Promise<void> {
  const factory = await openFactory(1);
  await fill(factory, count);
  const { scenario, services } = factory;
  const env = { ...scenario.env, DF_HOME: scenario.home };
  const df = (...args: string[]) =>
    timed(async () => {
      await once(spawn(process.execPath, [PROGRAM, ...args], { env, stdio: 'ignore' }), 'exit');
    });
  const first = await df('list');
  const list = await repeated(5, () => df('list'));
  const empty = await repeated(5, () => df('--version'));
  const decisions = await repeated(3, () => df('decisions'));
  const deps = { state: services.state, config: services.config, now: () => new Date() };
  const look = () =>
    reconcile(
      {
        ...deps,
        patience: 0,
        answered: async () => false,
        abandonedEpoch: async () => undefined,
        nextStepOf: services.nextStepOf,
      },
      { enqueue: async () => {}, ensure: async () => {}, hasten: async () => {}, missing: async () => [] },
    );
  const looks = await repeated(5, look);
  const metrics = await metricsTimes(factory);
  table(`${count} finished projects`, [
    ['df list, the first time', ms(first)],
    ['df list', ms(median(list)), `of it ${ms(median(empty))} for starting the program`],
    ['df decisions', ms(median(decisions))],
    ['/metrics, the first time', ms(metrics.first), 'without an index of projects'],
    ['/metrics', ms(median(metrics.later))],
    ['reconcile, the first time', ms(looks[0] ?? 0)],
    ['reconcile', ms(median(looks.slice(1)))],
  ]);
  await factory.close();
}

/** Asked as a monitoring system does, each time after the answer before has become stale. */
async function metricsTimes({ scenario }: Factory): Promise<{ first: number; later: number[] }> {
  const env = { ...scenario.env, DF_HOME: scenario.home };
  const services = await createServices({ env });
  await rm(join(services.home.data, 'projects.index'));
  const monitor = createMonitor(services, env);
  const times: number[] = [];
  while (times.length < 4) {
    if (times.length > 0) await sleep(STALE);
    times.push(await timed(() => monitor.metrics()));
  }
  const [first = 0, ...later] = times;
  await services.close();
  return { first, later };
}

/** Copies of one project, all completed. */
export async function fill({ scenario, services }: Factory, count: number): Promise<void> {
  const project = await services.engine.createProject({
    name: 'finished',
    description: 'Done long ago.',
    repository: scenario.repository.dir,
    commands: { test: 'true', lint: null, format: null },
  });
  const agent = await services.state.agent(project.id, 'engineer').get();
  const finance = await services.state.finance(project.id).get();
  const over = { started: true, settled: true, status: 'completed' } as const;
  const { state } = await createServices({ env: { ...scenario.env, DF_HOME: scenario.home } });
  for (let made = 0; made < count; made += 20) {
    const some = Array.from({ length: 20 }, async (_, index) => {
      const id = randomUUID();
      const own = {
        ...project,
        ...over,
        id,
        name: `finished-${made + index}`,
        workBranch: `df/finished/${id}`,
      };
      await state.createProject(own, [{ ...agent, projectId: id, status: 'completed' }], {
        ...finance,
        projectId: id,
      });
    });
    await Promise.all(some);
  }
}
