import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Project } from '../../src/factory/model/project.ts';
import { createServices } from '../../src/services.ts';
import { startReceiver } from '../notify/receiver.ts';
import { readEvents } from '../support/events.ts';
import { type Scenario, scenario } from '../support/scenario.ts';
import { until } from '../support/until.ts';

const HOURS = 60 * 60_000;
const there = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );
const status = async (s: Scenario, id: string) => (await s.json<{ project: Project }>('status', id)).project;

async function setDiskFree(s: Scenario, limit: string): Promise<void> {
  const file = join(s.home, 'config.yaml');
  await writeFile(file, (await readFile(file, 'utf8')).replace(/diskFree: .*/, `diskFree: ${limit}`));
}

/** An ended project whose worktree was kept, and which ended a while ago. */
async function endedProject(s: Scenario, name: string, ago: number): Promise<Project> {
  const project = await s.init(name);
  await s.df('start', project.id);
  await until(() => there(project.worktreePath), 60_000, `the worktree of ${name}`);
  await s.df('stop', project.id);
  await until(async () => (await status(s, project.id)).settled, 60_000, `the end of ${name}`);
  const services = await createServices({ env: { ...s.env, DF_HOME: s.home } });
  const endTime = new Date(Date.now() - ago);
  await services.state.project(project.id).update((current) => ({ ...current, endTime }));
  await services.close();
  return project;
}

async function oldAndNew(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of ['old.log', 'new.log']) await writeFile(join(folder, name), name);
  const past = new Date(Date.now() - 2 * HOURS);
  await utimes(join(folder, 'old.log'), past, past);
}

it('A28 disk-full: the owner is told once, what is old goes, steps wait, and with room the work goes on', async () => {
  const { url, received } = await startReceiver();
  const target = { type: 'webhook', url, on: ['disk_low', 'completed'] };
  const s = await scenario({
    config: [
      ...['limits:', '  diskFree: 0', '  cleanAfter: 1h', 'worktree:', '  keep: all'],
      `notifications: ${JSON.stringify([target])}`,
    ],
  });
  const first = await s.worker();
  const [old, young] = await Promise.all([endedProject(s, 'old', 2 * HOURS), endedProject(s, 'young', 0)]);
  const outputs = join(s.home, 'data/projects', old.id, 'output');
  await oldAndNew(outputs);
  await oldAndNew(join(s.home, 'logs'));
  await first.stop();

  // The disk of this machine, as it is, counts as full from here on.
  await setDiskFree(s, '99.999%');
  const before = s.model.requests.length;
  const short = await s.worker();
  const { id } = await s.init('waits');
  expect((await s.df('start', id)).code).toBe(0);
  await until(async () => (await status(s, id)).waiting?.for === 'disk', 60_000, 'a project that waits');
  expect((await s.df('status', id)).stdout).toMatch(/Waiting\s+for disk since .*df clean/s);
  await until(() => received.length > 0, 60_000, 'the owner is told');
  expect(received[0]?.body).toMatchObject({ kind: 'disk_low', title: 'The disk is nearly full' });
  expect(received[0]?.body['message']).toMatch(/^New steps wait: \d+ MiB are free where .* are to stay free/);
  await until(async () => !(await there(old.worktreePath)), 60_000, 'the old worktree is gone');
  await until(async () => !(await there(join(s.home, 'logs/old.log'))), 60_000, 'the old log is gone');
  expect(await readdir(outputs)).toContain('new.log');
  expect(await readdir(outputs)).not.toContain('old.log');
  expect(await there(join(s.home, 'logs/new.log'))).toBe(true);
  expect(await there(young.worktreePath)).toBe(true);
  expect(await s.repository.git('branch', '--list', old.workBranch)).toContain(old.workBranch);
  expect(s.model.requests).toHaveLength(before);
  await short.stop();

  await setDiskFree(s, '0');
  await s.worker();
  const waited = await s.df('start', id, '--wait');
  expect(waited.code, waited.stderr).toBe(0);
  expect((await status(s, id)).waiting).toBeUndefined();
  await until(() => received.length >= 2, 60_000, 'the end is told');
  expect(received.map(({ body }) => body['kind'])).toEqual(['disk_low', 'completed']);
  const events = (await readEvents(s.home)).filter(({ type }) => type.startsWith('disk.'));
  expect(events.map(({ type }) => type)).toEqual(['disk.low', 'disk.cleaned', 'disk.enough']);
  expect(events[1]?.message).toMatch(/^Room was made: 1 worktrees, .* 2 outputs and logs/);
});
