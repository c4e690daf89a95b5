import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { presenceOf } from '../../../src/state/home/presence.ts';
import { withFolder } from '../support.ts';

it('a time without a worker is told from one that a worker slept through, and the present one is known too', () =>
  withFolder(async (data) => {
    let now = Date.parse('2026-03-01T20:00:00Z');
    const presence = presenceOf({ home: { data }, clock: { now: () => new Date(now) } });
    const pass = async (minutes: number) => {
      // The file's own time is the machine's: here it is what the clock says.
      await utimes(join(data, 'presence', 'alive'), new Date(now), new Date(now));
      now += minutes * 60_000;
    };
    expect(await presence.absences()).toEqual([]);
    let sign = await presence.beat(null);
    await pass(1);
    sign = await presence.beat(sign);
    expect(await presence.absences()).toEqual([]);
    await pass(120);
    await presence.beat(sign);
    await pass(30);
    expect(await presence.absences()).toMatchObject([
      { why: 'asleep' },
      { why: 'worker', to: new Date(now) },
    ]);
    await presence.beat(null);
    await pass(0);
    const told = await presence.absences();
    expect(told.map(({ from, to, why }) => [why, (to.getTime() - from.getTime()) / 60_000])).toEqual([
      ['asleep', 120],
      ['worker', 30],
    ]);
  }));

it('A140 what a clock showed that was ahead for a while is no absence', () =>
  withFolder(async (data) => {
    const real = Date.now();
    let now = real;
    const presence = presenceOf({ home: { data }, clock: { now: () => new Date(now) } });
    const sign = await presence.beat(null);
    now += 5 * 365 * 86_400_000;
    await presence.beat(sign);
    now = real;
    await presence.beat(sign);
    expect(await presence.absences()).toEqual([]);
  }));
