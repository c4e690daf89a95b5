import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Project } from '../../src/factory/model/project.ts';
import { sharedHouse } from '../support/house.ts';
import { LONG } from '../support/looks.ts';
import { processesOf } from '../support/processes/process-list.ts';
import { call, MEND_SUM, type Scenario, scenario, sequence, slow } from '../support/scenario.ts';
import { until } from '../support/until.ts';

/** Every step key of the branch's commits; a step that commits twice shows twice. */
async function stepKeys(s: Scenario, { workBranch }: Project): Promise<string[]> {
  const format = '--format=%(trailers:key=DF-Step,valueonly,separator=)';
  return (await s.repository.git('log', format, `main..${workBranch}`))
    .split('\n')
    .filter((line) => line !== '');
}

describe('pause, resume and stop', () => {
  const house = sharedHouse({});
  const asked = (name: string) => until(() => house.requests(name).length >= 1, LONG);
  const stepEnds = (id: string) =>
    until(async () => (await house.s.journal(id)).some((entry) => entry.type === 'step_done'), LONG);

  it('A17 pause-in-flight: the step under way ends, no new one begins, and resume goes on from the journal', async () => {
    const { s } = house;
    const { id } = await house.make('in flight', slow(1_500));
    await s.df('start', id);
    await asked('in flight');
    expect((await s.df('pause', id)).code).toBe(0);
    await stepEnds(id);
    const waited = await s.df('start', id, '--json');
    expect(waited.code).toBe(0);
    await s.ends(id);
    expect((await s.project(id)).status).toBe('completed');
    expect(house.requests('in flight').filter(({ billed }) => billed)).toHaveLength(7);
  });

  it('a paused project stays where it is', async () => {
    const { s } = house;
    const { id } = await house.make('still', slow(500));
    await s.df('start', id);
    await asked('still');
    await s.df('pause', id);
    const waited = await s.df('status', id, '--json');
    expect(JSON.parse(waited.stdout)).toMatchObject({
      project: { status: 'paused' },
      waiting: { for: 'owner' },
    });
    await stepEnds(id);
    const steps = house.requests('still').length;
    // Several rounds of the reconcile go by.
    await until(async () => (await s.df('status', id)).code === 0, 5_000);
    await s.df('doctor', '--json');
    expect(house.requests('still')).toHaveLength(steps);
    expect((await s.df('resume', id)).code).toBe(0);
    await s.ends(id);
  });

  it('stop ends a running command, commits what was done, and takes the worktree away', async () => {
    const { s } = house;
    const { id, worktreePath, workBranch } = await house.make(
      'stopped',
      sequence([call('bash', { command: 'echo half > half.txt; sleep 600' }), ...MEND_SUM]),
    );
    await s.df('start', id);
    await until(
      async () => (await readFile(join(worktreePath, 'half.txt'), 'utf8').catch(() => '')) !== '',
      20_000,
    );
    expect((await s.df('stop', id)).code).toBe(0);
    await s.settles(id);
    expect(await s.project(id)).toMatchObject({ status: 'failed', settled: true });
    expect(await s.repository.git('show', `${workBranch}:half.txt`)).toBe('half');
    expect(await s.repository.git('worktree', 'list')).not.toContain(worktreePath);
    await s.ends(id, 1);
  });

  it('A16 df-start-twice: two starts at once make one run', async () => {
    const { s } = house;
    const { id } = await house.make('twice', sequence(MEND_SUM));
    const both = await Promise.all([s.program('start', id, '--wait'), s.program('start', id, '--wait')]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(house.requests('twice').filter(({ billed }) => billed)).toHaveLength(7);
  });

  it('A23 deadline: a step longer than the maximum runtime is ended, its work committed, the status is timeout', async () => {
    const { s } = house;
    const script = sequence([call('bash', { command: 'echo late > late.txt; sleep 600' }), ...MEND_SUM]);
    const { id, workBranch } = await house.make('late', script, '--max-runtime', '8s');
    await s.ends(id, 1);
    await s.settles(id);
    expect((await s.project(id)).status).toBe('timeout');
    expect(await s.repository.git('show', `${workBranch}:late.txt`)).toBe('late');
  });
});

describe('time', () => {
  it('A24 restart-counts-time: active time adds up over killed workers', async () => {
    const s = await scenario({
      script: () => ({ text: 'Thinking.', delayMs: 600_000 }),
    });
    const { id } = await s.init('restarts', '--max-runtime', '9s');
    for (let round = 0; round < 2; round += 1) {
      const worker = await s.worker();
      if (round === 0) await s.df('start', id);
      await until(() => s.model.requests.length > round, LONG);
      await until(async () => {
        const agent = await readFile(join(s.home, 'data/projects', id, 'agents/engineer.yaml'), 'utf8');
        return Number(/runtimeMs: (\d+)/.exec(agent)?.[1] ?? 0) > 2_000 * (round + 1);
      }, LONG);
      worker.kill('SIGKILL');
      await worker.exited;
    }
    await s.worker();
    await s.ends(id, 1);
    expect((await s.project(id)).status).toBe('timeout');
    // Lost in flight twice, and the last call was cut by the deadline: none of them counts as free.
    expect((await s.costs(id)).possibleSpent).toBeGreaterThan(0);
  });
});

describe('workers that end', () => {
  it('A13 graceful-term: SIGTERM in a long gate kills its tree, ends within the grace period, and another worker goes on', async () => {
    // What lies here is seen by the gate, and is no part of the repository.
    const signs = await mkdtemp(join(tmpdir(), 'graceful-'));
    onTestFinished(() => rm(signs, { recursive: true, force: true }));
    const s = await scenario({ config: ['sandbox:', `  readOnlyPaths: [${signs}]`] });
    const gate = `if [ ! -e ${signs}/go ]; then sleep 613; fi; node --test`;
    const { id } = await s.init('graceful', '--test', gate);
    const first = await s.worker();
    await s.df('start', id);
    const asleep = () => processesOf('').filter(({ command }) => command === 'sleep 613');
    await until(() => asleep().length > 0, LONG);
    first.kill('SIGTERM');
    const ended = await first.exited;
    expect(ended, ended.stderr).toMatchObject({ code: 0, signal: null });
    expect(asleep()).toEqual([]);
    await writeFile(join(signs, 'go'), '');
    await s.worker();
    await s.ends(id);
  });

  it('A14 double-sigterm: a second signal ends it at once, and the state is whole', async () => {
    const s = await scenario({ script: slow(1_000) });
    const { id } = await s.init('impatient');
    const first = await s.worker();
    await s.df('start', id);
    await until(() => s.model.requests.length > 1, LONG);
    first.kill('SIGTERM');
    first.kill('SIGTERM');
    first.kill('SIGINT');
    await first.exited;
    await s.worker();
    await s.ends(id);
    const keys = await stepKeys(s, await s.project(id));
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('a lost Redis', () => {
  it('A09 flushall: three projects are queued again from their state, nothing is repeated, and queues have their limits again', async () => {
    const limit = { max: 500, duration: 60_000 };
    const s = await scenario({
      script: slow(300),
      config: ['queues:', '  agent-steps:', '    rateLimit: { max: 500, duration: 1m }'],
    });
    const ids: string[] = [];
    for (const name of ['one', 'two', 'three']) ids.push((await s.init(name)).id);
    await s.worker();
    for (const id of ids) await s.df('start', id);
    await until(() => s.model.requests.length >= 6, LONG);
    execFileSync('redis-cli', ['-p', String(s.redis.port), 'flushall']);
    const { queues } = await s.services.queues();
    const limitNow = async () => JSON.stringify(await queues['agent-steps'].getGlobalRateLimit());
    await until(async () => (await limitNow()) === JSON.stringify(limit), LONG);
    for (const id of ids) await s.ends(id);
    for (const id of ids) {
      const keys = await stepKeys(s, await s.project(id));
      expect(new Set(keys).size).toBe(keys.length);
    }
    expect(s.model.ledger).toHaveLength(21);
  });

  it('A07 redis-restart: workers go on by themselves after an outage', async () => {
    const s = await scenario({ script: slow(300) });
    const { id } = await s.init('outage');
    await s.worker();
    await s.df('start', id);
    await until(() => s.model.requests.length >= 2, LONG);
    await s.redis.restart({ downMs: 7_000 });
    await s.ends(id);
  });
});

describe('money', () => {
  it('A21 credits-out: waits for credits, probes, and goes on alone when the money is back', async () => {
    const s = await scenario({ model: { faults: [{ fault: { fault: 'insufficient_quota' } }] } });
    const { id } = await s.init('broke');
    await s.worker();
    await s.df('start', id);
    await s.reaches(id, 'waiting_for_credits');
    expect((await s.df('start', id, '--wait', '--no-wait-for-credits')).code).toBe(5);
    s.model.setFaults([]);
    await s.ends(id);
  });
});
