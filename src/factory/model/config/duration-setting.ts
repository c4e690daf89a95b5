import * as z from 'zod';
import { parseDuration } from '../../../lib/duration.ts';

/** A duration in config.yaml: `12h`, `30s`, `500ms`. Parsed to milliseconds. */
export const duration = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform((text, context) => {
      const value = parseDuration(text);
      if (value !== null) return value;
      context.addIssue({ code: 'custom', message: `"${text}" is no duration; write 12h, 30m, 45s or 500ms` });
      return z.NEVER;
    });
