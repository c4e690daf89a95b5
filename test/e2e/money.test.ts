import { execFileSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { CostEntry } from '../../src/factory/finance/finance.ts';
import type { FactoryEvent } from '../../src/factory/project/event.ts';
import type { Project, Waiting } from '../../src/factory/project/project.ts';
import { isProbe, modelForTest, type Script, withHousekeeping } from '../support/model.ts';
import { call, MEND_SUM, type Scenario, scenario, sequence } from '../support/scenario.ts';
import { until } from '../support/until.ts';

/** More by hand: `KILLS=200 npx vitest run --project real test/e2e/money`. */
const KILLS = Number(process.env['KILLS'] ?? 5);
/** Generous: the machine that runs this may be busy. Milliseconds. */
const LONG = 90_000;

/** At $1 and $2 a million tokens: five cents. */
const FIVE_CENTS = { input: 20_000, output: 15_000, cacheRead: 0, cacheWrite: 0 };
const priced = (steps: typeof MEND_SUM): Script => {
  const script = sequence(steps);
  return async (turn) => (isProbe(turn) ? { text: 'ok' } : { ...(await script(turn)), usage: FIVE_CENTS });
};

interface Status {
  project: Project;
  agents: { runtimeMs: number }[];
  waiting?: Waiting;
  provider?: { id: string; switchedFrom?: string; reason?: string };
}
const status = (s: Scenario, id: string) => s.json<Status>('status', id);

function reaches(s: Scenario, id: string, wanted: Project['status']): Promise<Status> {
  let last: Status | undefined;
  return until<Status | null>(
    async () => {
      last = await status(s, id);
      return last.project.status === wanted ? last : null;
    },
    LONG,
    () => `the project is ${wanted}, not ${last?.project.status}: ${last?.project.statusReason}`,
  );
}

/** Providers are probed by themselves once an hour: what comes sooner has another cause. */
async function lookHourly(s: Scenario): Promise<void> {
  const config = join(s.home, 'config.yaml');
  const text = await readFile(config, 'utf8');
  await writeFile(config, text.replace('pollingInterval: 1s', 'pollingInterval: 1h'));
}

/** JSON lines of a file, none when it is not there. */
async function lines<T>(file: string): Promise<T[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

const events = (s: Scenario, id: string) =>
  lines<FactoryEvent>(join(s.home, 'data/projects', id, 'events.jsonl'));

/** What probes cost: they are booked on no project. */
async function probed(s: Scenario): Promise<number> {
  const rows = await lines<CostEntry>(join(s.home, 'data/costs.jsonl'));
  return rows.reduce((sum, row) => sum + row.cost, 0);
}

/** One shell command after another, none like the one before. */
const busy: Script = withHousekeeping((turn) => ({
  ...call('bash', { command: `echo ${turn.assistantTurns} > count.txt` }),
  usage: FIVE_CENTS,
}));

describe('credits', () => {
  it('A22 budget-race: eight worker processes with $1.00 for calls of $0.10 make ten at most, and the ledgers say the same as the server', async () => {
    const s = await scenario({
      script: (turn) => ({
        ...call('bash', { command: `echo ${turn.assistantTurns} > count.txt` }),
        usage: { input: 5_000, output: 47_500, cacheRead: 0, cacheWrite: 0 },
      }),
      config: ['agent:', '  maxOutputTokens: 50000'],
    });
    await s.json('provider', 'update', 'main', '--credits', '1');
    const ids: string[] = [];
    for (let n = 0; n < 8; n += 1) ids.push((await s.init(`race-${n}`, '--test', 'true')).id);
    await Promise.all(ids.map(() => s.worker('--concurrency', '1')));
    for (const id of ids) await s.df('start', id);
    for (const id of ids) await reaches(s, id, 'waiting_for_credits');
    expect(s.model.ledger.length).toBeLessThanOrEqual(10);
    expect(s.model.ledger.length).toBeGreaterThanOrEqual(9);
    const costs = await Promise.all(ids.map((id) => s.costs(id)));
    expect(costs.reduce((sum, each) => sum + each.totalSpent, 0)).toBeCloseTo(s.model.billed(), 9);
    expect(costs.every((each) => each.possibleSpent === 0)).toBe(true);
  }, 300_000);

  it('A21 credits-out: the other vendor takes over in mid-task; both out: waits, without using up its time; money back: ends with no hand on it, and costs are what both servers billed', async () => {
    const key = 'sk-test-0123456789abcdef';
    const s = await scenario({ script: priced(MEND_SUM), model: { credits: { [key]: 0.15 } } });
    const other = await modelForTest({ script: priced(MEND_SUM), credits: { 'other-key': 0.1 } });
    await s.json(
      ...[
        'provider',
        'add',
        '--name',
        'anthropic',
        '--id',
        'other',
        '--model',
        'scripted-2',
        '--priority',
        '2',
      ],
      ...['--base-url', other.url, '--api-key', 'other-key', '--price-in', '1', '--price-out', '2'],
    );
    const { id } = await s.init('switches');
    await s.worker();
    await s.df('start', id);
    const waiting = await reaches(s, id, 'waiting_for_credits');
    expect([s.model.ledger.length, other.ledger.length]).toEqual([3, 2]);
    expect(waiting).toMatchObject({
      waiting: { for: 'credits' },
      provider: { id: 'other', switchedFrom: 'main', reason: 'credits_exhausted' },
    });
    const shown = (await s.df('status', id)).stdout;
    expect(shown).toMatch(/other, switched from main at .*: credits exhausted/);
    expect(shown).toMatch(/Waiting .*for credits since .*until/);
    // Several probes of both go by, which cost nothing of the project's time.
    const asked = s.model.requests.length + other.requests.length;
    await until(() => s.model.requests.length + other.requests.length >= asked + 4, LONG);
    const later = await status(s, id);
    expect(later.agents).toEqual(waiting.agents);
    expect(later.project.activeMs).toBe(waiting.project.activeMs);
    other.topUp('other-key', 100);
    const ended = await reaches(s, id, 'completed');
    expect(ended.project.statusReason).toBeDefined();
    const { totalSpent, possibleSpent, byProvider } = await s.costs(id);
    expect(possibleSpent).toBe(0);
    expect(totalSpent + (await probed(s))).toBeCloseTo(s.model.billed() + other.billed(), 9);
    expect(byProvider.find((each) => each.provider === 'main')?.cost).toBeCloseTo(s.model.billed(), 9);
    const woken = (await events(s, id)).filter((event) => event.type === 'project.woken');
    expect(woken).toHaveLength(1);
  }, 300_000);

  it('more credit by hand wakes a project at once, long before its next look', async () => {
    const s = await scenario({ script: priced(MEND_SUM), config: ['agent:', '  maxOutputTokens: 20000'] });
    await s.json('provider', 'update', 'main', '--credits', '0.1');
    await lookHourly(s);
    const { id } = await s.init('topped-up');
    await s.worker();
    await s.df('start', id);
    await reaches(s, id, 'waiting_for_credits');
    const billed = s.model.ledger.length;
    expect(billed).toBeLessThanOrEqual(2);
    await s.json('provider', 'update', 'main', '--add-credits', '50');
    await reaches(s, id, 'completed');
    expect((await s.costs(id)).totalSpent + (await probed(s))).toBeCloseTo(s.model.billed(), 9);
  }, 300_000);

  it('a stated moment that passes is probed by itself, long before the next look', async () => {
    // A minute is as exact as this vendor says it: this one has passed. What is left is the margin of half a minute.
    const regainOn = `${new Date().toISOString().slice(0, 16).replace('T', ' at ')} UTC`;
    const s = await scenario({
      vendor: 'anthropic',
      script: priced(MEND_SUM),
      model: { faults: [{ fault: { fault: 'usage_limit', regainOn } }] },
    });
    await lookHourly(s);
    const { id } = await s.init('stated');
    await s.worker();
    await s.df('start', id);
    await reaches(s, id, 'waiting_for_credits');
    const asked = s.model.requests.length;
    s.model.setFaults([]);
    await until(() => s.model.requests.length > asked, LONG);
    await reaches(s, id, 'completed');
  }, 300_000);

  it.each([
    ['a new key', ['set-key', 'main', '--api-key', 'good-key']],
    ['switching it on again', ['enable', 'main']],
  ])(
    '%s wakes a project whose only provider refused its key, long before the next look',
    async (_, command) => {
      const s = await scenario({
        script: priced(MEND_SUM),
        model: { faults: [{ fault: { fault: 'unauthorized' } }] },
      });
      await lookHourly(s);
      const { id } = await s.init('locked-out');
      await s.worker();
      await s.df('start', id);
      await reaches(s, id, 'waiting_for_credits');
      s.model.setFaults([]);
      expect((await s.df('provider', ...command)).code).toBe(0);
      await reaches(s, id, 'completed');
    },
    300_000,
  );

  it('probes and the wake-up survive a Redis that was emptied', async () => {
    const s = await scenario({ model: { faults: [{ fault: { fault: 'insufficient_quota' } }] } });
    const { id } = await s.init('flushed');
    await s.worker();
    await s.df('start', id);
    await reaches(s, id, 'waiting_for_credits');
    execFileSync('redis-cli', ['-p', String(s.redis.port), 'flushall']);
    const asked = s.model.requests.length;
    await until(() => s.model.requests.length > asked, LONG);
    s.model.setFaults([]);
    await reaches(s, id, 'completed');
  }, 300_000);
});

describe('caps', () => {
  it('a budget warns at 50, 80 and 95 %, pauses with a clear status, and goes on after df resume --budget', async () => {
    const s = await scenario({ script: priced(MEND_SUM) });
    const { id } = await s.init('capped', '--budget', '0.10');
    await s.worker();
    await s.df('start', id);
    const paused = await reaches(s, id, 'paused');
    expect(paused.waiting).toMatchObject({
      for: 'budget',
      detail: expect.stringContaining('df resume --budget'),
    });
    expect(s.model.ledger).toHaveLength(2);
    const warned = (await events(s, id)).filter((event) => event.type === 'budget.warning');
    expect(warned.map((event) => event.data?.['percent'])).toEqual([50, 80, 95]);
    const folder = join(s.home, 'logs');
    const logs = await Promise.all(
      (await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')),
    );
    expect(logs.join('\n')).toContain("95 % of the project's budget");
    expect((await s.df('resume', id, '--budget', '20')).code).toBe(0);
    await reaches(s, id, 'completed');
  }, 300_000);

  it("the factory's budget per hour pauses every project, and says which setting it is", async () => {
    const s = await scenario({ script: busy, config: ['budgets:', '  perHour: 0.2'] });
    const ids = [(await s.init('one', '--test', 'true')).id, (await s.init('two', '--test', 'true')).id];
    await s.worker();
    for (const id of ids) await s.df('start', id);
    for (const id of ids) {
      const { project, waiting } = await reaches(s, id, 'paused');
      expect(project.statusReason).toContain('budgets.perHour in config.yaml');
      expect(waiting?.for).toBe('budget');
    }
    const spent = (await Promise.all(ids.map((id) => s.costs(id)))).map((each) => each.totalSpent);
    // Each call costs more than its worst case here, which the first calls teach.
    expect(spent.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(0.2 + 2 * 0.05);
  }, 300_000);
});

describe('rates', () => {
  it('A33 limiter-shared: three workers and 8 requests per minute: no minute at the server has more, nothing is refused, steps are parked', async () => {
    const turns = 3;
    const s = await scenario({
      script: withHousekeeping((turn) =>
        turn.assistantTurns < turns
          ? call('bash', { command: `echo ${turn.assistantTurns} > count.txt` })
          : call('finish', { summary: 'done' }),
      ),
      model: { requestsPerMinute: 8 },
    });
    await s.json('provider', 'update', 'main', '--rpm', '8');
    const ids: string[] = [];
    for (let n = 0; n < 3; n += 1) ids.push((await s.init(`rate-${n}`, '--test', 'true')).id);
    await Promise.all(ids.map(() => s.worker()));
    for (const id of ids) await s.df('start', id);
    await until(() => s.model.requests.length >= 8, LONG);
    const parked = await until(async () => {
      const each = await Promise.all(ids.map((id) => status(s, id)));
      return each.find(({ waiting }) => waiting?.for === 'rate');
    }, LONG);
    expect(parked.project.status).toBe('active');
    expect(parked.waiting?.until).toBeDefined();
    await until(() => s.model.requests.length >= 3 * (turns + 1), 2 * LONG);
    expect(s.model.requests.map(({ status: code }) => code)).not.toContain(429);
    const times = s.model.requests.map(({ at }) => at);
    expect(times.length).toBeGreaterThanOrEqual(3 * (turns + 1));
    const most = Math.max(...times.map((at) => times.filter((to) => to >= at && to < at + 60_000).length));
    expect(most).toBeLessThanOrEqual(8);
    // What is over is not shown any more.
    await until(async () => (await status(s, parked.project.id)).waiting === undefined, LONG);
  }, 400_000);

  it('a parked step goes on as soon as another provider is added', async () => {
    const s = await scenario({ script: sequence(MEND_SUM) });
    await s.json('provider', 'update', 'main', '--rpm', '2');
    const { id } = await s.init('parked');
    await s.worker();
    await s.df('start', id);
    const { waiting } = await until<Status | null>(async () => {
      const found = await status(s, id);
      return found.waiting?.for === 'rate' ? found : null;
    }, LONG);
    const other = await modelForTest({ script: sequence(MEND_SUM) });
    await s.json(
      ...['provider', 'add', '--name', 'anthropic', '--id', 'other', '--model', 'scripted-2'],
      ...['--base-url', other.url, '--api-key', 'other-key', '--price-in', '1', '--price-out', '2'],
    );
    await until(() => other.requests.length >= 2, LONG);
    const [, first] = other.requests;
    expect(first?.at).toBeLessThan(new Date(waiting?.until ?? 0).getTime());
    await reaches(s, id, 'completed');
  }, 300_000);
});

describe('outages', () => {
  it('a Redis that goes away in the middle of a command is told as what it is, with what to do', async () => {
    const s = await scenario({
      script: async (turn) => {
        if (isProbe(turn)) await s.redis.kill();
        return { text: 'ok' };
      },
    });
    const { code, stderr } = await s.df('provider', 'probe', 'main');
    expect([code, stderr]).toEqual([
      4,
      expect.stringMatching(/^error: Redis at .* does not answer.*REDIS_URL/),
    ]);
  }, 60_000);
});

describe('killed workers', () => {
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
        // Into the first calls of this worker, at any moment of a step.
        await until(() => s.model.requests.length > asked, LONG);
        await sleep(Math.random() * 400);
        worker.kill('SIGKILL');
        await worker.exited;
      }
      const asked = s.model.requests.length;
      await s.worker();
      // The last one puts in order what the others left, and goes on; what it has under way is cut by the stop.
      await until(() => s.model.requests.length > asked + 1, LONG);
      await s.df('stop', id);
      await until(async () => (await status(s, id)).project.settled, LONG);
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
