import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { until } from '../test/support/until.ts';
import { type Factory, openFactory } from './factory.ts';
import { median, ms, table } from './measure.ts';

const WORKER = fileURLToPath(new URL('money-worker.ts', import.meta.url));
const PARKED = 1_000;

/**
 * Selection, reservation and settlement of one call, with `workers` processes at it on one Redis.
 *
 * Without a pause every worker pays again as soon as it has paid: then all wait for each other's processor time, and the
 * median is how much of it a call takes, times workers, divided by processors. With one they meet as in real work.
 */
async function contention(
  factory: Factory,
  projectId: string,
  { workers, calls, pause }: { workers: number; calls: number; pause: number },
): Promise<string[]> {
  const { env: own, home, redis } = factory.scenario;
  // By a Unix socket, as the embedded Redis is reached.
  const env = { ...process.env, ...own, DF_HOME: home, REDIS_URL: `unix://${redis.socket}` };
  const all = Array.from({ length: workers }, () => {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', WORKER, JSON.stringify({ calls, pause, projectId })],
      {
        env,
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return { child, next: async () => String((await lines.next()).value), exited: once(child, 'exit') };
  });
  await Promise.all(all.map(({ next }) => next()));
  for (const { child } of all) child.stdin.write('go\n');
  const told = await Promise.all(
    all.map(async ({ next }) => JSON.parse(await next()) as { bare: number[]; paid: number[] }),
  );
  for (const { child } of all) child.stdin.end();
  await Promise.all(all.map(({ exited }) => exited));
  const bare = median(told.flatMap((each) => each.bare));
  const paid = median(told.flatMap((each) => each.paid));
  const pace = pause === 0 ? 'one after the other' : `every ${pause} ms`;
  return [`${workers}`, pace, ms(bare), ms(paid), `${(paid / bare).toFixed(1)} × a round trip`];
}

/** CPU time of a process so far, in milliseconds. Linux alone tells; elsewhere zero. */
function cpu(pid: number): number {
  if (process.platform !== 'linux') return 0;
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function cpuWithin(pids: readonly number[], milliseconds: number): Promise<number> {
  const sum = () => pids.reduce((total, pid) => total + cpu(pid), 0);
  const before = sum();
  await sleep(milliseconds);
  return (sum() - before) / milliseconds;
}

/** A thousand projects wait for credits: what that costs, and how long after the first good probe all are awake. */
async function parked(): Promise<void> {
  const factory = await openFactory(1);
  const { services, scenario } = factory;
  // Everything as it comes, but for probes, whose five minutes would be long to wait for.
  await writeFile(join(scenario.home, 'config.yaml'), 'pollingInterval: 5s\n');
  scenario.model.setFaults([{ fault: { fault: 'insufficient_quota' } }]);
  await (await services.finance()).probeProvider('main');
  const { state, engine } = services;
  const project = await engine.createProject({
    name: 'parked',
    description: 'Wait.',
    repository: scenario.repository.dir,
    commands: { test: 'true', lint: null, format: null },
  });
  const agent = await state.agent(project.id, 'engineer').get();
  const finance = await state.finance(project.id).get();
  const waiting = { for: 'credits' as const, detail: 'The benchmark has no money.', since: new Date() };
  const flags = {
    status: 'waiting_for_credits',
    started: true,
    prepared: true,
    baselineGate: 'none',
  } as const;
  for (let made = 0; made < PARKED; made += 20) {
    const some = Array.from({ length: 20 }, async () => {
      const id = randomUUID();
      const own = { ...project, ...flags, waiting, id, workBranch: `df/parked/${id}` };
      await state.createProject(own, [{ ...agent, projectId: id }], { ...finance, projectId: id });
    });
    await Promise.all(some);
  }
  // Only what wakes is measured, not what the projects then do.
  const worker = await scenario.worker('--queues', 'projects,provider-probes');
  await until(() => scenario.model.requests.length > 1, 60_000, 'a probe');
  const idle = await cpuWithin([worker.pid, scenario.redis.pid()], 10_000);
  const before = scenario.model.requests.length;
  scenario.model.setFaults([]);
  await until(() => scenario.model.requests.length > before, 60_000, 'a good probe');
  const good = scenario.model.requests[before]?.at ?? Date.now();
  // Looked at seldom: reading a thousand files that change would be most of what is measured.
  let open = await state.listOpenProjects();
  while (open.some(isWaiting)) {
    await sleep(1_000);
    open = await state.listOpenProjects();
  }
  const last = Math.max(...open.map(({ updatedAt }) => updatedAt.getTime()));
  table(`${PARKED} projects that wait for credits`, [
    ['CPU of worker and Redis', `${(idle * 100).toFixed(1)} % of a core`],
    ['all awake after the first good probe', ms(last - good)],
  ]);
  await factory.close();
}

const isWaiting = ({ status }: { status: string }) => status === 'waiting_for_credits';

export async function money(): Promise<void> {
  const factory = await openFactory(1);
  const project = await factory.services.engine.createProject({
    name: 'money',
    description: 'Pay.',
    repository: factory.scenario.repository.dir,
    commands: { test: 'true', lint: null, format: null },
  });
  const rows = [['worker processes', 'calls', 'bare round trip', 'select, reserve, settle', 'ratio']];
  for (const workers of [1, 16]) {
    for (const [calls, pause] of [
      [200, 50],
      [1_000, 0],
    ] as const) {
      rows.push(await contention(factory, project.id, { workers, calls, pause }));
    }
  }
  table(`Money of one call, median, on ${availableParallelism()} processors`, rows);
  await factory.close();
  await parked();
}
