/** Header names in lower case. */
export type Headers = Record<string, string>;

export interface RetryTime {
  /** Milliseconds that the provider asked us to wait. */
  retryAfterMs?: number;
  /** The moment at which it says it will serve again. */
  resetAt?: Date;
}

const SECOND = 1_000;
const UNIT_MS: Record<string, number> = {
  ms: 1,
  s: SECOND,
  m: 60 * SECOND,
  h: 3_600 * SECOND,
  d: 86_400 * SECOND,
};
const UNIT_DAY_MS = 86_400 * SECOND;
/** A wait of more than this is no rate limit but a mistake of a clock or a unit. */
const LONGEST_MS = 7 * 86_400 * SECOND;

/**
 * When a provider will serve again, from its headers first, then from its words. Pure.
 *
 * Headers in the order of trust: `retry-after-ms`, `retry-after` (seconds or an HTTP date), then the reset headers of
 * those limits of which nothing remains. Words: "regain access on 2026-12-01 at 00:00 UTC", "try again in 1m30.5s",
 * `"retryDelay": "34s"`. Nothing is returned for a time that cannot be: not a number, or more than a week away.
 */
export function readRetryTime(headers: Headers, message: string, now: Date): RetryTime {
  const resetAt = regainDate(message);
  if (resetAt) return { resetAt, retryAfterMs: Math.max(0, resetAt.getTime() - now.getTime()) };
  const wait = retryAfter(headers, now) ?? resetHeaders(headers, now) ?? waitInWords(message);
  return wait === undefined ? {} : { retryAfterMs: wait, resetAt: new Date(now.getTime() + wait) };
}

const sane = (wait: number): number | undefined =>
  Number.isFinite(wait) && wait <= LONGEST_MS ? Math.max(0, Math.ceil(wait)) : undefined;

function retryAfter(headers: Headers, now: Date): number | undefined {
  const exact = headers['retry-after-ms'];
  if (exact !== undefined && exact.trim() !== '' && Number.isFinite(Number(exact)))
    return sane(Number(exact));
  const value = headers['retry-after']?.trim();
  if (!value) return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return sane(seconds * SECOND);
  return sane(Date.parse(value) - now.getTime());
}

/** The latest reset among the limits that are used up; among all of them when none says how much remains. */
function resetHeaders(headers: Headers, now: Date): number | undefined {
  const resets: { wait: number; remaining: number | undefined }[] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (!/^(x-|anthropic-)?ratelimit-/.test(name) || !/reset/.test(name)) continue;
    const wait = resetValue(value, now);
    const remaining = headers[name.replace('reset', 'remaining')];
    if (wait !== undefined)
      resets.push({ wait, remaining: remaining === undefined ? undefined : Number(remaining) });
  }
  const empty = resets.filter((reset) => reset.remaining === 0);
  const chosen = empty.length > 0 ? empty : resets.filter((reset) => reset.remaining === undefined);
  return chosen.length > 0 ? Math.max(...chosen.map((reset) => reset.wait)) : undefined;
}

/** `1s`, `6m0s`, `20ms` (OpenAI), an RFC 3339 time (Anthropic), seconds, or seconds or milliseconds since the epoch. */
function resetValue(value: string, now: Date): number | undefined {
  const text = value.trim();
  const number = Number(text);
  if (text !== '' && Number.isFinite(number)) {
    if (number > 1e12) return sane(number - now.getTime());
    if (number > 1e9) return sane(number * SECOND - now.getTime());
    return sane(number * SECOND);
  }
  return goDuration(text) ?? sane(Date.parse(text) - now.getTime());
}

/** `1h2m3.5s`, `20ms` */
function goDuration(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0);
  }
  return sane(total);
}

function waitInWords(message: string): number | undefined {
  const short = /(?:try again|retry|available again) (?:in|after) ((?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+)\b/i.exec(
    message,
  )?.[1];
  if (short) return goDuration(short.toLowerCase());
  const long =
    /(?:try again in|try again after|retry in|retry after|available again in|available again after|please wait) (\d+(?:\.\d+)?) (second|minute|hour)s?\b/i.exec(
      message,
    );
  if (long) return sane(Number(long[1]) * (UNIT_MS[(long[2] ?? '').charAt(0).toLowerCase()] ?? 0));
  const google = /"?retryDelay"?\s*:\s*"(\d+(?:\.\d+)?)s"/.exec(message)?.[1];
  return google === undefined ? undefined : sane(Number(google) * SECOND);
}

/**
 * "You will regain access on 2026-12-01 at 00:00 UTC." "Your limit will reset at 2026-11-30T15:00:00Z." Months away is right
 * here: it is the provider's own promise. A time of day without a zone is nobody's.
 */
export function regainDate(message: string): Date | undefined {
  const zoned =
    /\bresets? (?:at|on) (\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?) ?(Z|UTC|GMT|[+-]\d{2}:?\d{2})/i.exec(
      message,
    );
  if (zoned) return moment(`${zoned[1]}T${zoned[2]}${/^[+-]/.test(zoned[3] ?? '') ? zoned[3] : 'Z'}`);
  const words = /regain access on ([A-Za-z0-9 ,:+-]+?)(?: UTC)?[.!]?(?:["\n]|$|\. )/i.exec(message)?.[1];
  if (words === undefined) return undefined;
  const plain = words
    .replace(/\bat\b/i, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const iso = /^(\d{4}-\d{2}-\d{2})(?: (\d{2}:\d{2}(?::\d{2})?))?$/.exec(plain);
  return moment(iso ? `${iso[1]}T${iso[2] ?? '00:00'}Z` : `${plain} UTC`);
}

function moment(text: string): Date | undefined {
  const time = Date.parse(text);
  return Number.isFinite(time) ? new Date(time) : undefined;
}

/** The next midnight in California, where quotas of the day end. */
export function pacificMidnight(now: Date): Date {
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone: 'America/Los_Angeles',
    hourCycle: 'h23',
    ...({ hour: '2-digit', minute: '2-digit', second: '2-digit' } as const),
  });
  const part = Object.fromEntries(clock.formatToParts(now).map(({ type, value }) => [type, Number(value)]));
  const passed = ((part['hour'] ?? 0) * 3_600 + (part['minute'] ?? 0) * 60 + (part['second'] ?? 0)) * SECOND;
  return new Date(Math.ceil((now.getTime() - passed) / SECOND) * SECOND + UNIT_DAY_MS);
}
