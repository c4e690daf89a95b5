/** A clock on the wall of a zone, which is put forward and back. What it shows is a reading: the moment at which a clock in UTC shows the same. */

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Clocks are put forward or back by less than that. */
const CHANGE_MS = 3 * 60 * MINUTE_MS;

export interface WallClock {
  /** What it shows, or, shortly before and after it is put, less: all readings of later moments are later than that. */
  readingAt(moment: Date): Date;
  /**
   * When it shows a reading: for the first time, and for the second where there is one. What it never shows, because it was put forward,
   * counts as shown as much later as it was put.
   *
   * `earliest`: no later reading is shown before.
   */
  momentsOf(reading: number): { earliest: number; first: number; second?: number };
}

/** Throws for a zone that this machine does not know. */
export function wallClock(timeZone: string): WallClock {
  const offsetAt = offsetsOf(timeZone);
  let known: { day: number; around: Around } | undefined;
  return {
    readingAt(moment) {
      const at = moment.getTime();
      const isPut = offsetAt(at - CHANGE_MS) !== offsetAt(at + CHANGE_MS);
      return new Date(at + offsetAt(at) - (isPut ? CHANGE_MS : 0));
    },
    momentsOf(reading) {
      const day = Math.floor(reading / DAY_MS);
      if (known?.day !== day) known = { day, around: changeAround(offsetAt, day) };
      const { before, after, change } = known.around;
      const [old, put] = [reading - before, reading - after];
      const earliest = Math.min(old, put);
      if (old < change)
        return { earliest, first: old, ...(put < change || put === old ? {} : { second: put }) };
      return { earliest, first: put < change ? old : put };
    },
  };
}

/** Offsets before and after a change of the clock, in milliseconds, and when it comes. Without one both are the same. */
interface Around {
  before: number;
  after: number;
  change: number;
}

/** Around all readings of a day, wherever on earth; clocks are not put twice in three days. */
function changeAround(offsetAt: (at: number) => number, day: number): Around {
  const [start, end] = [(day - 1) * DAY_MS, (day + 2) * DAY_MS];
  const [before, after] = [offsetAt(start), offsetAt(end)];
  if (before === after) return { before, after, change: end };
  let [same, other] = [start / MINUTE_MS, end / MINUTE_MS];
  while (other - same > 1) {
    const middle = Math.floor((same + other) / 2);
    if (offsetAt(middle * MINUTE_MS) === before) same = middle;
    else other = middle;
  }
  return { before, after, change: other * MINUTE_MS };
}

/** How many milliseconds the clock is ahead of UTC at a moment. */
function offsetsOf(timeZone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  return (at) => {
    const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const [, sign = '+', hours = 0, minutes = 0] = /([+-])(\d+):(\d+)/.exec(name) ?? [];
    return Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) * MINUTE_MS;
  };
}
