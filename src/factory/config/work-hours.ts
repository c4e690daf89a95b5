/** The hours of a day in which calls of models may begin. Pure: the moment comes in, zones are Intl's. */

/** Minutes of the day; over midnight `to` is the smaller one. */
interface Hours {
  from: number;
  to: number;
}

const SHAPE = /^([01]?\d|2[0-3]):([0-5]\d)\s*-\s*([01]?\d|2[0-4]):([0-5]\d)$/;
const DAY = 24 * 60;
const MINUTE_MS = 60_000;

/** What is wrong with a text such as `22:00-07:00`, `null` when it is one. */
export function hoursProblem(text: string): string | null {
  const hours = readHours(text);
  if (hours === null)
    return `${JSON.stringify(text)} is no time from one hour to another, such as 22:00-07:00`;
  if (hours.from % DAY !== hours.to % DAY) return null;
  return 'start and end are the same; leave workHours out to work at any time';
}

export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== null;
  } catch {
    return false; // what Intl does not know
  }
}

export interface WorkHours {
  workHours?: string | undefined;
  /** Missing: the machine's. */
  timezone?: string | undefined;
}

/** When work may go on by its hours; `null`: it may now. */
export function closedUntil({ workHours, timezone }: WorkHours, now: Date): Date | null {
  const hours = workHours === undefined ? null : readHours(workHours);
  if (hours === null) return null;
  const clock = wallClock(timezone);
  if (isOpen(hours, clock(now))) return null;
  const wait = (hours.from - clock(now) + DAY) % DAY;
  // Clocks are put forward and back meanwhile, by two hours at the most: from there on each minute is looked at.
  const minute = Math.floor(now.getTime() / MINUTE_MS) + 1;
  for (let at = Math.max(minute, minute + wait - 121); ; at += 1) {
    const moment = new Date(at * MINUTE_MS);
    if (isOpen(hours, clock(moment)) || at > minute + 2 * DAY) return moment;
  }
}

/** How long the hours of a day are, in milliseconds; `null`: all of it. A change of clocks makes one night of two shorter or longer. */
export function hoursLength({ workHours }: WorkHours): number | null {
  const hours = workHours === undefined ? null : readHours(workHours);
  if (hours === null) return null;
  return ((hours.to - hours.from + DAY) % DAY) * MINUTE_MS;
}

/** For people: why nothing is asked now. */
export function closedText({ workHours = '', timezone }: WorkHours, until: Date): string {
  const at = new Intl.DateTimeFormat('en-GB', { timeZone: timezone, hour: '2-digit', minute: '2-digit' });
  const zone = timezone === undefined ? '' : ` ${timezone}`;
  return `Outside the work hours (${workHours}${zone}); it goes on at ${at.format(until)}.`;
}

function readHours(text: string): Hours | null {
  const [, fromHour, fromMinute, toHour, toMinute] = SHAPE.exec(text.trim()) ?? [];
  if (fromHour === undefined) return null;
  const to = Number(toHour) * 60 + Number(toMinute);
  return to > DAY ? null : { from: Number(fromHour) * 60 + Number(fromMinute), to };
}

function isOpen({ from, to }: Hours, minute: number): boolean {
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

/** Minutes since midnight by the clock on the wall. */
function wallClock(timeZone: string | undefined): (moment: Date) => number {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return (moment) => {
    const [hour = 0, minute = 0] = format.format(moment).split(':').map(Number);
    return hour * 60 + minute;
  };
}
