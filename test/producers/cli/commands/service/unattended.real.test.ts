import { spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startReceiver } from '../../../../notify/receiver.ts';
import { processesOf } from '../../../../support/processes/process-list.ts';
import { runDf, startDf } from '../../../../support/processes/processes.ts';
import { MEND_SUM, type Scenario, scenario, sequence } from '../../../../support/scenario.ts';
import { until } from '../../../../support/until.ts';

const where = (s: Scenario) => ({ home: s.home, env: s.env, cwd: s.repository.dir });
const sessionOf = (pid: number) =>
  spawnSync('ps', ['-o', 'sid=', '-p', String(pid)])
    .stdout.toString()
    .trim();

test('a detached factory outlives its terminal, is started once, works, and ends with df down', async () => {
  const s = await scenario();
  onTestFinished(async () => void (await s.df('down', '--now')));
  const started = await runDf(['up', '--detach', '--no-board', '--json'], where(s));
  expect(started.code, started.stderr).toBe(0);
  const up = JSON.parse(started.stdout) as { pid: number; workers: number; log: string };
  // The leader of a session of its own hears nothing of the end of this terminal.
  expect({ workers: up.workers, session: sessionOf(up.pid) }).toEqual({
    workers: 1,
    session: String(up.pid),
  });
  const again = await runDf(['up', '--detach', '--workers', '3', '--json'], where(s));
  expect(JSON.parse(again.stdout)).toMatchObject({ already: true, workers: 1, process: { pid: up.pid } });
  const { id } = await s.init('evening');
  await s.ends(id);
  const down = await runDf(['down', '--json'], where(s));
  expect(down.code).toBe(0);
  expect(JSON.parse(down.stdout)).toMatchObject({
    stopped: [{ detached: true, process: { pid: up.pid } }],
    workersLeft: 0,
  });
  expect(processesOf(s.home)).toEqual([]);
  expect(await readFile(up.log, 'utf8')).toContain('is ready');
  expect((await runDf(['down'], where(s))).stdout).toContain('Nothing to stop');
});

test('a detached factory that cannot work says why, and leaves nothing behind', async () => {
  const s = await scenario();
  const env = { ...s.env, REDIS_URL: 'redis://127.0.0.1:1' };
  const result = await runDf(['up', '--detach'], { ...where(s), env });
  expect(result.code).toBe(4);
  expect(result.stderr).toContain('redis://127.0.0.1:1');
  expect(processesOf(s.home)).toEqual([]);
});

test('df up whose terminal is closed ends in order, notes it, and tells the owner where work is left undone', async () => {
  const { url, received } = await startReceiver(() => 200);
  const s = await scenario({
    script: sequence(
      MEND_SUM.map((step) => (typeof step === 'function' ? step : { ...step, delayMs: 5_000 })),
    ),
    config: [`notifications: ${JSON.stringify([{ type: 'webhook', url, on: ['stalled'] }])}`],
  });
  const { id } = await s.init('undone');
  await s.df('start', id);
  const up = startDf(['up', '--no-board'], where(s));
  await until(() => s.model.requests.length > 0, 60_000, 'the agent is at work');
  up.kill('SIGHUP');
  // A terminal tells its end to the group and to its leader.
  up.kill('SIGHUP');
  expect((await up.exited).code).toBe(0);
  expect(received.map(({ body }) => body)).toMatchObject([{ kind: 'stalled', project: null }]);
  expect(String(received[0]?.body['message'])).toContain('1 project is not done');
  const logs = await Promise.all(
    (await readdir(join(s.home, 'logs'))).map((file) => readFile(join(s.home, 'logs', file), 'utf8')),
  );
  expect(logs.join('')).toContain('the terminal of df up was closed');
  // What was told is not told again by the next worker.
  await s.worker();
  await s.df('stop', id);
  await s.settles(id);
  expect(received).toHaveLength(1);
});
