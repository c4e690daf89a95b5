import { describe, expect, it } from 'vitest';
import { cronProblem, inZone, momentsBetween, nextMoment } from '../../../src/factory/schedules/cron.ts';

const BERLIN = 'Europe/Berlin';
const from = (text: string) => new Date(text);

/** Moments of a span, by UTC. */
function moments(cron: string, zone: string, after: string, until: string): string[] {
  const found = momentsBetween(cron, zone, { after: from(after), until: from(until), most: 100 });
  return found.map((each) => each.toISOString().slice(0, 16));
}

describe('an expression that is refused', () => {
  it.each([
    ['', 'has 0 fields'],
    ['0 22 * *', 'has 4 fields'],
    ['* * * * * *', 'has 6 fields'],
    ['@reboot', 'has 1 field;'],
    ['61 * * * *', 'is no cron expression'],
    ['5-1 * * * *', 'is no cron expression'],
    ['*/0 * * * *', 'is no cron expression'],
    ['0 22 * foo *', 'is no cron expression'],
    ['H 2 * * *', 'H is no time'],
    ['0 0 31 2 *', 'never comes'],
    ['0 0 30 2 *', 'never comes'],
    ['0 0 31 4,6,9,11 *', 'never comes'],
  ])('%s', (cron, why) => {
    const problem = cronProblem(cron);
    expect(problem?.message).toContain(why);
    expect(problem?.hint).not.toBe('');
  });

  it.each(['0 22 * * 1-5', '@daily', '0 0 29 2 *', '*/15 0-6 * * MON', '0 3 L * *', ' 0  22 * * * '])(
    'but not %s',
    (cron) => {
      expect(cronProblem(cron)).toBeNull();
    },
  );
});

describe('when clocks are put forward', () => {
  // 2026-03-29, 02:00 becomes 03:00.
  it('2:30, which does not exist, comes once, an hour later', () => {
    expect(moments('30 2 * * *', BERLIN, '2026-03-28T12:00:00Z', '2026-03-30T12:00:00Z')).toEqual([
      '2026-03-29T01:30',
      '2026-03-30T00:30',
    ]);
  });

  it('hours on both sides of it come once each', () => {
    expect(moments('30 1-4 * * *', BERLIN, '2026-03-28T23:00:00Z', '2026-03-29T04:00:00Z')).toEqual([
      '2026-03-29T00:30',
      '2026-03-29T01:30',
      '2026-03-29T02:30',
    ]);
  });
});

describe('when a midnight or half an hour is left out', () => {
  it.each([
    ['0 0 * * *', 'America/Santiago', '2026-09-05T12:00Z', ['2026-09-06T04:00', '2026-09-07T03:00']],
    ['30 0 * * *', 'America/Santiago', '2026-09-05T12:00Z', ['2026-09-06T04:30', '2026-09-07T03:30']],
    ['0 0 * * *', 'Africa/Cairo', '2026-04-23T12:00Z', ['2026-04-23T22:00', '2026-04-24T21:00']],
    ['0 0 * * 5', 'Africa/Cairo', '2026-04-23T12:00Z', ['2026-04-23T22:00', '2026-04-30T21:00']],
    ['0 0 * * *', 'America/Havana', '2026-03-07T12:00Z', ['2026-03-08T05:00', '2026-03-09T04:00']],
    ['15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T12:00Z', ['2026-10-03T15:45', '2026-10-04T15:15']],
    ['@monthly', 'America/Asuncion', '2023-09-30T12:00Z', ['2023-10-01T04:00', '2023-11-01T03:00']],
  ])('%s in %s comes as much later', (cron, zone, after, expected) => {
    expect(moments(cron, zone, after, `${expected[1]}Z`)).toEqual(expected);
    expect(nextMoment(cron, zone, from(after))).toEqual(from(`${expected[0]}Z`));
    expect(nextMoment(cron, zone, from(`${expected[0]}Z`))).toEqual(from(`${expected[1]}Z`));
  });
});

