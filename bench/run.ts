/**
 * `npm run bench`: what the factory costs, beside a bare loop that does the same with `fetch` and a child process. Every
 * figure is measured in this one run; compare figures of one run with each other, not with those of another machine.
 * `npm run bench -- start turn` measures only these parts; `throughput=64`, `many=1000`, `finished=10000`, `memory=10000`, `long=1000`,
 * `durability=5` and `recovery=20` say how much. `npm run bench -- budget` ends with 1 when a turn does more than it may. `npm run bench -- replay` does real commits again: see `replay/run.ts`.
 */
import { forks } from './fork.ts';
import { memoryOfLongProject, memoryOverSteps } from './memory.ts';
import { money } from './money.ts';
import { pages, tabs } from './pages.ts';
import { proof } from './proof.ts';
import { recovery } from './recovery.ts';
import { durability, finished, many, scale } from './scale.ts';
import { startUp } from './start.ts';
import { budget } from './turn/budget.ts';
import { providerSwitch } from './turn/switch.ts';
import { throughput } from './turn/throughput.ts';
import { oneTurn } from './turn/turn.ts';

const PARTS: Record<string, (count?: number) => Promise<void>> = {
  start: startUp,
  turn: oneTurn,
  switch: providerSwitch,
  throughput: (count = 8) => throughput(count),
  budget,
  money,
  proof,
  forks,
  scale,
  durability: (count = 3) => durability(count),
  many: (count = 100) => many(count),
  finished: (count = 1_000) => finished(count),
  memory: (count = 1_000) => memoryOverSteps(count),
  long: (count = 300) => memoryOfLongProject(count),
  recovery: (count = 5) => recovery(count),
  pages: (count = 50) => pages(count),
  tabs: (count = 50) => tabs(count),
};
if (process.argv[2] === 'replay') {
  const { replay } = await import('./replay/run.ts');
  await replay(process.argv.slice(3));
} else await measureParts();

async function measureParts(): Promise<void> {
  /** Names of parts, with the size of those that have one: `many=1000`. */
  const wanted = new Map(
    process.argv.slice(2).map((part): [string, number] => {
      const [name = '', count] = part.split('=');
      return [name, Number(count ?? 0)];
    }),
  );
  for (const [name, measure] of Object.entries(PARTS)) {
    const count = wanted.get(name) ?? 0;
    if (wanted.size === 0 || wanted.has(name)) await measure(count > 0 ? count : undefined);
  }
}
