/** Tells the time; handed in as an argument so that rules stay pure and tests need no sleeps. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };
