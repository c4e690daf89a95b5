import { expect, it } from 'vitest';
import { scenario } from '../support/scenario.ts';
import { until } from '../support/until.ts';

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
