/**
 * `npm run soak -- --projects 20 --kills 200 --seed 7`: the same work twice, once undisturbed, once with workers killed, stopped
 * and ended at random, Redis restarted, flushed, frozen and cut off, and a provider that fails now and then. At the end nothing
 * may be lost, done twice or left over, and both runs must have come to the same. Exit code 1 when anything does not hold.
 */
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openScenario, type Scenario } from '../../test/support/scenario.ts';
import { until } from '../../test/support/until.ts';
import { createChance } from './chance.ts';
import { type Harm, wreak } from './chaos.ts';
import { startCrew } from './crew.ts';
import { differences, type Outcome, oracle, outcomeOf, takeOvers } from './outcome.ts';
import { openProxy } from './proxy.ts';
import { projectNames, REPOSITORY, soakScript } from './script.ts';

/** Shorter than in life: what the workers' times mean is the same. Lock, look for stalled jobs, look for lost work, in ms. */
const LOCK = 4_000;
const STALLED = 1_000;
const RECONCILE = 1_000;
/** Kills come so often that one step may meet many of them, and it is not to blame. */
const PATIENT = ['limits:', '  diskFree: 0', '  crashes: 1000'];
const CONFIG = ['gates:', '  maxRounds: 2', 'audits:', '  maxRounds: 20', ...PATIENT];

interface Settings {
  projects: number;
  kills: number;
  seed: number;
  workers: number;
  pace: number;
}

function settings(): Settings {
  const { values } = parseArgs({
    options: {
      projects: { type: 'string', default: '20' },
      kills: { type: 'string', default: '200' },
      seed: { type: 'string', default: String(Date.now() % 100_000) },
      workers: { type: 'string', default: '3' },
      pace: { type: 'string', default: '1500' },
    },
  });
  const number = (name: keyof Settings) => {
    const value = Number(values[name]);
    if (Number.isInteger(value) && value >= 0) return value;
    throw new Error(`--${name} takes a whole number, not ${values[name]}`);
  };
  return {
    projects: number('projects'),
    kills: number('kills'),
    seed: number('seed'),
    workers: number('workers'),
    pace: number('pace'),
  };
}

interface Run {
  outcome: Outcome;
  wrong: string[];
  seconds: number;
  harms: Harm[];
  times: number[];
}

/** Names that the model knows; more than any soak gets to. */
const MOST_PROJECTS = 1_000;

/**
 * @param count of projects. With harm it is how many are open at a time: new ones are begun until the kills are used up.
 */
