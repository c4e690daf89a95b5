import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asInLife, type Factory } from '../factory.ts';
import { SETTLED, turnsOf } from './turns.ts';

const COUNTER = new URL('count.mjs', import.meta.url).href;

/**
 * What a worker does in a turn, each with how often it does it to what. Programs are those that the worker itself starts. Looks are
 * opens of what the kernel tells of processes: a command is looked at by the clock, so they come with the time that it takes.
 * `usual` leaves out the fifth of the turns that had the most: what comes round by the clock falls into more of them the
 * busier the machine is.
 */
export type Counts = Record<
  'syncs' | 'programs' | 'opens' | 'looks',
  { usual: number; mean: number; of: Map<string, number> }
>;

const USUAL = 0.8;

type Noted = [at: number, kind: 'sync' | 'program' | 'open', name: string];

const LOOKED_AT = /^\/proc\//;

/**
 * One project on a worker that is counted from within. The worker ends with it.
 *
 * @param turns the mean is of the last so many
 * @returns also how long one took
 */
export async function countTurns(factory: Factory, turns: number): Promise<Counts & { seconds: number }> {
  const { scenario } = factory;
  await asInLife(factory);
  const target = join(scenario.repository.outside, 'counts');
  Object.assign(scenario.env, { NODE_OPTIONS: `--import ${COUNTER}`, DF_BENCH_COUNTS: target });
  const worker = await scenario.worker();
  delete scenario.env['NODE_OPTIONS'];
  const { starts } = await turnsOf(factory, turns, [worker.pid], SETTLED);
  await worker.stop();
  const noted = await notedIn(target);
  const inTurns = starts
    .slice(1)
    .map((to, turn) => noted.filter(([at]) => at >= (starts[turn] ?? 0) && at < to));
  const count = (wanted: Noted[1] | 'look') => {
    const mine = inTurns.map((all) => all.filter((noted) => kindOf(noted) === wanted));
    const of = new Map<string, number>();
    for (const [, , name] of mine.flat()) {
      const short = wanted === 'program' ? shortProgram(name) : shortPath(name);
      of.set(short, (of.get(short) ?? 0) + 1 / turns);
    }
    const fewest = mine
      .map(({ length }) => length)
      .sort((one, other) => one - other)
      .slice(0, Math.round(turns * USUAL));
    return { usual: mean(fewest), mean: mine.flat().length / turns, of };
  };
  const seconds = ((starts.at(-1) ?? 0) - (starts[0] ?? 0)) / turns / 1_000;
  return {
    syncs: count('sync'),
    programs: count('program'),
    opens: count('open'),
    looks: count('look'),
    seconds,
  };
}

const kindOf = ([, kind, name]: Noted) => (kind === 'open' && LOOKED_AT.test(name) ? 'look' : kind);

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

async function notedIn(target: string): Promise<Noted[]> {
  const files = (await readdir(dirname(target))).filter((name) => name.startsWith(basename(target)));
  const all = await Promise.all(files.map((name) => readFile(join(dirname(target), name), 'utf8')));
  if (all.length === 0) throw new Error(`the worker left no counts beside ${fileURLToPath(import.meta.url)}`);
  return all.flatMap((text) => JSON.parse(text) as Noted[]);
}

/** The last parts of a path, with ids and numbers as one. */
function shortPath(path: string): string {
  return path
    .split('/')
    .slice(-2)
    .join('/')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{12,}/g, '<id>')
    .replaceAll(/\d+/g, '#');
}

/** A program, and of git which command. */
function shortProgram(line: string): string {
  const words = line.split(' ');
  const [program = ''] = words;
  if (program !== 'git') return program;
  const at = words.findIndex(
    (word, index) => index > 0 && !word.startsWith('-') && words[index - 1] !== '-c',
  );
  return `git ${words[at] ?? ''}`;
}
