import { describe, expect, test } from 'vitest';
import { sharedHouse } from '../../support/house.ts';
import { waitForRequests } from '../../support/model.ts';
import { priced } from '../../support/priced.ts';
import { processesOf } from '../../support/processes/process-list.ts';
import { startDf } from '../../support/processes/processes.ts';
import { call, MEND_SUM, type Scenario, SUM_TEST, scenario, sequence, slow } from '../../support/scenario.ts';
import { until } from '../../support/until.ts';

const begin = (s: Scenario, ...args: string[]) =>
  startDf(args, { home: s.home, env: s.env, cwd: s.repository.dir });
/** Where the gate is not what it is about: npm would take longer than the project. */
const RUN = ['run', 'fix', '-d', 'Fix it.', '--test', SUM_TEST, '--no-lint', '--no-format'];
const workersOf = (s: Scenario) => processesOf(s.home).filter(({ command }) => command.includes(' worker'));

describe('df run', () => {
  test('starts a worker where none is up, follows to the end, and leaves none behind', async () => {
    const s = await scenario();
    const result = await s.program('run', 'fix', '--description', 'Fix it.', '--no-lint', '--no-format');
    expect(result.code, result.stderr).toBe(0);
    expect(result.stderr).toContain('No worker is running');
    expect(result.stderr).toMatch(/engineer · step \d/);
    expect(result.stdout).toContain('completed');
    expect(workersOf(s)).toEqual([]);
  });

  test('Ctrl-C stops its worker in an orderly way, says how to go on, and the project then completes', async () => {
    const s = await scenario({ script: slow(500) });
    const running = begin(s, ...RUN);
    await waitForRequests(s.model, 3);
    running.kill('SIGINT');
    const { code, stderr } = await running.exited;
    expect(code).toBe(130);
    expect(stderr).toContain('df up');
    expect(workersOf(s)).toEqual([]);
    expect((await s.status('fix')).project.status).toBe('active');
    await s.worker();
    await s.ends('fix');
    expect(s.model.requests).toHaveLength(s.model.ledger.length);
  });

  test('names the one command that helps where its budget runs out, and not df up, which resumes nothing', async () => {
    const s = await scenario({ script: priced(MEND_SUM) });
    const { code, stderr } = await s.program(...RUN, '--budget', '0.10');
    expect(code, stderr).toBe(5);
    const { id } = (await s.status('fix')).project;
    expect(stderr).toContain(`Go on with: df resume ${id.slice(0, 8)} --budget 1\n`);
    expect(stderr).toContain('The worker of this command has stopped');
    expect(stderr).not.toContain('df up');
  });

  test('no worker outlives a df run that was killed', async () => {
    const s = await scenario({ script: slow(2_000) });
    const running = begin(s, ...RUN);
    await waitForRequests(s.model, 1);
    await until(() => workersOf(s).length === 1);
    running.kill('SIGKILL');
    await running.exited;
    await until(() => workersOf(s).length === 0, 20_000, 'the worker is gone');
  });

  test('a worker that is killed is replaced, and the project completes', async () => {
    const s = await scenario({ script: slow(300) });
    const running = begin(s, ...RUN);
    await waitForRequests(s.model, 2);
    const { pid } = await until(() => workersOf(s)[0]);
    process.kill(pid, 'SIGKILL');
    const { code, stderr } = await running.exited;
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('started again');
  });
});

