import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LONG } from '../../support/looks.ts';
import { modelForTest, type Script, withHousekeeping } from '../../support/model.ts';
import { FIVE_CENTS, priced } from '../../support/priced.ts';
import { movedClock } from '../../support/processes/moved-clock.ts';
import { call, MEND_SUM, scenario, sequence } from '../../support/scenario.ts';
import { until } from '../../support/until.ts';

/** One shell command after another, none like the one before. */
const busy: Script = withHousekeeping((turn) => ({
  ...call('bash', { command: `echo ${turn.assistantTurns} > count.txt` }),
  usage: FIVE_CENTS,
}));

describe('caps', () => {
  it('a budget warns at 50, 80 and 95 %, pauses with a clear status, and goes on after df resume --budget', async () => {
    const s = await scenario({ script: priced(MEND_SUM) });
    const { id } = await s.init('capped', '--budget', '0.10');
    await s.worker();
    await s.df('start', id);
    const paused = await s.reaches(id, 'paused');
    expect(paused.waiting).toMatchObject({
      for: 'budget',
      detail: expect.stringContaining('df resume --budget'),
    });
    expect(s.model.ledger).toHaveLength(2);
    const warned = (await s.events(id)).filter((event) => event.type === 'budget.warning');
    expect(warned.map((event) => event.data?.['percent'])).toEqual([50, 80, 95]);
    const folder = join(s.home, 'logs');
    // The worker's log is written behind its back.
    await until(async () => {
      const names = await readdir(folder);
      const logs = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
      return logs.join('\n').includes("95 % of the project's budget");
    });
    expect((await s.df('resume', id, '--budget', '20')).code).toBe(0);
    await s.reaches(id, 'completed');
  });

  it("the factory's budget per hour pauses every project, and says which setting it is", async () => {
    const s = await scenario({ script: busy, config: ['budgets:', '  perHour: 0.2'] });
    const ids = [(await s.init('one', '--test', 'true')).id, (await s.init('two', '--test', 'true')).id];
    await s.worker();
    for (const id of ids) await s.df('start', id);
    for (const id of ids) {
      const { statusReason, waiting } = await s.reaches(id, 'paused');
      expect(statusReason).toContain('budgets.perHour in config.yaml');
      expect(waiting?.for).toBe('budget');
    }
    const spent = (await Promise.all(ids.map((id) => s.costs(id)))).map((each) => each.totalSpent);
    // Each call costs more than its worst case here, which the first calls teach.
    expect(spent.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(0.2 + 2 * 0.05);
  });

  it("A138 hour-spent: a project that the factory's budget per hour has paused is woken when the hour is over: the meter decides again, and it ends by itself", async () => {
    const s = await scenario({ script: priced(MEND_SUM), config: ['budgets:', '  perHour: 0.1'] });
    const { id } = await s.init('waits');
    const clock = await movedClock(s.home);
    Object.assign(s.env, clock.env);
    const first = await s.worker();
    const followed = s.program('start', id, '--wait');
    const { waiting } = await s.reaches(id, 'paused');
    const paid = s.model.ledger.length;
    const opens = new Date(waiting?.until ?? 0);
    await clock.moveTo(new Date(opens.getTime() + 1_000));
    // For Redis, by whose clock the hour is counted, it is not over: whoever is woken early spends nothing.
    await s.when(
      id,
      'paused anew',
      (project) => project.status === 'paused' && Number(project.waiting?.until) > opens.getTime(),
    );
    expect(s.model.ledger).toHaveLength(paid);
    await first.stop();

    const file = join(s.home, 'config.yaml');
    await writeFile(file, (await readFile(file, 'utf8')).replace('perHour: 0.1', 'perHour: 20'));
    const again = (await s.project(id)).waiting?.until ?? opens;
    await clock.moveTo(new Date(again.getTime() + 1_000));
    await s.worker();
    expect((await followed).code, 'whoever waits for it stays').toBe(0);
    const woken = (await s.events(id)).filter(({ type }) => type === 'project.woken');
    expect(woken).toHaveLength(2);
  });
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
      const each = await Promise.all(ids.map(s.project));
      return each.find(({ waiting }) => waiting?.for === 'rate');
    }, LONG);
    expect(parked.status).toBe('active');
    const ahead = Number(parked.waiting?.until) - Number(parked.waiting?.since);
    expect(ahead).toBeGreaterThan(0);
    expect(ahead).toBeLessThanOrEqual(60_000);
    await until(() => s.model.requests.length >= 3 * (turns + 1), 2 * LONG);
    expect(s.model.requests.map(({ status: code }) => code)).not.toContain(429);
    const times = s.model.requests.map(({ at }) => at);
    expect(times.length).toBeGreaterThanOrEqual(3 * (turns + 1));
    const most = Math.max(...times.map((at) => times.filter((to) => to >= at && to < at + 60_000).length));
    expect(most).toBeLessThanOrEqual(8);
    // What is over is not shown any more; it may be parked again meanwhile.
    await until(async () => !('waiting' in (await s.status(parked.id))), LONG, 'no wait is shown any more');
  });

  it.each([
    ['a parked step goes on as soon as another provider is added', []],
    [
      'A164 parked-far: a parked step goes on with its project, which was paused when another provider was added',
      ['pause', 'resume'],
    ],
    [
      'A164 parked-far: a parked step goes on with another attempt, where its project was stopped meanwhile',
      ['stop', 'retry'],
    ],
  ])('%s', async (_title, [before, after]) => {
    const s = await scenario({ script: sequence(MEND_SUM) });
    await s.json('provider', 'update', 'main', '--rpm', '2');
    const { id } = await s.init('parked');
    await s.worker();
    await s.df('start', id);
    const { waiting } = await s.when(id, 'parked', (project) => project.waiting?.for === 'rate');
    if (before !== undefined) await s.df(before, id);
    const other = await modelForTest({ script: sequence(MEND_SUM) });
    await s.json(
      ...['provider', 'add', '--name', 'anthropic', '--id', 'other', '--model', 'scripted-2'],
      ...['--base-url', other.url, '--api-key', 'other-key', '--price-in', '1', '--price-out', '2'],
    );
    if (after !== undefined) await s.df(after, id);
    await until(() => other.requests.length >= 2, LONG);
    const [, first] = other.requests;
    expect(first?.at).toBeLessThan(new Date(waiting?.until ?? 0).getTime());
    await s.reaches(id, 'completed');
  });
});
