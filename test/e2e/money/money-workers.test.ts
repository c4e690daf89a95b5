import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { LONG } from '../../support/looks.ts';
import { withHousekeeping } from '../../support/model.ts';
import { FIVE_CENTS } from '../../support/priced.ts';
import { call, scenario } from '../../support/scenario.ts';
import { until } from '../../support/until.ts';

/** More by hand: `KILLS=200 npx vitest run --project real test/e2e/money-workers`. */
const KILLS = Number(process.env['KILLS'] ?? 5);

describe('the money of several workers', () => {
  it('A22 budget-race: eight worker processes with $1.00 for calls of up to $0.10 spend no more, and the ledgers say the same as the server', async () => {
    const s = await scenario({
      script: (turn) => ({
        ...call('bash', { command: `echo ${turn.assistantTurns} > count.txt` }),
        // What is left may pay for a shorter reply, and a vendor sends no more than was asked for.
        usage: { input: 2_000, output: Math.min(49_000, turn.maxOutputTokens), cacheRead: 0, cacheWrite: 0 },
      }),
      config: ['agent:', '  maxOutputTokens: 50000'],
    });
    await s.json('provider', 'update', 'main', '--credits', '1');
    const ids: string[] = [];
    for (let n = 0; n < 8; n += 1) ids.push((await s.init(`race-${n}`, '--test', 'true')).id);
    await Promise.all(ids.map(() => s.worker('--concurrency', '1')));
    for (const id of ids) await s.df('start', id);
    for (const id of ids) await s.reaches(id, 'waiting_for_credits');
    expect(s.model.billed()).toBeLessThanOrEqual(1 + 1e-9);
    expect(s.model.billed()).toBeGreaterThanOrEqual(0.9);
    const costs = await Promise.all(ids.map((id) => s.costs(id)));
    expect(costs.reduce((sum, each) => sum + each.totalSpent, 0)).toBeCloseTo(s.model.billed(), 9);
    expect(costs.every((each) => each.possibleSpent === 0)).toBe(true);
  });

  it(
    `A01 worker-kill-llm: after ${KILLS} SIGKILLs at any moment the ledger holds every billed request, known or possible`,
    async () => {
      const s = await scenario({
        script: withHousekeeping(async (turn) => {
          const act = call('bash', { command: `echo ${turn.assistantTurns} > count.txt` });
          return { ...act, usage: FIVE_CENTS, delayMs: 100 };
        }),
        model: { keepBodies: 1 },
        config: ['agent:', '  idleTurns: 100000', '  maxOutputTokens: 30000'],
      });
      await s.json('provider', 'update', 'main', '--credits', '10000');
      const { id } = await s.init('killed', '--test', 'true');
      await s.df('start', id);
      for (let kill = 0; kill < KILLS; kill += 1) {
        const worker = await s.worker();
        const asked = s.model.requests.length;
        // At any moment of a step, when the one before it is done: a step that is killed again and again is given up.
        await until(() => s.model.requests.length > asked + 1, LONG);
        await sleep(Math.random() * 400);
        worker.kill('SIGKILL');
        await worker.exited;
      }
      const asked = s.model.requests.length;
      await s.worker();
      // The last one puts in order what the others left, and goes on; what it has under way is cut by the stop.
      await until(() => s.model.requests.length > asked + 1, LONG);
      await s.df('stop', id);
      await s.settles(id);
      const { totalSpent, entries } = await until(async () => {
        const costs = await s.costs(id);
        return costs.totalSpent + costs.possibleSpent + 1e-9 >= s.model.billed() ? costs : null;
      }, LONG);
      const billed = s.model.billed();
      const known = entries.filter(({ possible }) => !possible);
      expect(known.length).toBeGreaterThan(0);
      // Settled is billed less the replies that never arrived, each of which stands there as possible.
      const neverArrived = s.model.ledger.map(({ usd }) => usd);
      for (const { cost } of known) {
        const at = neverArrived.findIndex((usd) => Math.abs(usd - cost) < 1e-9);
        expect(at, `a request of $${cost} was billed`).toBeGreaterThanOrEqual(0);
        neverArrived.splice(at, 1);
      }
      expect(totalSpent).toBeCloseTo(billed - neverArrived.reduce((sum, usd) => sum + usd, 0), 9);
      expect(neverArrived.length).toBeLessThanOrEqual(entries.length - known.length);
    },
    120_000 + KILLS * 30_000,
  );
});
