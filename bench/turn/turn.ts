import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { findProgram } from '../../src/lib/process/programs.ts';
import { asInLife, type Factory, openFactory } from '../factory.ts';
import { median, ms, table } from '../measure.ts';
import { type Counts, countTurns } from './counts.ts';
import { SETTLED, type Turns, turnsOf, watchTurns, withWarmUp } from './turns.ts';

const BARE_AGENT = fileURLToPath(new URL('bare-agent.mjs', import.meta.url));
const TURNS = 100;
const COUNTED = 40;
/** Of a kind, the names of so many are told. */
const TOLD = 12;

/** One project, turn by turn, beside loops that do the same and keep nothing. */
export async function oneTurn(): Promise<void> {
  const factory = await openFactory(withWarmUp(TURNS));
  const bwrap = findProgram('bwrap', process.env['PATH'] ?? '');
  const dir = factory.scenario.repository.outside;
  const boxed = bwrap === null ? null : [bwrap, ...sandboxOf(dir)];
  const bare = [await bareTurns(factory, [])];
  const inBox = boxed === null ? [] : [await bareTurns(factory, boxed)];
  await asInLife(factory);
  const worker = await factory.scenario.worker();
  const own = await turnsOf(factory, TURNS, [worker.pid]);
  await worker.stop();
  // Before and after, so that what else the machine does falls on both alike.
  if (boxed !== null) inBox.push(await bareTurns(factory, boxed));
  bare.push(await bareTurns(factory, []));
  await factory.close();
  const floor = figures(bare);
  table(`One project, ${TURNS} turns with one command each, beside the same loop without a factory`, [
    ['', 'answer to next request', '', 'CPU', '', 'of it children', 'whole machine'],
    row('bare loop', floor, floor),
    ...(inBox.length === 0
      ? [['bare loop with bubblewrap', 'bubblewrap is not installed here']]
      : [row('bare loop with bubblewrap', figures(inBox), floor)]),
    row('factory', figures([own]), floor),
    row(
      `  its first ${TURNS / 10}`,
      { ...figures([own]), gap: median(own.gaps.slice(0, TURNS / 10)) },
      floor,
    ),
    row(`  its last ${TURNS / 10}`, { ...figures([own]), gap: median(own.gaps.slice(-TURNS / 10)) }, floor),
  ]);
  const counted = await openFactory(withWarmUp(COUNTED, SETTLED));
  const { seconds: _, ...counts } = await countTurns(counted, COUNTED);
  tell(counts);
  await counted.close();
}

/** A loop in a process of its own, with as many turns. */
function bareTurns(factory: Factory, sandbox: readonly string[]): Promise<Turns> {
  const { model, repository } = factory.scenario;
  const child = spawn(process.execPath, [BARE_AGENT, model.url, ...sandbox], {
    cwd: repository.outside,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return watchTurns(factory, TURNS, [child.pid ?? 0], async () => {
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`the bare loop ended with ${code}`);
  });
}

/** The system to read, one folder to write, nothing else. */
function sandboxOf(dir: string): string[] {
  return [
    ...['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp', '--bind', dir, dir],
    ...['--unshare-all', '--die-with-parent', '--chdir', dir],
  ];
}

interface Figures {
  gap: number;
  own: number;
  children: number;
  busy: number;
}

function figures(runs: readonly Turns[]): Figures {
  const mean = (of: (run: Turns) => number) => runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
  return {
    gap: median(runs.flatMap(({ gaps }) => gaps)),
    own: mean(({ cpu }) => cpu.own),
    children: mean(({ cpu }) => cpu.children),
    busy: mean(({ cpu }) => cpu.busy),
  };
}

function row(name: string, { gap, own, children, busy }: Figures, floor: Figures): string[] {
  const times = (value: number, of: number) => `${(value / of).toFixed(2)} ×`;
  const cpu = own + children;
  return [
    ...[name, ms(gap), times(gap, floor.gap)],
    ...[ms(cpu), times(cpu, floor.own + floor.children), ms(children), ms(busy)],
  ];
}

/** What is counted, and of what most. */
export function tell(counts: Counts): void {
  table('Counted within the worker, a turn', [
    ['', 'mean', 'without the fullest fifth'],
    ...Object.entries(counts).map(([what, { mean, usual }]) => [what, mean.toFixed(1), usual.toFixed(1)]),
  ]);
  console.log(
    '  (syncs of files and folders; programs that the worker itself starts; files and folders opened)',
  );
  for (const [what, { of }] of Object.entries(counts)) {
    const most = [...of].sort(([, one], [, other]) => other - one).slice(0, TOLD);
    console.log(`  ${what}: ${most.map(([name, times]) => `${name} ${times.toFixed(1)}`).join(', ')}`);
  }
}
