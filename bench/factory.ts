import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createServices, type Services } from '../src/services.ts';
import type { Turn } from '../test/support/model-server/index.ts';
import { call, calls, openScenario, type Scenario } from '../test/support/scenario.ts';
import { until } from '../test/support/until.ts';
import { memory } from './measure.ts';

export interface Factory {
  scenario: Scenario;
  services: Services;
  /** Is told of each request to the model before it is answered. To be set by whoever measures. */
  onTurn(turn: Turn): void;
  close(): Promise<void>;
}

/**
 * A factory whose model answers at once: `turns` shell commands that change a file, then `finish`; without turns both in one.
 *
 * @param output characters that each command writes
 * @param thinkMs milliseconds before each answer of an agent
 */
export async function openFactory(turns: number, output = 0, thinkMs = 0): Promise<Factory> {
  const say = output === 0 ? '' : `head -c ${output} /dev/zero | tr '\\0' x; `;
  const closers: (() => Promise<unknown>)[] = [];
  const factory: Pick<Factory, 'onTurn'> = { onTurn: () => {} };
  const scenario = await openScenario(
    {
      script: (turn) => {
        factory.onTurn(turn);
        if (turn.lastUser.includes('You are auditing')) {
          return { text: '{"complete":true,"evidence":"the benchmark","confidence":1}' };
        }
        if (turns === 0)
          return calls(['bash', { command: 'echo 0 > count.txt' }], ['finish', { summary: 'done' }]);
        return turn.assistantTurns < turns
          ? {
              ...call('bash', { command: `${say}echo ${turn.assistantTurns} > count.txt` }),
              delayMs: thinkMs,
            }
          : call('finish', { summary: 'done' });
      },
      files: { 'README.md': '# Benchmark\n' },
      model: { keepBodies: 1, now: () => performance.timeOrigin + performance.now() },
    },
    (close) => closers.push(close),
  );
  // A long conversation is sent whole again and again.
  await scenario.json('provider', 'update', 'main', '--credits', 'none');
  const services = await createServices({ env: { ...scenario.env, DF_HOME: scenario.home } });
  closers.push(() => services.close());
  return Object.assign(factory, {
    scenario,
    services,
    async close() {
      for (const close of closers.reverse()) await close();
    },
  });
}

/** From now on workers look for lost work and save times as seldom as in life, not as in tests, where these would be most of what they do. */
export async function asInLife({ scenario }: Factory): Promise<void> {
  const file = join(scenario.home, 'config.yaml');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/^workers:\n(?: {2}.*\n)*/m, ''));
}

/** Makes projects whose gate is one quick command. @returns their ids */
export async function makeProjects({ scenario, services }: Factory, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const project = await services.engine.createProject({
      name: `bench-${index}`,
      description: 'Write numbers into a file.',
      repository: scenario.repository.dir,
      commands: { test: 'true', lint: null, format: null },
    });
    ids.push(project.id);
  }
  return ids;
}

/** The same, and starts them. */
export async function startProjects(factory: Factory, count: number): Promise<string[]> {
  const ids = await makeProjects(factory, count);
  await Promise.all(ids.map((id) => factory.services.engine.startProject(id)));
  return ids;
}

/** @param deadline milliseconds */
export async function allEnded(
  { services }: Factory,
  ids: readonly string[],
  deadline = 300_000,
): Promise<void> {
  const left = [...ids];
  await until(
    async () => {
      // One after the other, so that looking costs the measured ones little: those that are done are not asked again.
      while (left.length > 0) {
        const { status, statusReason } = await services.state.project(left.at(-1) ?? '').get();
        if (status === 'failed') throw new Error(`a project of the benchmark failed: ${statusReason}`);
        if (status !== 'completed') return false;
        left.pop();
      }
      return true;
    },
    deadline,
    'every project of the benchmark is completed',
  );
}

/** MB at the highest of workers and Redis together, looked at until `work` is done. */
export async function peakMemory(pids: readonly number[], work: Promise<unknown>): Promise<number> {
  let peak = 0;
  const look = () => {
    peak = Math.max(
      peak,
      pids.reduce((sum, pid) => sum + memory(pid).now, 0),
    );
  };
  const timer = setInterval(look, 100);
  try {
    await work;
  } finally {
    clearInterval(timer);
  }
  return peak;
}
