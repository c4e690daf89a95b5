/**
 * One of the processes that contend for money in `money.ts`: selects, reserves and settles as often as it is told, and
 * prints the milliseconds of each call and of as many bare round trips to Redis. Orders come as JSON in argv.
 *
 * It warms up first: a worker lives for hours, and the first hundreds of calls are slow in any program of V8.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createFactSource } from '../src/budget-meter/ledger-facts.ts';
import { createMeter } from '../src/budget-meter/meter.ts';
import { createLiveProviders } from '../src/factory/finance/providers/live-providers.ts';
import { selectProvider } from '../src/factory/finance/providers/select.ts';
import { newUuid } from '../src/lib/ids.ts';
import { createProcesses } from '../src/lib/process/process.ts';
import { createServices } from '../src/services.ts';
import { openFactoryLogs } from '../src/state/logs/factory-logs.ts';
import { repeated } from './measure.ts';

/** How often a worker pays before it is measured. */
const WARM_UP = 500;
/** Dollars: so little that no budget is reached, however long the benchmark runs. */
const USD = 0.0001;

interface Orders {
  calls: number;
  /** Milliseconds between calls, on the average: what a model takes. Zero: one right after the other. */
  pause: number;
  projectId: string;
}
const { calls, pause, projectId } = JSON.parse(process.argv[2] ?? '{}') as Orders;
const services = await createServices({ role: 'worker' });
const { state, home, clock } = services;
const redis = await services.redis();
const logs = openFactoryLogs(home, { clock, processes: createProcesses() });
const facts = createFactSource({ state, factoryCosts: logs.costs });
const prefix = `${await services.queuePrefix()}:bench`;
const meter = createMeter({ redis, prefix, facts, openTtlMs: 60_000 });
const providers = createLiveProviders({ state, meter });

async function pay(): Promise<void> {
  const chosen = selectProvider(await providers.glance(), 10_000, clock.now());
  if (chosen === null) throw new Error('no provider is viable');
  const reservationId = newUuid();
  const answer = await meter.reserve({
    reservationId,
    provider: chosen.provider,
    projectId,
    usd: USD,
    minimumUsd: USD,
    tokens: 10_000,
    ttlMs: 60_000,
    projectBudget: 1_000_000,
    budgetPerDay: 1_000_000,
  });
  if (!answer.granted) throw new Error(`refused: ${answer.limit}`);
  await meter.settle(reservationId, { usd: USD, tokens: 9_000, healthy: 'call' });
}

await repeated(WARM_UP, pay);
await repeated(WARM_UP, () => redis.ping());
process.stdout.write('ready\n');
await new Promise((resolve) => process.stdin.once('data', resolve));
const bare: number[] = [];
const paid: number[] = [];
// In turn, so that what else the machine does falls on both alike.
for (let call = 0; call < calls; call += 1) {
  if (pause > 0) await sleep(2 * pause * Math.random());
  bare.push(...(await repeated(1, () => redis.ping())));
  paid.push(...(await repeated(1, pay)));
}
process.stdout.write(`${JSON.stringify({ bare, paid })}\n`);
await services.close();
