import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningDf } from '../test/support/processes/processes.ts';
import { allEnded, openFactory, startProjects } from './factory.ts';
import { median, ms, table } from './measure.ts';
import type { Harm } from './soak/chaos.ts';
import { takeOvers } from './soak/outcome.ts';

const TURNS = 40;
const AT_ONCE = 4;

/**
 * How long the steps of a killed worker lie still while another worker lives: SIGKILL, again and again, and each time a new
 * worker in its place. With shorter times than in life; the promise is a formula of them.
 */
export async function recovery(kills: number): Promise<void> {
  const factory = await openFactory(TURNS);
  const { scenario, services } = factory;
  const { lockDuration, stalledInterval, reconcileInterval } = services.config.workers;
  const limit = lockDuration + 2 * stalledInterval + reconcileInterval;
  const crew: RunningDf[] = [await scenario.worker(), await scenario.worker()];
  const harms: Harm[] = [];
  const ids = await startProjects(factory, AT_ONCE);
  while (harms.length < kills) {
    ids.push(...(await startProjects(factory, Math.max(0, AT_ONCE - (await openOnes(ids))))));
    await sleep(1_000);
    const oldest = crew.shift();
    if (oldest === undefined) throw new Error('no worker is left to be killed');
    harms.push({ kind: 'SIGKILL', pid: oldest.pid, at: Date.now() });
    oldest.kill('SIGKILL');
    await sleep(limit);
    crew.push(await scenario.worker());
  }
  await allEnded(factory, ids);
  const times = await takeOvers(scenario, harms);
  await factory.close();
  table(`Steps of ${kills} killed workers, each taken over by the one that was left`, [
    ['half of them after', ms(median(times))],
    ['all of them after', ms(times.at(-1) ?? 0), `${times.length} steps`],
    ['lock + 2 × stalled + reconcile', ms(limit), 'promised'],
  ]);

  async function openOnes(of: readonly string[]): Promise<number> {
    const projects = await Promise.all(of.map((id) => services.state.project(id).get()));
    return projects.filter(({ status }) => status !== 'completed').length;
  }
}
