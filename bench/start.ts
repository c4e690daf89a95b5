import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { allEnded, asInLife, type Factory, makeProjects, openFactory } from './factory.ts';
import { median, ms, repeated, table } from './measure.ts';

const PROGRAM = fileURLToPath(new URL('../dist/bin/df.js', import.meta.url));
/** Projects, one after the other. */
const STARTS = 5;

/** The program itself, and a project until its model is asked for the first time. */
export async function startUp(): Promise<void> {
  const factory = await openFactory(1);
  const run = async (...args: string[]) => {
    const env = { ...factory.scenario.env, DF_HOME: factory.scenario.home };
    await once(spawn(process.execPath, args, { env, stdio: 'ignore' }), 'exit');
  };
  const times = { node: [] as number[], help: [] as number[], list: [] as number[] };
  // In turn, so that what else the machine does falls on all three alike.
  await repeated(12, async () => {
    times.node.push(...(await repeated(1, () => run('-e', '0'))));
    times.help.push(...(await repeated(1, () => run(PROGRAM, '--help'))));
    times.list.push(...(await repeated(1, () => run(PROGRAM, 'list'))));
  });
  const node = median(times.node);
  const row = (name: string, values: number[]) => [
    name,
    ms(median(values)),
    `${(median(values) / node).toFixed(2)} × node`,
  ];
  table('Start-up', [row('node -e 0', times.node), row('df --help', times.help), row('df list', times.list)]);
  await firstRequests(factory);
  await factory.close();
}

/** What a start takes beyond what a project of its kind needs of git and of its own commands. */
async function firstRequests(factory: Factory): Promise<void> {
  const { scenario, services } = factory;
  await asInLife(factory);
  await scenario.worker();
  const rows: { all: number; worktree: number; commands: number }[] = [];
  for (let round = 0; round < STARTS; round += 1) {
    const before = scenario.model.requests.length;
    const [id = ''] = await makeProjects(factory, 1);
    const started = performance.timeOrigin + performance.now();
    await services.engine.startProject(id);
    await allEnded(factory, [id]);
    const events = await services.state.events(id).readAll();
    const prepared = events.find(({ type }) => type === 'project.prepared')?.data;
    const [baseline] = await services.state.gates(id).list();
    rows.push({
      all: (scenario.model.requests[before]?.at ?? 0) - started,
      worktree: Number(prepared?.['durationMs'] ?? 0),
      commands: (baseline?.checks ?? []).reduce((sum, { durationMs = 0 }) => sum + durationMs, 0),
    });
  }
  const column = (of: (row: (typeof rows)[number]) => number) => ms(median(rows.map(of)));
  table('From the start of a project to the first request to its model', [
    ['all', column(({ all }) => all), `the first after the start of the worker ${ms(rows[0]?.all ?? 0)}`],
    ['  worktree and set-up', column(({ worktree }) => worktree)],
    ['  commands of the baseline gate', column(({ commands }) => commands)],
    ['  beyond', column(({ all, worktree, commands }) => all - worktree - commands)],
  ]);
}