describe('where a worker is up', () => {
  const house = sharedHouse({});
  const asked = (name: string, count: number) => until(() => house.requests(name).length >= count);

  test('df run uses it, and --json prints the Project alone on stdout', async () => {
    const { s } = house;
    const options = ['--test', SUM_TEST, '--no-lint', '--no-format', '--json'];
    house.follows('run', sequence(MEND_SUM));
    const result = await s.program('run', 'run', '-d', 'Fix run.', ...options);
    expect(result.code, result.stderr).toBe(0);
    expect(JSON.parse(result.stdout)).toMatchObject({ name: 'run', status: 'completed' });
    expect(result.stderr).not.toContain('No worker is running');
    expect(house.worker.child.exitCode).toBeNull();
  });

  test('df start --wait ends with 5 and a way on when the project is paused, and resume goes on', async () => {
    const { s } = house;
    await house.make('halts', slow(500));
    const waiting = begin(s, 'start', 'halts', '--wait');
    await asked('halts', 2);
    expect((await s.df('pause', 'halts')).code).toBe(0);
    const { code, stderr } = await waiting.exited;
    expect(code).toBe(5);
    expect(stderr).toContain('df resume');
    expect(await s.status('halts')).toMatchObject({
      project: { status: 'paused' },
      waiting: { for: 'owner' },
    });
    expect((await s.df('resume', 'halts')).code).toBe(0);
    await s.ends('halts');
  });

  test('Ctrl-C in df start --wait leaves the project running and says how to look again', async () => {
    const { s } = house;
    await house.make('left', slow(500));
    const waiting = begin(s, 'start', 'left', '--wait');
    await asked('left', 2);
    waiting.kill('SIGINT');
    const { code, stderr } = await waiting.exited;
    expect(code).toBe(130);
    expect(stderr).toMatch(/goes on[\s\S]*df status/);
    expect(house.worker.child.exitCode).toBeNull();
    await s.ends('left');
  });

  test('df start --wait ends with 1 when the project was stopped, and its branch keeps what was done', async () => {
    const { s } = house;
    const script = sequence([
      call('write_file', { path: 'half.txt', content: 'half\n' }),
      call('bash', { command: 'sleep 30' }),
    ]);
    const project = await house.make('dropped', script);
    const waiting = begin(s, 'start', 'dropped', '--wait');
    await asked('dropped', 2);
    expect((await s.df('stop', 'dropped', '--reason', 'changed my mind')).code).toBe(0);
    expect((await waiting.exited).code).toBe(1);
    const { project: after } = await s.status('dropped');
    expect(after).toMatchObject({
      status: 'failed',
      statusReason: expect.stringContaining('changed my mind'),
    });
    expect(await s.repository.git('show', `${project.workBranch}:half.txt`)).toBe('half');
  });
});

describe('df start --wait', () => {
  test('ends with 5 once credits run out when told not to wait for them', async () => {
    const s = await scenario({
      model: { faults: [{ fault: { fault: 'insufficient_quota' }, requests: { from: 2 } }] },
    });
    await s.init('fix');
    await s.worker();
    const { code, stderr } = await s.program('start', 'fix', '--wait', '--no-wait-for-credits');
    expect(code, stderr).toBe(5);
    expect(stderr).toContain('waiting for credits');
    expect(stderr).toContain('It goes on by itself once a provider can be used again');
    expect(await s.status('fix')).toMatchObject({
      project: { status: 'waiting_for_credits' },
      waiting: { for: 'credits' },
    });
  });

  test('A16 df-start-twice: two starts at once are one run, and one of them says that it changed nothing', async () => {
    const s = await scenario();
    await s.init('fix');
    const both = await Promise.all([s.program('start', 'fix'), s.program('start', 'fix')]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(both.filter(({ stderr }) => stderr.includes('nothing was changed'))).toHaveLength(1);
    expect(both[0]?.stderr).toContain('no worker is running');
    await s.worker();
    await s.ends('fix');
    expect(s.model.requests).toHaveLength(7);
  });

  test('of what has ended already tells how it ended, and df start alone is refused', async () => {
    const s = await scenario();
    const { id } = await s.init('fix');
    await s.df('stop', id);
    const alone = await s.df('start', id, '--json');
    expect([alone.code, alone.stdout]).toEqual([2, '']);
    expect(JSON.parse(alone.stderr)).toMatchObject({
      error: {
        code: 'project_ended',
        message: expect.stringContaining('has ended (stopped)'),
        hint: expect.stringContaining('df retry'),
      },
    });
    const waited = await s.df('start', id, '--wait', '--json');
    expect([waited.code, JSON.parse(waited.stdout)]).toEqual([
      1,
      expect.objectContaining({ id, stopped: true }),
    ]);
  });
});
