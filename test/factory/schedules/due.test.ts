import { expect, it } from 'vitest';
import { dueNow } from '../../../src/factory/schedules/due.ts';

const HOUR_MS = 3_600_000;
const at = (text: string) => new Date(`2026-11-${text}Z`);
const nightly = {
  cron: '0 22 * * *',
  timezone: 'UTC',
  catchUp: 2 * HOUR_MS,
  handledUntil: at('28T22:00:00'),
};

it('nothing is due before its moment, and nothing twice', () => {
  expect(dueNow(nightly, at('29T21:59:59.999'))).toBeNull();
  const due = dueNow(nightly, at('29T22:00:00'));
  expect(due).toEqual({ due: at('29T22:00:00'), handledUntil: at('29T22:00:00') });
  expect(dueNow({ ...nightly, ...due }, at('29T22:00:01'))).toBeNull();
});

it('one that was missed is made up for until the patience is over, and then said to be missed', () => {
  expect(dueNow(nightly, at('30T00:00:00'))).toEqual({
    due: at('29T22:00:00'),
    handledUntil: at('29T22:00:00'),
  });
  expect(dueNow(nightly, at('30T00:00:00.001'))).toEqual({
    missed: { first: at('29T22:00:00'), last: at('29T22:00:00'), count: 1 },
    handledUntil: at('29T22:00:00'),
  });
});

it('of several that were missed one is made up for', () => {
  const often = { ...nightly, cron: '*/30 * * * *', handledUntil: at('29T10:00:00') };
  expect(dueNow(often, at('29T14:10:00'))).toEqual({
    due: at('29T14:00:00'),
    missed: { first: at('29T10:30:00'), last: at('29T13:30:00'), count: 7 },
    handledUntil: at('29T14:00:00'),
  });
});

it('a year without a worker is counted up to a limit', () => {
  const found = dueNow(
    { ...nightly, cron: '* * * * *', handledUntil: new Date('2025-11-29T00:00:00Z') },
    at('29T12:00:30'),
  );
  expect(found?.due).toEqual(at('29T12:00:00'));
  expect(found?.missed?.count).toBe(1_000);
});

it('a clock that is set back does not silence it, and one that is a little behind another machine changes nothing', () => {
  const ahead = { ...nightly, handledUntil: new Date('2031-01-01T22:00:00Z') };
  const set = dueNow(ahead, at('29T21:00:00'));
  expect(set).toEqual({ handledUntil: at('29T21:00:00') });
  expect(dueNow({ ...ahead, ...set }, at('29T22:00:00'))?.due).toEqual(at('29T22:00:00'));
  expect(dueNow({ ...nightly, handledUntil: at('29T22:00:00') }, at('29T21:59:30'))).toBeNull();
});

it('at the change of clocks 2:30 is due once', () => {
  const berlin = { ...nightly, cron: '30 2 * * *', timezone: 'Europe/Berlin' };
  const night = (change: string) => {
    const start = new Date(`${change}T00:00:00Z`).getTime() - 2 * HOUR_MS;
    let handledUntil = new Date(start);
    const seen: string[] = [];
    for (let now = start; now < start + 8 * HOUR_MS; now += HOUR_MS / 4) {
      const found = dueNow({ ...berlin, handledUntil }, new Date(now));
      if (found?.due !== undefined) seen.push(found.due.toISOString());
      if (found !== null) handledUntil = found.handledUntil;
    }
    return seen;
  };
  expect(night('2026-03-29')).toEqual(['2026-03-29T01:30:00.000Z']);
  expect(night('2026-10-25')).toEqual(['2026-10-25T00:30:00.000Z']);
});
