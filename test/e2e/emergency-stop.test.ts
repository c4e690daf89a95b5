import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { processesOf } from '../support/processes/process-list.ts';
import { call, MEND_SUM, type Scenario, scenario, sequence, slow } from '../support/scenario.ts';
import { until } from '../support/until.ts';

/** The steps that the journal has closed, in order. */
async function closedSteps(s: Scenario, id: string): Promise<number[]> {
  const done = (await s.journal(id)).filter(({ type }) => type === 'step_done');
  return done.map(({ step }) => step);
}

describe('the emergency stop', () => {
  it('interrupts a running command, is seen everywhere, keeps the status, and work goes on when the file is gone', async () => {
    const s = await scenario({
      script: sequence([call('bash', { command: 'sleep 617' }), ...MEND_SUM]),
    });
    const { id } = await s.init('halted');
    const worker = await s.worker();
    await s.df('start', id);
    const asleep = () => processesOf('').filter(({ command }) => command === 'sleep 617');
    await until(() => asleep().length > 0, 20_000);

    const stopped = await s.df('stop', '--all', '--reason', 'the bill');
    expect(stopped).toMatchObject({ code: 0, stdout: expect.stringContaining('resume --all') });
    await until(() => asleep().length === 0, 10_000);
    await worker.says('halted: the bill');

    const shown = await s.status(id);
    expect(shown).toMatchObject({ project: { status: 'active' }, halted: { reason: 'the bill' } });
    for (const command of [['list'], ['status', id], ['start', id]])
      expect((await s.df(...command)).stderr).toContain('THE FACTORY IS HALTED');
    const doctor = await s.df('doctor');
    expect(doctor.code).toBe(4);
    expect(doctor.stdout).toContain('the factory is halted: the bill');
    const calls = s.model.requests.length;
    expect((await s.df('provider', 'probe', 'main')).stdout).toContain('halted');
    expect(s.model.requests).toHaveLength(calls);

    await rm(join(s.home, 'STOP'));
    await worker.says('goes on');
    await s.ends(id);
    expect(s.model.ledger).toHaveLength(8);
  });

  it('halts and goes on while Redis is down, without a lost or repeated step', async () => {
    const s = await scenario({ script: slow(1_000) });
    const { id } = await s.init('dark');
    const [one, two] = [await s.worker(), await s.worker()];
    await s.df('start', id);
    await until(() => s.model.requests.length >= 2, 30_000);
    await s.redis.kill();
    expect((await s.df('stop', '--all')).code).toBe(0);
    for (const worker of [one, two]) await worker.says('halted: Halted by its owner.');
    const before = s.model.requests.length;
    await s.redis.start();
    // Halted with Redis there again: several rounds of every timer go by.
    const since = Date.now();
    await until(() => Date.now() - since > 4_000, 10_000);
    expect(s.model.requests).toHaveLength(before);
    expect((await s.df('resume', '--all')).stdout).toContain('goes on');
    for (const worker of [one, two]) await worker.says('goes on');
    await s.ends(id);
    expect((await s.status(id)).project.status).toBe('completed');
    // A call that was cut is made again; every turn is taken once.
    expect(await closedSteps(s, id)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('a worker that starts while it is on takes nothing, queues nothing for later, and begins when it is over', async () => {
    const s = await scenario();
    await writeFile(join(s.home, 'STOP'), '');
    const { id } = await s.init('later');
    expect((await s.df('start', id)).code).toBe(0);
    const worker = await s.worker();
    await worker.says('made by hand');
    const since = Date.now();
    await until(() => Date.now() - since > 4_000, 10_000);
    expect(s.model.requests).toHaveLength(0);
    expect((await s.status(id)).project.status).toBe('initializing');
    expect((await s.df('resume', '--all')).code).toBe(0);
    await s.ends(id);
    expect(s.model.ledger).toHaveLength(7);
  });

  it('wants an id or --all, and not both', async () => {
    const s = await scenario();
    for (const args of [['stop'], ['resume'], ['stop', 'x', '--all'], ['resume', 'x', '--all']])
      expect((await s.df(...args)).code).toBe(2);
    expect((await s.df('resume', '--all')).stdout).toContain('was not halted');
  });
});
