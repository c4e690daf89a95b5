import * as z from 'zod';

/** A text that may be missing. */
export const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

/** An address that is shown as a link. */
export const address = z.url({ protocol: /^https?$/ });

/** Of a user who is gone forges say nothing; GitHub has this name for them. */
export const GONE = 'ghost';
