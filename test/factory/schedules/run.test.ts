import { expect, it } from 'vitest';
import { readEntries } from '../../../src/factory/backlog/backlog-file.ts';
import type { Schedule } from '../../../src/factory/model/schedule.ts';
import { nightReport } from '../../../src/factory/report/night/night.ts';
import { nightSections } from '../../../src/factory/report/night/night-sections.ts';
import { runDue, runNow } from '../../../src/factory/schedules/run.ts';
import { planOf, removeSchedule } from '../../../src/factory/schedules/schedules.ts';
import { DarkFactoryError, usageError } from '../../../src/lib/failure.ts';

import { at, house } from './schedule-house.ts';

const HOUR_MS = 3_600_000;

it('A105 each moment is made once, however many look at it', async () => {
  const { deps, state, world, add, events, endAll } = await house();
  const { id } = await add();
  world.now = at('29T21:59:59');
  expect(await runDue(deps, id)).toBeNull();
  world.now = at('29T22:00:00.200');
  const all = await Promise.all([runDue(deps, id), runDue(deps, id), runDue(deps, id)]);
  expect(all.filter((each) => each !== null)).toEqual([
    [expect.objectContaining({ outcome: 'made', projects: 2, due: at('29T22:00:00') })],
  ]);
  expect(world.made).toBe(1);
  const { projects } = await state.listProjects();
  expect(projects.map(({ origin }) => origin)).toEqual(
    Array(2).fill({ kind: 'schedule', scheduleId: id, name: 'nightly', due: at('29T22:00:00') }),
  );
  expect(events.map(({ type }) => type)).toEqual(['schedule.ran']);
  await endAll();
  world.now = at('30T22:00:00');
  expect(await runDue(deps, id)).toMatchObject([{ outcome: 'made' }]);
  expect((await state.listProjects()).projects).toHaveLength(4);
});

it('A105 who comes after one that was killed finds what was made, and makes it no second time', async () => {
  const { deps, state, world, add, found } = await house();
  const { id } = await add();
  world.now = at('29T22:00:00');
  const killed = { ...deps, record: () => Promise.reject(new Error('killed')) };
  await expect(runDue(killed, id)).rejects.toThrow('killed');
  expect((await found())?.runs).toEqual([]);
  // The file has grown meanwhile.
  world.names.push('three');
  expect(await runDue(deps, id)).toMatchObject([{ outcome: 'made', projects: 2 }]);
  expect(world.made).toBe(1);
  expect((await state.listProjects()).projects).toHaveLength(2);
});

it('A105 after days without a worker one is made up for, in time, and the others are said to be missed', async () => {
  const { deps, world, add, found, events } = await house();
  const { id } = await add({ timezone: 'Europe/Berlin' });
  world.now = new Date('2026-12-02T22:30:00Z');
  expect(await runDue(deps, id)).toMatchObject([
    {
      outcome: 'missed',
      detail: '3 runs from 2026-11-29 22:00 Europe/Berlin on were missed: one is made up for.',
    },
    {
      outcome: 'made',
      detail: '2 projects made and started, made up for at 2026-12-02 23:30 Europe/Berlin.',
    },
  ]);
  world.now = new Date('2026-12-04T00:00:00Z');
  expect(await runDue(deps, id)).toMatchObject([
    {
      outcome: 'missed',
      detail: 'The run of 2026-12-03 22:00 Europe/Berlin was missed: nothing ran it within 2 h.',
    },
  ]);
  // What was made all the same is no news for the owner.
  expect(events.map(({ type, level }) => `${type} ${level}`)).toEqual([
    'schedule.failed info',
    'schedule.ran info',
    'schedule.failed warn',
  ]);
  expect(world.made).toBe(1);
  expect((await found())?.runs).toHaveLength(3);
});

it('A140 a clock that was ahead and is set back silences no schedule, neither one that ran meanwhile nor one that was added', async () => {
  const { deps, world, add, endAll } = await house();
  world.now = new Date('2031-01-01T12:00:00Z');
  const { id } = await add();
  world.now = new Date('2031-01-01T22:00:05Z');
  expect(await runDue(deps, id)).toMatchObject([{ outcome: 'made' }]);
  const added = await add({ name: 'other' });
  await endAll();
  world.now = at('29T21:00:00');
  for (const each of [id, added.id]) expect(await runDue(deps, each)).toBeNull();
  world.now = at('29T22:00:00');
  for (const each of [id, added.id]) {
    expect(await runDue(deps, each)).toMatchObject([{ outcome: 'made', due: world.now }]);
    expect(await runDue(deps, each)).toBeNull();
  }
  expect(world.made).toBe(3);
});

it('a run that finds projects of an earlier one open is skipped: told once, and one entry as long as they are the same', async () => {
  const { deps, world, add, found, events, endAll } = await house();
  const { id } = await add({ cron: '*/5 * * * *' });
  for (const minute of ['05', '10', '15']) {
    world.now = at(`29T12:${minute}:00`);
    await runDue(deps, id);
  }
  expect((await found())?.runs).toMatchObject([
    { outcome: 'made' },
    {
      outcome: 'skipped',
      due: at('29T12:15:00'),
      detail: expect.stringMatching(/^(one|two) \(initializing\), .* are still open from an earlier run\.$/),
    },
  ]);
  expect(events.map(({ type }) => type)).toEqual(['schedule.ran', 'schedule.ran']);
  expect((await runNow(deps, 'nightly', 'owner')).run.outcome).toBe('skipped');
  await endAll();
  expect((await runNow(deps, 'NIGHTLY', 'owner')).projects).toHaveLength(2);
});

