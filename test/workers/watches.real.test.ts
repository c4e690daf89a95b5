import { readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { asDiscord, asDocument, asSlack } from '../../src/factory/notifications/formats.ts';
import { draftOf } from '../../src/factory/notifications/notice.ts';
import { nightMarkdown } from '../../src/factory/report/night/night-markdown.ts';
import { createServices } from '../../src/services.ts';
import { episodesOf } from '../../src/state/home/episodes.ts';
import { beatHeart } from '../../src/workers/heartbeat.ts';
import { watchNight } from '../../src/workers/maintenance/night.ts';
import { watchSilence } from '../../src/workers/maintenance/sweep.ts';
import { startReceiver } from '../notify/receiver.ts';
import { addProject } from '../state/samples.ts';
import { eventTypes, readEvents } from '../support/events.ts';
import { makeHome } from '../support/home.ts';

async function open() {
  const { home, cleanup } = await makeHome();
  onTestFinished(cleanup);
  const services = await createServices({ env: { DF_HOME: home } });
  onTestFinished(() => services.close());
  await services.home.prepare();
  return { home, services };
}

/** All that the project wrote was written an hour ago. */
async function fallSilent(folder: string): Promise<void> {
  const past = new Date(Date.now() - 3_600_000);
  for (const name of await readdir(folder, { recursive: true })) await utimes(join(folder, name), past, past);
}

test('a project at work without any sign of it is told of once, and again when it has worked in between; one that waits is not', async () => {
  const { home, services } = await open();
  const add = async (changes: object) => {
    const { id } = await addProject(services.state, { started: true, status: 'active', ...changes });
    await services.state.project(id).update((project) => ({ ...project, updatedAt: new Date(0) }));
    await fallSilent(services.state.projectFolder(id));
    return id;
  };
  const after = (ms: number) => ({ ...services, clock: { now: () => new Date(Date.now() + ms) } });
  const later = after(3_600_000);
  const waiting = (cause: string, until?: Date) => ({
    waiting: { for: cause, detail: cause, since: new Date(0), ...(until && { until }) },
  });
  const silent = await add({});
  const waits = [
    await add(waiting('rate', after(9_000_000).clock.now())),
    // It is about to go on.
    await add(waiting('rate', after(99 * 60_000).clock.now())),
    await add(waiting('disk')),
  ];
  await watchSilence(later);
  for (let minutes = 60; minutes < 100; minutes += 1) await watchSilence(after(minutes * 60_000));
  expect(await eventTypes(home, silent)).toEqual(['project.stalled']);
  for (const id of waits) expect(await eventTypes(home, id)).toEqual([]);
  await services.state.project(silent).update((project) => ({ ...project, updatedAt: later.clock.now() }));
  await watchSilence(later);
  await watchSilence(after(9_000_000));
  expect(await eventTypes(home, silent)).toEqual(['project.stalled', 'project.stalled']);
});

/** By how much a clock was ahead. */
const AHEAD_MS = 5 * 365 * 86_400_000;

test('A140 a project that gives no sign is told of although it worked while the clock was ahead', async () => {
  const { home, services } = await open();
  const until = new Date(Date.now() + AHEAD_MS);
  const waiting = { for: 'rate' as const, detail: 'rate', since: until, until };
  const { id } = await addProject(services.state, { started: true, status: 'active', waiting });
  await services.state.project(id).update((project) => ({ ...project, updatedAt: until }));
  const folder = services.state.projectFolder(id);
  await fallSilent(folder);
  await utimes(join(folder, 'project.yaml'), until, until);
  await watchSilence(services);
  expect(await eventTypes(home, id)).toEqual(['project.stalled']);
});

test('A140 a night is told of with what happened in it although one before was told of while the clock was ahead', async () => {
  const { home, services } = await open();
  await addProject(services.state, {
    ...{ started: true, status: 'failed', settled: true, name: 'of this night' },
    endTime: new Date(),
  });
  const folder = join(home, 'data', 'episodes');
  const ahead = new Date(Date.now() + AHEAD_MS);
  await episodesOf(services).begin('night');
  await episodesOf(services).mark('night-told');
  for (const name of ['night', '.night-told']) await utimes(join(folder, name), ahead, ahead);
  await watchNight(services);
  expect(JSON.stringify(await readEvents(home))).toContain('of this night');
});

test('a night is told of once nothing goes on any more, as df report has it, and not again before there was work', async () => {
  const { home, services } = await open();
  const { id } = await addProject(services.state, { started: true, status: 'active', name: 'a *bold* one' });
  await watchNight(services);
  await watchNight(services);
  expect(await eventTypes(home)).toEqual([]);
  const since = (await episodesOf(services).since('night')) ?? new Date();
  const change = (changes: object) =>
    services.state.project(id).update((project) => ({ ...project, ...changes }));
  await change({ status: 'waiting_for_credits' });
  await watchNight(services);
  expect(await eventTypes(home)).toEqual([]);
  await change({ status: 'failed', settled: true, endTime: new Date(), statusReason: 'no tests' });
  await watchNight(services);
  await watchNight(services);
  expect(await eventTypes(home)).toEqual(['night.ended']);
  const [event] = await readEvents(home);
  const draft = event && draftOf(event, null);
  if (!draft) throw new Error('a night that is over is told of');
  const notice = { id: 'n', ...draft };
  const withoutTimes = (text: unknown) => String(text).replaceAll(/Until [^.]*\./g, '');
  const report = await services.projects.generateNightReport(since, 1);
  expect(withoutTimes(asDocument(notice)['message'])).toBe(withoutTimes(nightMarkdown(report)));
  expect(notice).toMatchObject({ kind: 'night_report', title: expect.stringContaining('1 failed') });
  expect(asSlack(notice)['blocks']).toMatchObject([
    { type: 'header' },
    { text: { text: expect.stringMatching(/^Failed\n- a \*bold\* one\nno tests\n/) } },
  ]);
  const [embed] = asDiscord(notice)['embeds'] as { title: string; description: string }[];
  expect(embed).toMatchObject({ title: 'Failed' });
  expect(embed?.description).toContain(String.raw`a \*bold\* one`);
});

test('a project that waits for its owner does not keep the night from ending', async () => {
  const { home, services } = await open();
  const { id } = await addProject(services.state, { started: true, status: 'active' });
  await watchNight(services);
  await services.state.project(id).update((project) => ({
    ...project,
    status: 'paused',
    waiting: { for: 'owner', detail: 'Which one?', since: new Date() },
  }));
  await watchNight(services);
  expect(await eventTypes(home)).toEqual(['night.ended']);
});

test('a night ends with the work hours, once, also for what goes on with the next ones', async () => {
  const { home, services } = await open();
  await addProject(services.state, { started: true, status: 'active' });
  const at = (time: string) =>
    watchNight({
      ...services,
      config: { ...services.config, workHours: '22:00-07:00', timezone: 'UTC' },
      clock: { now: () => new Date(`2026-01-02T${time}:00Z`) },
    });
  for (const time of ['06:00', '06:59', '07:01', '07:02', '12:00']) await at(time);
  expect(await eventTypes(home)).toEqual(['night.ended']);
  for (const time of ['22:00', '23:00']) await at(time);
  expect(await eventTypes(home)).toEqual(['night.ended']);
});

test('of all workers one asks the watchdog at each interval, and a watchdog that is away is logged once', async () => {
  const { services } = await open();
  let away = false;
  const { url, received } = await startReceiver(() => (away ? 500 : 200));
  const problems: unknown[] = [];
  const beat = (interval: number) =>
    beatHeart(
      {
        config: { notifications: { targets: [], heartbeat: { url: 'env:DOG', interval } } },
        log: { warn: (fields) => void problems.push(fields) },
        episodes: episodesOf(services),
      },
      { DOG: `${url}/alive` },
      new AbortController().signal,
    );
  await beat(60_000);
  await beat(60_000);
  expect(received.map(({ path }) => path)).toEqual(['/alive']);
  away = true;
  for (let times = 0; times < 2; times += 1) await beat(0);
  expect(received).toHaveLength(3);
  expect(problems).toEqual([{ problem: 'it answered with status 500' }]);
});