async function work(asked: Settings, harmful: boolean, count: number): Promise<Run> {
  const closers: (() => Promise<unknown>)[] = [];
  const names = projectNames(MOST_PROJECTS);
  const harms: Harm[] = [];
  try {
    const s = await openScenario(
      { files: REPOSITORY, script: soakScript(asked.seed, names, harmful ? 0.08 : 0), config: CONFIG },
      (close) => closers.push(close),
    );
    const proxy = await openProxy(s.redis.port);
    closers.push(() => proxy.close());
    const started = Date.now();
    const options = { home: s.home, env: { ...s.env, REDIS_URL: proxy.url }, cwd: s.repository.dir };
    const crew = startCrew(asked.workers, options);
    closers.push(() => crew.close());
    const ids = new Map<string, string>();
    const begin = async () => {
      const name = names[ids.size] ?? '';
      const { id } = await s.init(name);
      ids.set(name, id);
      await start(s, id);
    };
    while (ids.size < count) await begin();
    const done = new AbortController();
    let harming = true;
    const chaos = wreak({
      kills: harmful ? asked.kills : 0,
      chance: createChance(asked.seed),
      redis: s.redis,
      proxy,
      flush: async () => void execFileSync('redis-cli', ['-p', String(s.redis.port), 'flushall']),
      crew,
      pace: asked.pace,
      done: done.signal,
      onHarm: (harm) => harms.push(harm),
    }).finally(() => {
      harming = false;
    });
    await allSettled(s, harms, async (open) => {
      if (harming && harmful && open < count) await begin();
      return harming && harmful;
    });
    done.abort();
    await chaos;
    const seconds = (Date.now() - started) / 1_000;
    await crew.close();
    const wrong = [...(await oracle(s, [...ids.values()])), ...crew.complaints()];
    return { outcome: await outcomeOf(s, ids), wrong, seconds, harms, times: await takeOvers(s, harms) };
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

/** `df start` needs a Redis, which may be away just now. */
async function start(s: Scenario, id: string): Promise<void> {
  await until(async () => (await s.df('start', id)).code === 0, 120_000, `df start ${id}`);
}

/** Longest that nothing at all may happen before the run is given up. Milliseconds. */
const STUCK = 240_000;

/** @param more is told how many projects are open, and answers whether more are to come */
async function allSettled(
  s: Scenario,
  harms: readonly Harm[],
  more: (open: number) => Promise<boolean>,
): Promise<void> {
  let last = '';
  let since = Date.now();
  let told = 0;
  for (;;) {
    const list = await s.json<{ id: string; status: string; settled: boolean }[]>('list');
    const open = list.filter(({ settled }) => !settled);
    const ended = list.length - open.length;
    const figures = `${ended} of ${list.length} projects have ended, ${s.model.requests.length} requests, ${harms.length} harms`;
    const now = Date.now();
    if (figures !== last) since = now;
    last = figures;
    if (now - told > 10_000) {
      console.log(`  ${figures}`);
      told = now;
    }
    if (!(await more(open.length)) && open.length === 0) return;
    if (now - since > STUCK) {
      const where = open.map(({ id, status }) => `${id} ${status}`).join(', ');
      throw new Error(`nothing has happened for ${STUCK / 1_000} s: ${figures}; open: ${where}`);
    }
    await sleep(500);
  }
}

function percentile(sorted: readonly number[], share: number): string {
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return value === undefined ? '-' : `${(value / 1_000).toFixed(1)} s`;
}

async function main(): Promise<number> {
  const asked = settings();
  const { seed, projects, kills } = asked;
  console.log(
    `Seed ${seed}: ${projects} projects, ${kills} kills. The same again: npm run soak -- --seed ${seed} --projects ${projects} --kills ${kills}`,
  );
  console.log('Disturbed:');
  const harmed = await work(asked, true, projects);
  const total = Object.keys(harmed.outcome).length;
  console.log(`Undisturbed, with the same ${total} projects:`);
  const calm = await work(asked, false, total);
  console.log(`  ${calm.seconds.toFixed(0)} s`);
  const count = (kind: string) => harmed.harms.filter((harm) => harm.kind === kind).length;
  const kinds = [...new Set(harmed.harms.map(({ kind }) => kind))].sort();
  console.log(
    `  ${harmed.seconds.toFixed(0)} s, ${kinds.map((kind) => `${count(kind)} × ${kind}`).join(', ')}`,
  );
  const limit = (LOCK + 2 * STALLED + RECONCILE) / 1_000;
  console.log(
    `  steps of killed workers were taken over after ${percentile(harmed.times, 0.5)} (half), ${percentile(harmed.times, 0.95)} (95 %), ` +
      `${percentile(harmed.times, 1)} (all ${harmed.times.length}); lock + 2 × stalled + reconcile is ${limit} s`,
  );
  const wrong = [
    ...calm.wrong.map((each) => `undisturbed: ${each}`),
    ...harmed.wrong,
    ...differences(calm.outcome, harmed.outcome),
  ];
  for (const each of wrong) console.log(`WRONG: ${each}`);
  console.log(wrong.length === 0 ? 'Clean.' : `${wrong.length} things are wrong. Seed ${seed}.`);
  return wrong.length === 0 ? 0 : 1;
}

process.exitCode = await main();
