import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import type { Schedule } from '../../../src/factory/model/schedule.ts';
import { removeLeftFolders } from '../../../src/lib/temporary-folder.ts';
import { scheduleDocuments } from '../../../src/producers/documents/schedules.ts';
import { scenario } from '../../support/scenario.ts';
import { until } from '../../support/until.ts';

const run = promisify(execFile);
const MINUTE_MS = 60_000;

it('A105 schedules over two workers, a kill, a flush and a file that is gone: each moment is made once, also one that was missed', async () => {
  const s = await scenario({
    // Whose turn it is stays at work.
    script: () => ({ text: 'I think.', delayMs: 300_000 }),
    config: ['limits:', '  diskFree: 0', '  openProjects: 1'],
  });
  const file = join(s.home, 'night.yaml');
  await writeFile(
    file,
    [
      'defaults: { lint: false, format: false, test: "true" }',
      'projects: [{ name: a, description: Fix a. }, { name: b, description: Fix b., after: [a] }]',
    ].join('\n'),
  );
  const { state, schedules } = s.services;
  const list = () => scheduleDocuments(s.services);
  const named = async (name: string) => (await list()).find((each) => each.name === name);
  const change = (how: (schedule: Schedule) => Schedule) =>
    state.schedules().update((all) => ({ ...all, schedules: all.schedules.map(how) }));

  // Without Redis: the state is enough.
  await s.redis.kill();
  const names = ['one', 'two', 'three', 'four'];
  const before = new Date(Date.now() - MINUTE_MS);
  const cron = `${before.getUTCMinutes()} ${before.getUTCHours()} * * *`;
  const add = (name: string) =>
    s.json('schedule', 'add', name, '--cron', cron, '--timezone', 'UTC', '--file', file);
  await add('one');
  await s.redis.start();
  for (const name of [...names.slice(1), 'gone']) await add(name);
  const flags = ['--description', 'Fix c.', '--no-lint', '--no-format', '--test', 'true'];
  await s.json('schedule', 'add', 'often', '--cron', '* * * * *', ...flags);
  const [doomed] = await Promise.all([s.worker(), s.worker()]);
  const alarms = async () => (await (await s.services.queues()).queues.projects.getJobSchedulers()).length;
  await until(async () => (await alarms()) === 6);

  // Ten minutes ago nobody ran, and what comes every two seconds is as exact as its alarm.
  const gone = join(s.home, 'gone.yaml');
  await change((each) => {
    const handledUntil = new Date(Date.now() - 10 * MINUTE_MS);
    if (each.name === 'often') return { ...each, cron: '*/2 * * * * *' };
    return { ...each, handledUntil, ...(each.name === 'gone' ? { file: gone } : {}) };
  });
  await sleep(Math.random() * 3_000);
  doomed?.kill('SIGKILL');
  await run('redis-cli', ['-p', String(s.redis.port), 'flushall']);
  await until(async () => (await list()).every(({ name, runs }) => name === 'often' || runs.length > 0));
  await until(async () => (await alarms()) === 6);
  await schedules.tend(() => {});
  for (const name of names) {
    const found = await named(name);
    expect(found?.runs, name).toMatchObject([{ outcome: 'made', projects: 2 }]);
    expect(found?.open, name).toHaveLength(2);
  }
  expect(JSON.parse((await s.df('schedule', 'list', '--json')).stdout)).toHaveLength(6);
  const { projects } = await state.listProjects();
  expect(projects.filter(({ name }) => name === 'a' || name === 'b')).toHaveLength(2 * names.length);

  const failed = await named('gone');
  expect(failed?.runs).toMatchObject([
    { outcome: 'failed', detail: expect.stringContaining('there is no such file') },
  ]);
  expect(await readFile(join(s.home, 'data/events.jsonl'), 'utf8')).toContain('"schedule.failed"');
  const health = JSON.parse((await s.df('health', '--json')).stdout) as {
    problems: { part: string; message: string }[];
  };
  expect(health.problems.find(({ part }) => part === 'schedules')?.message).toBe(
    `Gone would make nothing: ${gone} is not there.`,
  );

  await until(async () => (await named('often'))?.runs.at(-1)?.outcome === 'skipped');
  const [one] = (await named('one'))?.open ?? [];
  expect((await s.df('status', one ?? '')).stdout).toContain('the schedule one, of ');
  expect((await s.json<{ outcome: string }>('schedule', 'run', 'one')).outcome).toBe('skipped');
  expect((await s.df('schedule', 'remove', 'often')).code).toBe(0);
  expect(await alarms()).toBe(5);
  // What the one that was killed left in the temporary folder goes with a sweep, for which nobody need wait.
  removeLeftFolders();
});
