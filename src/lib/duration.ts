import ms from 'ms';

/** `12h`, `90s`, `500ms`, `5m`, `2 days`; a bare number would be ambiguous and is refused. */
const SHAPE = /^\s*\d+(\.\d+)?\s*(ms|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)\s*$/i;

/**
 * Reads a human duration.
 *
 * `ms` answers `undefined` for texts such as `1h30m` or `abc`, which would silently become "no limit";
 * here they are refused.
 *
 * @param text for example `12h` or `500ms`
 * @returns milliseconds, a positive finite integer, or `null` when the text is not a duration above zero
 */
export function parseDuration(text: string): number | null {
  if (!SHAPE.test(text)) return null;
  const value = ms(text.replace(/\s+/g, '') as ms.StringValue);
  return typeof value === 'number' && Number.isFinite(value) && value >= 1 ? Math.round(value) : null;
}

/**
 * Shows a duration to a person in its two largest units: `1h 05m`, `2m 03s`, `4.2s`, `850ms`.
 *
 * @param milliseconds zero or more; a negative value is shown as zero
 */
export function formatDuration(milliseconds: number): string {
  const value = Math.max(0, milliseconds);
  if (value < 1_000) return `${Math.round(value)}ms`;
  if (value < 60_000) return `${(Math.floor(value / 100) / 10).toFixed(1)}s`;
  const seconds = Math.floor(value / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m ${String(seconds % 60).padStart(2, '0')}s`;
  return `${Math.floor(seconds / 3_600)}h ${String(Math.floor((seconds % 3_600) / 60)).padStart(2, '0')}m`;
}

/** A year; longer ones that a person types are mistakes. */
export const LONGEST_DURATION_MS = 366 * 24 * 3_600_000;
