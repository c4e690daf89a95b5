import { expect, test } from 'vitest';
import { limitOf } from '../../src/forge/problems.ts';

const NOW = new Date('2026-03-01T00:00:00Z');
const HOUR = 3_600;
/** Seconds until something may be asked again; `null`: at once. */
function waitOf(status: number, headers: Record<string, string>, text = ''): number | null {
  const until = limitOf(new Response(null, { status, headers }), text, NOW);
  return until === null ? null : (until.getTime() - NOW.getTime()) / 1_000;
}
const inTime = (seconds: number) => String(NOW.getTime() / 1_000 + seconds);

test('A114 a limit holds until the forge said, however far that is and whatever its clock shows', () => {
  const none = { 'x-ratelimit-remaining': '0' };
  expect(waitOf(429, { ...none, 'x-ratelimit-reset': inTime(2 * HOUR) })).toBe(2 * HOUR);
  expect(waitOf(403, { ...none, 'x-ratelimit-reset': inTime(60) })).toBe(60);
  expect(waitOf(200, { ...none, 'x-ratelimit-reset': inTime(60) })).toBe(60);
  const ahead = new Date(NOW.getTime() + HOUR * 1_000).toUTCString();
  expect(waitOf(429, { ...none, 'x-ratelimit-reset': inTime(HOUR + 60), date: ahead })).toBe(60);
  expect(waitOf(403, { 'retry-after': '90' })).toBe(90);
  expect(waitOf(429, { 'retry-after': new Date(NOW.getTime() + 120_000).toUTCString() })).toBe(120);
  expect(waitOf(429, {})).toBe(60);
  expect(waitOf(403, {}, 'You have exceeded a secondary rate limit')).toBe(60);
  expect(waitOf(403, {}, 'Resource not accessible')).toBeNull();
  expect(waitOf(200, { 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': inTime(60) })).toBeNull();
});
