/** When a schedule's moments are. Pure: the moment comes in. */
import { CronExpressionParser } from 'cron-parser';
import { wallClock } from './wall-clock.ts';

const ALIASES: ReadonlySet<string> = new Set(['@hourly', '@daily', '@weekly', '@monthly', '@yearly']);
const EXAMPLE =
  'Write minute, hour, day of the month, month and day of the week: "0 22 * * 1-5" is 22:00 from Monday to Friday';

/** @returns what is wrong with an expression and what to do, `null` for one that has moments */
export function cronProblem(cron: string): { message: string; hint: string } | null {
  const text = cron.trim();
  const shown = JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
  const fields = text.split(/\s+/).filter((each) => each !== '').length;
  if (!ALIASES.has(text) && fields !== 5) {
    const has = fields === 1 ? '1 field' : `${fields} fields`;
    return { message: `${shown} has ${has}; a cron expression has five`, hint: EXAMPLE };
  }
  // What another program calls H is a time of its own choice, which nobody could foretell.
  if (/(^|[\s,])H([\s,/(]|$)/i.test(text))
    return { message: `${shown} is no cron expression: H is no time`, hint: EXAMPLE };
  try {
    CronExpressionParser.parse(text, { tz: 'UTC' }).next();
    return null;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    // The parser's words for a day that no month has.
    if (/day of month definition|loop limit/i.test(why))
      return {
        message: `${shown} never comes: no month has such a day`,
        hint: 'Name a day that there is; L in the third field is the last one of each month',
      };
    return { message: `${shown} is no cron expression: ${why.replace(/\.$/, '')}`, hint: EXAMPLE };
  }
}

/**
 * The moments of an expression by the clock on the wall of a zone. What is left out when clocks are put forward comes as much later as they
 * are put: an hour, mostly. An hour that comes twice when they are put back: a moment of a given hour comes with the first of both, one of
 * every hour with each.
 *
 * @returns at most so many after `after` and up to `until`; none where this machine does not know the zone
 */
export function momentsBetween(
  cron: string,
  timezone: string,
  { after, until, most }: { after: Date; until: Date; most: number },
): Date[] {
  const found = new Set<number>();
  try {
    const clock = wallClock(timezone);
    // The parser reads the clock on the wall as if it were never put: of some changes it makes too little.
    const wall = CronExpressionParser.parse(cron, { tz: 'UTC', currentDate: clock.readingAt(after) });
    const isOfEveryHour = wall.fields.hour.values.length === 24;
    for (;;) {
      const { earliest, first, second } = clock.momentsOf(wall.next().getTime());
      if (earliest > until.getTime() || (found.size >= most && earliest > Math.max(...found))) break;
      const moments = isOfEveryHour && second !== undefined ? [first, second] : [first];
      for (const at of moments) if (at > after.getTime() && at <= until.getTime()) found.add(at);
    }
  } catch {
    // There are no more.
  }
  const inOrder = [...found].sort((a, b) => a - b);
  return inOrder.slice(0, most).map((at) => new Date(at));
}

/** The first one after `after`; `null`: there is none. */
export function nextMoment(cron: string, timezone: string, after: Date): Date | null {
  const until = new Date(8.64e15);
  return momentsBetween(cron, timezone, { after, until, most: 1 })[0] ?? null;
}

/** For people: a moment by the clock on the wall of a zone, with the zone's name. */
export function inZone(moment: Date, timezone: string): string {
  try {
    const format = new Intl.DateTimeFormat('sv-SE', {
      timeZone: timezone,
      dateStyle: 'short',
      timeStyle: 'short',
    });
    return `${format.format(moment)} ${timezone}`;
  } catch {
    return `${moment.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  }
}
