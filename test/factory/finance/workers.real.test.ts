import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { summariseCosts } from '../../../src/factory/finance/books/costs.ts';
import { addProject } from '../../state/samples.ts';
import { type Compiled, compile } from '../../support/compiled.ts';
import { modelForTest } from '../../support/model.ts';
import { startRedis, type TestRedis } from '../../support/redis.ts';
import { type House, openai, openHouse } from './house.ts';

/** More by hand: `KILLS=200 npx vitest run --project real test/factory/finance/workers`. */
const KILLS = Number(process.env['KILLS'] ?? 6);
const WORKER = new URL('worker.ts', import.meta.url);
const usage = { input: 40_000, output: 30_000 };
const tenCents = () => ({ text: 'done', usage });

let compiled: Compiled;
let server: TestRedis;
let folder: string;
let house: House;
beforeAll(async () => {
  [compiled, server] = await Promise.all([compile(WORKER), startRedis()]);
});
afterAll(() => Promise.all([compiled?.remove(), server?.stop()]));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'df-workers-'));
  house = await openHouse({ socket: server.socket, folder });
  await house.redis.flushall();
});
afterEach(async () => {
  await house.close();
  await rm(folder, { recursive: true, force: true });
});

function worker(orders: Record<string, unknown>, ...nodeOptions: string[]) {
  const text = JSON.stringify({ socket: server.socket, folder, persona: 'engineer', ...orders });
  const child = spawn(process.execPath, [...nodeOptions, compiled.file(WORKER), text], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  return {
    ready: once(child.stdout, 'data'),
    kill: () => child.kill('SIGKILL'),
    exited: async () => {
      const [code, signal] = await exited;
      return { code, signal };
    },
  };
}

/** For node: after some milliseconds the clock of the process is another by so many hours. */
function clockJump(afterMs: number, hours: number): string[] {
  const code = `
    const Real = Date, start = performance.now();
    const now = () => Real.now() + (performance.now() - start > ${afterMs} ? ${hours} * 3600000 : 0);
    globalThis.Date = class Date extends Real {
      constructor(...given) { super(...(given.length === 0 ? [now()] : given)); }
      static now() { return now(); }
    };`;
  return ['--import', `data:text/javascript,${encodeURIComponent(code)}`];
}

const ledger = async (id: string) => summariseCosts(id, await house.state.costs(id).readAll());

test('A22 budget-race: eight worker processes with $1.00 of credit make at most ten calls of $0.10, all booked', async () => {
  const llm = await modelForTest({ script: tenCents, strict: false });
  await house.setProviders(openai('a', llm.url, { creditsAvailable: 1 }));
  const ids = await Promise.all(Array.from({ length: 8 }, async () => (await addProject(house.state)).id));
  const ends = await Promise.all(ids.map((projectId) => worker({ projectId }).exited()));
  expect(ends.map(({ code }) => code)).toEqual(ids.map(() => 0));
  expect(llm.ledger.length).toBeLessThanOrEqual(10);
  expect(llm.ledger.length).toBeGreaterThanOrEqual(9);
  const booked = await Promise.all(ids.map(ledger));
  expect(booked.reduce((sum, each) => sum + each.totalSpent, 0)).toBeCloseTo(llm.billed(), 9);
});

test('A33 limiter-shared: with 60 requests per minute and three workers no minute at the server has more', async () => {
  const llm = await modelForTest({
    script: () => ({ text: 'ok', usage: { input: 1, output: 1 } }),
    strict: false,
  });
  await house.setProviders(openai('a', llm.url, { rateLimit: { requestsPerMinute: 60 } }));
  const ids = await Promise.all([1, 2, 3].map(async () => (await addProject(house.state)).id));
  // A minute of 5 s, of which 2.5 s are the margin for the way to the server: the machine may have other work.
  const windows = { minute: 5_000, hour: 3_600_000, day: 86_400_000 };
  const orders = { windows, calls: 40 };
  await Promise.all(ids.map((projectId) => worker({ ...orders, projectId }).exited()));
  const times = llm.requests.map(({ at }) => at);
  const most = Math.max(
    ...times.map((at) => times.filter((other) => other >= at && other < at + 2_500).length),
  );
  expect(times.length).toBe(120);
  expect(most).toBeLessThanOrEqual(60);
});

test('clock-jump: workers whose clocks jump hours forward and back keep to the rate, and the ledgers say what was billed', async () => {
  const llm = await modelForTest({ script: tenCents, strict: false });
  await house.setProviders(openai('a', llm.url, { rateLimit: { requestsPerMinute: 20 } }));
  const ids = await Promise.all([1, 2, 3, 4].map(async () => (await addProject(house.state)).id));
  // A minute of 6 s, of which 3.5 s are the margin for the way to the server: the machine may have other work.
  const windows = { minute: 6_000, hour: 3_600_000, day: 86_400_000 };
  // Their own end is told by the same clock.
  const orders = { windows, calls: 20, forMs: 100 * 3_600_000 };
  const clocks = [[], clockJump(0, -7), clockJump(2_000, 9), clockJump(4_000, -9)];
  await Promise.all(
    ids.map((projectId, index) => worker({ ...orders, projectId }, ...(clocks[index] ?? [])).exited()),
  );
  const times = llm.requests.map(({ at }) => at);
  const most = Math.max(
    ...times.map((at) => times.filter((other) => other >= at && other < at + 2_500).length),
  );
  expect(times.length).toBe(80);
  expect(most).toBeLessThanOrEqual(20);
  const booked = await Promise.all(ids.map(ledger));
  expect(booked.map(({ possibleSpent }) => possibleSpent)).toEqual([0, 0, 0, 0]);
  expect(booked.reduce((sum, each) => sum + each.totalSpent, 0)).toBeCloseTo(llm.billed(), 9);
  // The clocks did jump.
  const rows = booked.flatMap(({ entries }) => entries.map(({ timestamp }) => timestamp.getTime()));
  expect(Math.max(...rows) - Date.now()).toBeGreaterThan(8 * 3_600_000);
  expect(Date.now() - Math.min(...rows)).toBeGreaterThan(8 * 3_600_000);
  // Also when the meter must learn it from rows of the future and of the past.
  await house.redis.flushall();
  expect((await house.meter.live(['a'])).get('a')?.spentUsd).toBeCloseTo(llm.billed(), 6);
});

test(`A01 worker-kill-llm: after ${KILLS} SIGKILLs at any moment every billed request is booked, known or possible`, async () => {
  // Within what was asked for: of a lost reply nothing more is known than what was reserved for it.
  const llm = await modelForTest({
    script: ({ maxOutputTokens: output }) => ({ text: 'done', usage: { input: 10, output }, delayMs: 10 }),
    strict: false,
  });
  await house.setProviders(openai('a', llm.url));
  const { id } = await addProject(house.state);
  for (let kill = 0; kill < KILLS; kill += 1) {
    const running = worker({ projectId: id });
    await running.ready;
    await sleep(Math.random() * 120);
    running.kill();
    await running.exited();
  }
  expect(await worker({ projectId: id, forMs: 500 }).exited()).toMatchObject({ code: 0 });
  const { totalSpent, possibleSpent, entries } = await ledger(id);
  const known = entries.filter(({ possible }) => !possible).length;
  expect(known).toBeGreaterThan(0);
  expect(totalSpent + possibleSpent).toBeGreaterThanOrEqual(llm.billed() - 1e-9);
  expect(known).toBeLessThanOrEqual(llm.ledger.length);
  expect(llm.ledger.length - known).toBeLessThanOrEqual(entries.length - known);
  expect((await house.meter.live(['a'])).get('a')?.spentUsd).toBeCloseTo(totalSpent + possibleSpent, 6);
  // A worker that died between its reservation and the note of it has sent nothing: only such a one may still be held.
  const noted = (await house.state.journal(id, 'engineer').entries()).map((entry) =>
    entry.type === 'request' ? entry.requestId : null,
  );
  const held = await house.redis.hkeys('test:meter:held');
  expect(held.filter((reservation) => noted.includes(reservation))).toEqual([]);
});
