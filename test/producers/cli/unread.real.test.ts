import { expect, it, onTestFinished } from 'vitest';
import { type RunningDf, startDf } from '../../support/processes/processes.ts';
import { scenario } from '../../support/scenario.ts';
import { MENDER } from '../../support/scripts/trial-script.ts';
import { until } from '../../support/until.ts';

it('a worker whose output nobody reads any more works on, and ends in its orderly way when its terminal is closed', async () => {
  const s = await scenario();
  const { id } = await s.init('unread');
  const worker = await s.worker();
  unread(worker);
  // It says so, to nobody.
  await s.df('stop', '--all');
  await until(async () =>
    (await s.df('logs', '--level', 'warn', '-n', '1')).stdout.includes('worker halted'),
  );
  await s.df('resume', '--all');
  expect((await s.df('start', id)).code).toBe(0);
  await s.reaches(id, 'active', 'completed');
  worker.kill('SIGHUP');
  expect(await worker.exited).toMatchObject({ code: 0, signal: null });
});

/** As `df … 2>&1 | head -1`. */
function unread(running: RunningDf): RunningDf {
  running.child.stdout?.destroy();
  running.child.stderr?.destroy();
  return running;
}

it('a command whose reader went away has waited for nothing, as after Ctrl-C; one that only tells something is no error', async () => {
  const s = await scenario();
  const { id } = await s.init('waited for');
  const where = { home: s.home, env: s.env };
  expect((await unread(startDf(['start', id, '--wait'], where)).exited).code).toBe(130);
  expect(await s.project(id)).toMatchObject({ started: true, status: 'initializing' });
  expect((await unread(startDf(['list'], where)).exited).code).toBe(0);
});

it('a trial of a persona of which nobody reads any more is given up', async () => {
  const s = await scenario({ script: () => ({ text: 'x', delayMs: 60_000 }) });
  await s.services.personas.save('mender', MENDER);
  const running = startDf(['persona', 'try', 'mender', '--yes'], { home: s.home, env: s.env });
  await running.says('starting one');
  expect((await unread(running).exited).code).toBe(130);
  const { projects } = await s.services.state.listProjects();
  expect(projects).toMatchObject([{ trialOf: 'mender', status: 'failed', stopped: true }]);
});

it('a worker that nohup started works on when its terminal is closed', async () => {
  const s = await scenario();
  const worker = startDf(['worker'], { home: s.home, env: { ...s.env, _: '/usr/bin/nohup' } });
  onTestFinished(async () => void (await worker.stop()));
  await worker.says('is ready');
  const { id } = await s.init('nohup');
  worker.kill('SIGHUP');
  await s.ends(id);
  expect(await worker.stop()).toMatchObject({ code: 0, signal: null });
});
