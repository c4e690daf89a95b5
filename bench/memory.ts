import { allEnded, asInLife, type Factory, openFactory, startProjects } from './factory.ts';
import { memory, table } from './measure.ts';

const TURNS = 24;
const AT_ONCE = 16;
/** Characters. */
const OUTPUT = 4_000;
/** Milliseconds. */
const LOOK_INTERVAL = 500;
const HEIGHT = 10;
const WIDTH = 60;

/** Memory of one worker while it takes at least so many steps, project after project; drawn, and its slope told. */
export async function memoryOverSteps(steps: number): Promise<void> {
  const factory = await openFactory(TURNS);
  const looks = await watched(factory, async () => {
    for (let done = 0; done < steps; done += AT_ONCE * (TURNS + 1))
      await allEnded(factory, await startProjects(factory, AT_ONCE), 30 * 60_000);
  });
  draw('project after project', looks);
}

/** The same while it takes them in one project, whose commands say much. */
export async function memoryOfLongProject(steps: number): Promise<void> {
  const factory = await openFactory(steps, OUTPUT);
  const looks = await watched(factory, async () => {
    await allEnded(factory, await startProjects(factory, 1), 60 * 60_000);
  });
  draw(`one project with outputs of ${OUTPUT} characters`, looks);
}

interface Look {
  step: number;
  mb: number;
}

async function watched(factory: Factory, work: () => Promise<void>): Promise<Look[]> {
  await asInLife(factory);
  const worker = await factory.scenario.worker();
  const looks: Look[] = [];
  const timer = setInterval(() => {
    looks.push({ step: factory.scenario.model.requests.length, mb: memory(worker.pid).now });
  }, LOOK_INTERVAL);
  await work();
  clearInterval(timer);
  await factory.close();
  return looks;
}

function draw(of: string, looks: readonly Look[]): void {
  const last = looks.at(-1)?.step ?? 1;
  const columns = Array.from({ length: WIDTH }, (_, column) => {
    const there = looks.filter(
      ({ step }) => Math.min(WIDTH - 1, Math.floor((step / last) * WIDTH)) === column,
    );
    return there.length === 0 ? null : there.reduce((sum, { mb }) => sum + mb, 0) / there.length;
  });
  const top = Math.max(...looks.map(({ mb }) => mb));
  console.log(`\nMemory of one worker over ${last} steps, ${of}`);
  for (let row = HEIGHT; row > 0; row -= 1) {
    const line = columns.map((mb) => (mb !== null && mb > ((row - 0.5) / HEIGHT) * top ? '█' : ' ')).join('');
    console.log(`  ${((row / HEIGHT) * top).toFixed(0).padStart(4)} MB │${line}`);
  }
  console.log(`          └${'─'.repeat(WIDTH)}`);
  const mean = (from: number, to: number) => {
    const some = looks.filter(({ step }) => step >= from * last && step <= to * last);
    return some.reduce((sum, { mb }) => sum + mb, 0) / Math.max(1, some.length);
  };
  const quarters = [0, 0.25, 0.5, 0.75].map((from) => `${mean(from, from + 0.25).toFixed(0)} MB`);
  table('Mean of each quarter', [quarters]);
  console.log(`  The last is ${(mean(0.75, 1) / mean(0.25, 0.5)).toFixed(2)} × the second.`);
}
