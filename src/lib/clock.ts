/** Tells the time; handed in as an argument so that rules stay pure and tests need no sleeps. */
export interface Clock {
  now(): Date;
}

/** Clocks of several machines may differ by so many milliseconds. */
const SKEW_MS = 60_000;

/** What has happened was put down later than now: the clock was set back, and moments that were named then are as far away as it went. */
export const isOfFuture = (moment: Date, now: Date): boolean => moment.getTime() - now.getTime() > SKEW_MS;

export const systemClock: Clock = { now: () => new Date() };
