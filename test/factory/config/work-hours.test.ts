import { describe, expect, it } from 'vitest';
import { config } from '../../../src/factory/config/config.ts';
import { closedText, closedUntil, hoursProblem } from '../../../src/factory/config/work-hours.ts';

const BERLIN = { workHours: '22:00-07:00', timezone: 'Europe/Berlin' };
const until = (now: string, hours: object = BERLIN) =>
  closedUntil(hours, new Date(now))?.toISOString() ?? null;

describe('work hours', () => {
  it('that are not set are always', () => {
    expect(until('2026-11-29T12:00:00Z', {})).toBeNull();
  });

  it.each([
    ['2026-11-29T20:59:59Z', '2026-11-29T21:00:00.000Z'],
    ['2026-11-29T21:00:00Z', null],
    ['2026-11-30T02:00:00Z', null],
    ['2026-11-30T05:59:59Z', null],
    ['2026-11-30T06:00:00Z', '2026-11-30T21:00:00.000Z'],
  ])('over midnight are open from the first minute to the last one before the end: %s', (now, opens) => {
    expect(until(now)).toBe(opens);
  });

  it('within a day, and to its end', () => {
    const day = { workHours: '9:30-24:00', timezone: 'UTC' };
    expect(until('2026-11-29T09:29:30Z', day)).toBe('2026-11-29T09:30:00.000Z');
    expect(until('2026-11-29T23:59:59Z', day)).toBeNull();
    expect(until('2026-11-30T00:00:00Z', day)).toBe('2026-11-30T09:30:00.000Z');
  });

  it('come an hour earlier where the clocks were put forward meanwhile', () => {
    // On 2026-03-29 Berlin goes from +01:00 to +02:00 at 01:00 UTC.
    expect(until('2026-03-28T07:00:00Z')).toBe('2026-03-28T21:00:00.000Z');
    expect(until('2026-03-29T05:00:00Z')).toBe('2026-03-29T20:00:00.000Z');
    const early = { workHours: '04:00-05:00', timezone: 'Europe/Berlin' };
    expect(until('2026-03-28T23:00:00Z', early)).toBe('2026-03-29T02:00:00.000Z');
  });

  it('that begin in the hour that is left out begin after it', () => {
    const lost = { workHours: '02:30-03:30', timezone: 'Europe/Berlin' };
    expect(until('2026-03-28T23:00:00Z', lost)).toBe('2026-03-29T01:00:00.000Z');
  });

  it('come an hour later where the clocks were put back, and the hour that comes twice is open twice', () => {
    // On 2026-10-25 Berlin goes from +02:00 to +01:00 at 01:00 UTC.
    expect(until('2026-10-24T12:00:00Z')).toBe('2026-10-24T20:00:00.000Z');
    expect(until('2026-10-25T12:00:00Z')).toBe('2026-10-25T21:00:00.000Z');
    const early = { workHours: '04:00-05:00', timezone: 'Europe/Berlin' };
    expect(until('2026-10-24T22:00:00Z', early)).toBe('2026-10-25T03:00:00.000Z');
    const twice = { workHours: '02:00-03:00', timezone: 'Europe/Berlin' };
    expect(until('2026-10-25T00:30:00Z', twice)).toBeNull();
    expect(until('2026-10-25T01:30:00Z', twice)).toBeNull();
    expect(until('2026-10-25T02:00:00Z', twice)).toBe('2026-10-26T01:00:00.000Z');
  });

  it('in zones of half hours', () => {
    expect(until('2026-11-29T12:00:00Z', { workHours: '22:00-07:00', timezone: 'Asia/Kolkata' })).toBe(
      '2026-11-29T16:30:00.000Z',
    );
  });

  it.each(['22:00', '25:00-07:00', '22:00-24:30', 'night', '22-7', ''])('%j are none', (text) => {
    expect(hoursProblem(text)).toMatch(/is no time from one hour to another/);
  });

  it.each(['22:00-22:00', '00:00-24:00'])('that begin when they end are refused in words: %s', (text) => {
    expect(hoursProblem(text)).toMatch(/start and end are the same/);
    expect(config.safeParse({ workHours: text }).error?.issues[0]?.message).toMatch(/leave workHours out/);
  });

  it('of no zone are refused, and what is said names hours, zone and time', () => {
    expect(config.safeParse({ timezone: 'Middle/Earth' }).success).toBe(false);
    expect(closedText(BERLIN, new Date('2026-11-29T21:00:00Z'))).toBe(
      'Outside the work hours (22:00-07:00 Europe/Berlin); it goes on at 22:00.',
    );
  });
});
