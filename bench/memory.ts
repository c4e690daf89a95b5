import { setTimeout as sleep } from 'node:timers/promises';
import { allEnded, openFactory, startProjects } from './factory.ts';
import { memory, table } from './measure.ts';

const TURNS = 24;
const AT_ONCE = 16;
const HEIGHT = 10;
const WIDTH = 60;

/** Memory of one worker while it takes at least so many steps, project after project; drawn, and its slope told. */
export async function memoryOverSteps(steps: number): Promise<void> {
  const factory = await openFactory(TURNS);
  const worker = await factory.scenario.worker();
  const looks: { step: number; mb: number }[] = [];
  let over = false;
  const look = (async () => {
    while (!over) {
      looks.push({ step: factory.scenario.model.requests.length, mb: memory(worker.pid).now });
      await sleep(1_000);
    }
  })();
  for (let done = 0; done < steps; done += AT_ONCE * (TURNS + 1)) {
    await allEnded(factory, await startProjects(factory, AT_ONCE), 30 * 60_000);
  }
  over = true;
  await look;
  await factory.close();
  draw(looks);
}

function draw(looks: readonly { step: number; mb: number }[]): void {
  const last = looks.at(-1)?.step ?? 1;
  const columns = Array.from({ length: WIDTH }, (_, column) => {
    const there = looks.filter(
      ({ step }) => Math.min(WIDTH - 1, Math.floor((step / last) * WIDTH)) === column,
    );
    return there.length === 0 ? null : there.reduce((sum, { mb }) => sum + mb, 0) / there.length;
  });
  const top = Math.max(...looks.map(({ mb }) => mb));
  console.log(`\nMemory of one worker over ${last} steps`);
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
}