it('a file that is gone or wrong fails the run in words, and the schedule stays', async () => {
  const { deps, world, add, found, events } = await house();
  const { id } = await add();
  world.plan = usageError('text_unreadable', '/night.yaml: there is no such file', 'Put it there again');
  world.now = at('29T22:00:00');
  const said = '/night.yaml: there is no such file. Put it there again.';
  expect(await runDue(deps, id)).toMatchObject([{ outcome: 'failed', detail: said }]);
  expect(await runDue(deps, id)).toBeNull();
  expect(events).toMatchObject([
    { type: 'schedule.failed', level: 'warn', message: `The schedule nightly made nothing: ${said}` },
  ]);
  const morning = { since: at('29T21:00:00'), until: at('30T07:00:00'), workers: 1 };
  expect(nightSections(await nightReport({ state: deps.state }, morning))).toEqual([
    {
      title: 'Needs you',
      items: [
        {
          name: 'schedule nightly',
          about: [`It made nothing. ${said}`],
          failing: [],
          do: 'df schedule run nightly',
        },
      ],
    },
  ]);
  await expect(runNow(deps, 'nightly', 'owner')).rejects.toMatchObject({ code: 'text_unreadable' });
  expect((await found())?.runs).toHaveLength(2);
  world.plan = undefined;
  world.now = at('30T22:00:01');
  expect(await runDue(deps, id)).toMatchObject([{ outcome: 'made' }]);
});

it('what passes by itself is tried again and told once; when it is too late the run was missed for that reason', async () => {
  const { deps, world, add, found, events } = await house();
  const { id } = await add();
  const full = new DarkFactoryError('environment', 'disk_full', 'The disk is full', 'Free some space.');
  world.plan = full;
  for (const time of ['22:00:00', '22:10:00', '23:59:00']) {
    world.now = at(`29T${time}`);
    expect(await runDue(deps, id)).toBeNull();
  }
  expect((await found())?.trouble).toBe('The disk is full. Free some space.');
  expect(events.map(({ message }) => message)).toEqual([
    'The schedule nightly cannot make its projects yet: The disk is full. Free some space. It is tried again until 2026-11-30 00:00 UTC.',
  ]);
  world.now = at('30T00:01:00');
  expect(await runDue(deps, id)).toMatchObject([
    {
      outcome: 'missed',
      detail:
        'The run of 2026-11-29 22:00 UTC was missed: it could not be made within 2 h: The disk is full. Free some space.',
    },
  ]);
  world.now = at('30T22:00:00');
  await runDue(deps, id);
  world.plan = undefined;
  expect(await runDue(deps, id)).toMatchObject([{ outcome: 'made' }]);
  expect((await found())?.trouble).toBeUndefined();
});

it('what cannot be a schedule is refused, and nothing is written', async () => {
  const { deps, add, state, world } = await house();
  const refused = (more: Partial<Schedule>, code: string) =>
    expect(add(more)).rejects.toMatchObject({ kind: 'usage', code, hint: expect.stringMatching(/\w/) });
  for (const name of ['', 'a b', '../x', '-x', 'x'.repeat(65), 'é'])
    await refused({ name }, 'schedule_name_invalid');
  await refused({ cron: '0 0 31 2 *' }, 'cron_invalid');
  await refused({ timezone: 'Mars/Base' }, 'timezone_unknown');
  await refused({ catchUp: 1_000 }, 'catch_up_invalid');
  await refused({ catchUp: 8 * 24 * HOUR_MS }, 'catch_up_invalid');
  world.plan = usageError('backlog_invalid', 'In /night.yaml something is wrong:\n  line 3: …', 'Mend it.');
  await refused({}, 'backlog_invalid');
  expect((await state.schedules().get()).schedules).toEqual([]);
  world.plan = undefined;
  await add();
  await refused({ name: 'Nightly' }, 'schedule_name_taken');
  await expect(removeSchedule(deps, 'other')).rejects.toMatchObject({ code: 'schedule_not_found' });
  expect((await removeSchedule(deps, 'nightly')).name).toBe('nightly');
  expect((await state.schedules().get()).schedules).toEqual([]);
});

it('one that was removed makes nothing, and its successor of the same name has nothing to do with what it made', async () => {
  const { deps, world, add } = await house();
  const first = await add();
  world.now = at('29T22:00:00');
  await runDue(deps, first.id);
  await removeSchedule(deps, 'nightly');
  expect(await runDue(deps, first.id)).toBeNull();
  const second = await add();
  world.now = at('30T22:00:00');
  expect(await runDue(deps, first.id)).toBeNull();
  expect(await runDue(deps, second.id)).toMatchObject([{ outcome: 'made' }]);
});

it('a maximum runtime of seconds that its flag gave is none of the slips that files are judged for', async () => {
  const { deps, folder } = await house();
  const makerFor: typeof deps.makerFor = (by) => ({
    ...deps.makerFor(by),
    async plan(text) {
      expect(readEntries(text)).toMatchObject({ faults: [], entries: [{ order: { maxRuntime: 30_000 } }] });
      return { planned: [], warnings: [] };
    },
  });
  const order = { name: 'deps', description: 'Bring them up to date.', maxRuntime: 30_000 };
  await planOf({ ...deps, makerFor }, { name: 'nightly', file: undefined, order, folder, by: 'owner' }, {});
  expect.assertions(1);
});
