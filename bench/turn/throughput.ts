import { availableParallelism } from 'node:os';
import { until } from '../../test/support/until.ts';
import { type Cpu, cpuBetween, cpuNow, percent } from '../cpu.ts';
import { allEnded, asInLife, type Factory, openFactory, peakMemory, startProjects } from '../factory.ts';
import { ms, table } from '../measure.ts';

const SIZES = [1, 8, 64];
const WORKERS = [1, 2, 4];
/** Turns of each project, by how many there are. */
const turnsFor = (projects: number): number => Math.max(12, Math.min(30, Math.round(160 / projects)));

interface Window {
  stepsPerSecond: number;
  /** Milliseconds of workers and their children. */
  cpuPerStep: number;
  redisPerStep: number;
  machine: number;
}

/** Steps over the turns alone: all projects are made, prepared and judged before the first turn, and none has ended. */
export async function throughput(largest: number): Promise<void> {
  const rows = [
    ['projects', 'workers', 'steps/s', 'CPU a step', 'of Redis', 'machine busy', 'memory with Redis'],
  ];
  for (const projects of SIZES.filter((size) => size <= largest)) {
    for (const workers of WORKERS) {
      // More workers than projects have nothing to do.
      if (workers > projects) continue;
      const { window, peak } = await run(projects, workers);
      rows.push([
        ...[`${projects}`, `${workers}`, window.stepsPerSecond.toFixed(1), ms(window.cpuPerStep)],
        ...[ms(window.redisPerStep), percent(window.machine)],
        // Of one worker alone the whole life of the projects is looked at.
        workers === 1 ? `${peak.toFixed(0)} MB` : '',
      ]);
    }
  }
  table(`Throughput of turns with a model that answers at once, ${availableParallelism()} processors`, rows);
}

async function run(projects: number, workers: number): Promise<{ window: Window; peak: number }> {
  const turns = turnsFor(projects);
  const factory = await openFactory(turns);
  const { services, scenario } = factory;
  await asInLife(factory);
  const running = await Promise.all(Array.from({ length: workers }, () => scenario.worker()));
  const pids = running.map(({ pid }) => pid);
  const { 'agent-steps': steps } = (await services.queues()).queues;
  await steps.pause();
  const measured = watchWindow(factory, projects, turns, pids);
  const work = async () => {
    const ids = await startProjects(factory, projects);
    const all = async () => (await steps.getJobCountByTypes('waiting', 'prioritized')) === projects;
    await until(all, projects * 30_000, 'every project waits for its first turn');
    await steps.resume();
    await until(() => measured() !== null, projects * 60_000, 'a project has had its turns');
    if (workers === 1) await allEnded(factory, ids, projects * 60_000);
  };
  const peak = await peakMemory([...pids, scenario.redis.pid()], work());
  await factory.close();
  const window = measured();
  if (window === null) throw new Error('the benchmark saw no turns of all projects');
  return { window, peak };
}

/** From when every project has had a turn until the first has had all of its own. */
function watchWindow(
  factory: Factory,
  projects: number,
  turns: number,
  pids: readonly number[],
): () => Window | null {
  const redis = factory.scenario.redis.pid();
  const seen = new Set<string>();
  const looks: { index: number; workers: Cpu; redis: Cpu }[] = [];
  const look = (index: number) => looks.push({ index, workers: cpuNow(pids), redis: cpuNow([redis]) });
  factory.onTurn = ({ conversationKey, assistantTurns, requestIndex }) => {
    seen.add(conversationKey);
    if (looks.length === 0 && seen.size === projects) look(requestIndex);
    if (looks.length === 1 && assistantTurns === turns) look(requestIndex);
  };
  return () => {
    const [from, to] = looks;
    if (from === undefined || to === undefined) return null;
    const steps = to.index - from.index;
    const all = to.workers.at - from.workers.at;
    const { own, children, busy } = cpuBetween(from.workers, to.workers);
    return {
      stepsPerSecond: (steps * 1_000) / all,
      cpuPerStep: (own + children) / steps,
      redisPerStep: cpuBetween(from.redis, to.redis).own / steps,
      machine: busy / (all * availableParallelism()),
    };
  };
}
