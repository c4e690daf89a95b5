import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFactSource } from '../../src/budget-meter/ledger-facts.ts';
import { createFactSum, NANO, toNano, toNanoDown, toNanoUp } from '../../src/budget-meter/meter-facts.ts';
import { journalsOf } from '../../src/factory/model/agents.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createProcesses } from '../../src/lib/process/process.ts';
import { openFactoryLogs } from '../../src/state/logs/factory-logs.ts';
import { row } from '../factory/finance/fixtures.ts';
import { addProject, openStore } from '../state/samples.ts';
import { withFolder } from '../state/support.ts';

const NOW = new Date('2026-01-02T03:04:05Z');
const windows = { minute: 61_000, hour: 3_600_000, day: 86_400_000 };
const spent = (ageMs: number, usd = 0.1) => ({
  requestId: randomUUID(),
  providerId: 'a',
  projectId: 'p',
  usd,
  tokens: 5,
  possible: false,
  at: new Date(NOW.getTime() - ageMs),
});

describe.concurrent('the sum of facts', () => {
  test('counts all rows for the accounts, the last day for its windows, the last minute one by one', () => {
    const sum = createFactSum(NOW, windows);
    for (const age of [1_000, 2 * windows.hour, 2 * windows.day]) sum.spent(spent(age));
    const books = sum.books();
    expect(books.sums).toEqual({ 'spent:p:a': '300000000', 'spent:j:p': '300000000' });
    expect(books.spending.reduce((total, [, nano]) => total + nano, 0)).toBe(200_000_000);
    expect(books.days.reduce((total, [, , count]) => total + count, 0)).toBe(2);
    expect(books.recent).toHaveLength(1);
    expect(books.done).toHaveLength(1);
  });

  test('stays small for a ledger of a hundred thousand rows', () => {
    const sum = createFactSum(NOW, windows);
    for (let row = 0; row < 100_000; row += 1) sum.spent(spent(windows.hour + row * 800));
    const books = sum.books();
    expect(books.spending.length).toBeLessThanOrEqual(1_440);
    expect(JSON.stringify(books).length).toBeLessThan(200_000);
  });

  test('never makes a fact older than it is, and one from the future is from now', () => {
    const sum = createFactSum(NOW, windows);
    sum.spent(spent(59_999));
    sum.spent(spent(-5_000));
    expect(sum.books().spending).toEqual([[0, 200_000_000]]);
  });

  test('amounts become whole billionths, rounded against whoever would gain from it', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 10_000, noNaN: true }), (usd) => {
        const near = Math.abs(toNano(usd) - usd * NANO) <= 0.51;
        return near && toNanoDown(usd) <= usd * NANO + 1e-2 && toNanoUp(usd) >= usd * NANO - 1e-2;
      }),
    );
    expect([toNanoUp(0.1 + 0.2), toNanoDown(0.1 * 3)]).toEqual([300_000_000, 300_000_000]);
  });
});

describe.concurrent('the facts of a home', () => {
  async function facts(folder: string) {
    const { home, store } = openStore(folder);
    const { costs } = openFactoryLogs(home, { clock: systemClock, processes: createProcesses() });
    const source = createFactSource({ state: store, factoryCosts: costs });
    const collect = async () => {
      const found = { spent: [] as unknown[], open: [] as unknown[], failed: [] as unknown[] };
      await source({
        spent: (each) => found.spent.push(each),
        open: (each) => found.open.push(each),
        failed: (each) => found.failed.push(each),
      });
      return found;
    };
    return { store, costs, collect };
  }

  test('are the ledgers of all projects and of the factory, each request once', () =>
    withFolder(async (folder) => {
      const { store, costs, collect } = await facts(folder);
      const one = await addProject(store);
      const two = await addProject(store);
      await store
        .costs(one.id)
        .append(row({ requestId: '1', possible: true, cost: 9 }), row({ requestId: '1' }));
      await store.costs(two.id).append(row({ requestId: '2' }));
      await costs.append(row({ requestId: '3', operation: 'noop_probe' }));
      const { spent: rows } = await collect();
      expect(rows).toHaveLength(3);
      expect(rows).toContainEqual(expect.objectContaining({ requestId: '1', projectId: one.id, usd: 0.1 }));
      expect(rows).toContainEqual(expect.objectContaining({ requestId: '3', projectId: 'factory' }));
    }));

  test('hold what was reserved for requests without an end, and the cost of replies without a row', () =>
    withFolder(async (folder) => {
      const { store, collect } = await facts(folder);
      const { id } = await addProject(store, { status: 'active', started: true });
      const holder = await createProcesses().self();
      const writer = await store.journal(id, 'engineer').lease(1, holder);
      const asked = (requestId: string) => ({
        type: 'request' as const,
        requestId,
        provider: 'a',
        model: 'm',
        operation: 'chat' as const,
        reserved: 0.5,
      });
      const usage = { input: 1, cacheWrite: 0, cacheRead: 0, output: 1 };
      const message = { role: 'assistant' as const, parts: [] };
      const reply = { provider: 'a', model: 'm', message, usage, cost: 0.2, stop: 'end' as const };
      await writer?.append(asked('open'), asked('failed'), asked('replied'), asked('booked'));
      await writer?.append({ type: 'request_failed', requestId: 'failed', kind: 'rate', detail: '' });
      await writer?.append(
        { type: 'reply', requestId: 'replied', ...reply },
        { type: 'reply', requestId: 'booked', ...reply },
      );
      await store.costs(id).append(row({ requestId: 'booked' }));
      const found = await collect();
      expect(found.spent).toHaveLength(1);
      expect(found.failed).toMatchObject([{ requestId: 'failed' }]);
      expect(found.open).toMatchObject([
        { requestId: 'open', usd: 0.5 },
        { requestId: 'replied', usd: 0.2 },
      ]);
    }));

  test.each(['engineer', 'factory-auditor', 'factory-sealer'])(
    'hold what was reserved for a request in the journal of %s',
    (persona) =>
      withFolder(async (folder) => {
        const { store, collect } = await facts(folder);
        const project = await addProject(store, { status: 'active', started: true });
        expect(journalsOf(project)).toContain(persona);
        const writer = await store.journal(project.id, persona).lease(1, await createProcesses().self());
        await writer?.append({
          type: 'request',
          requestId: 'open',
          provider: 'a',
          model: 'm',
          operation: 'chat',
          reserved: 0.5,
        });
        expect((await collect()).open).toMatchObject([{ requestId: 'open', usd: 0.5 }]);
      }),
  );

  test('are no facts at all when one ledger cannot be read', () =>
    withFolder(async (folder) => {
      const { store, collect } = await facts(folder);
      const { id } = await addProject(store);
      await store.costs(id).append(row());
      await writeFile(join(store.projectFolder(id), 'costs.jsonl'), 'nonsense\n{"also":"nonsense"}\n');
      await expect(collect()).rejects.toMatchObject({ kind: 'environment' });
    }));
});
