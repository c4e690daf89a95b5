import { expect, it, onTestFinished } from 'vitest';
import { startDf } from '../../support/processes/processes.ts';
import { scenario } from '../../support/scenario.ts';
import { until } from '../../support/until.ts';

it('a worker whose output nobody reads any more works on, and ends in its orderly way when its terminal is closed', async () => {
  const s = await scenario();
  const { id } = await s.init('unread');
  const worker = await s.worker();
  worker.child.stdout?.destroy();
  worker.child.stderr?.destroy();
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