describe('a moment of each day comes once a day, all the year', () => {
  const HOUR_MS = 3_600_000;
  it.each([
    ...['Africa/Cairo', 'Africa/Casablanca', 'America/Havana', 'America/Nuuk', 'America/Santiago'],
    ...['Antarctica/Troll', 'Asia/Beirut', 'Australia/Lord_Howe', 'Europe/Berlin', 'Pacific/Chatham'],
  ])('%s', (zone) => onceADay('0 0 * * *', zone));

  it.each([
    ['30 1 * * *', 'Antarctica/Troll'],
    ['30 1 * * *', 'Atlantic/Azores'],
    ['0 2 * * *', 'Australia/Lord_Howe'],
  ])('%s in %s', onceADay);

  function onceADay(cron: string, zone: string) {
    const [after, until] = [from('2026-01-15T00:07:00Z'), from('2027-01-15T00:07:00Z')];
    const found = momentsBetween(cron, zone, { after, until, most: 1_000 });
    expect(found).toHaveLength(365);
    const pauses = found.slice(1).map((each, index) => each.getTime() - Number(found[index]));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(22 * HOUR_MS);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(26 * HOUR_MS);
  }
});

describe('when clocks are put back', () => {
  // 2026-10-25, 03:00 becomes 02:00.
  it('2:30, which exists twice, comes once, whatever moment it is asked from', () => {
    const expected = ['2026-10-25T00:30', '2026-10-26T01:30'];
    expect(moments('30 2 * * *', BERLIN, '2026-10-24T12:00:00Z', '2026-10-26T12:00:00Z')).toEqual(expected);
    for (const after of ['2026-10-25T00:30:00Z', '2026-10-25T00:45:00Z', '2026-10-25T01:29:59Z'])
      expect(nextMoment('30 2 * * *', BERLIN, from(after))).toEqual(from('2026-10-26T01:30:00Z'));
  });

  it('2:00, at which the half hour that comes twice ends, comes once', () => {
    expect(moments('0 2 * * *', 'Australia/Lord_Howe', '2026-04-03T20:00Z', '2026-04-05T20:00Z')).toEqual([
      '2026-04-04T15:30',
      '2026-04-05T15:30',
    ]);
  });

  it('one of every quarter of an hour comes in both, in order, however many are asked for', () => {
    const all = moments('*/15 * * * *', BERLIN, '2026-10-24T23:50:00Z', '2026-10-25T02:00:00Z');
    const times = ['00:00', '00:15', '00:30', '00:45', '01:00', '01:15', '01:30', '01:45', '02:00'];
    expect(all).toEqual(times.map((time) => `2026-10-25T${time}`));
    for (const [index, each] of all.slice(1).entries())
      expect(nextMoment('*/15 * * * *', BERLIN, from(`${all[index]}Z`))).toEqual(from(`${each}Z`));
  });

  it('one of every hour comes in both', () => {
    expect(moments('30 * * * *', BERLIN, '2026-10-24T23:45:00Z', '2026-10-25T02:45:00Z')).toEqual([
      '2026-10-25T00:30',
      '2026-10-25T01:30',
      '2026-10-25T02:30',
    ]);
  });
});

it('a moment itself is not after itself', () => {
  expect(nextMoment('0 22 * * *', 'UTC', from('2026-11-29T22:00:00Z'))).toEqual(from('2026-11-30T22:00:00Z'));
  expect(nextMoment('0 22 * * *', 'UTC', from('2026-11-29T21:59:59.999Z'))).toEqual(
    from('2026-11-29T22:00:00Z'),
  );
});

it('there is no moment in a zone that this machine does not know', () => {
  expect(nextMoment('0 22 * * *', 'Mars/Base', from('2026-11-29T22:00:00Z'))).toBeNull();
  expect(inZone(from('2026-11-29T22:00:00Z'), 'Mars/Base')).toBe('2026-11-29 22:00 UTC');
  expect(inZone(from('2026-11-29T21:00:00Z'), BERLIN)).toBe('2026-11-29 22:00 Europe/Berlin');
});
