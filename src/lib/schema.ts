import * as z from 'zod';

/** A moment: ISO 8601 in files and JSON, a `Date` in memory. */
export const moment = z.coerce.date();

/** A US-dollar amount that is never negative, NaN or infinite. */
export const usd = z.number().nonnegative().finite();

/** What somebody lets be spent: above zero, and no less than the billionth of a dollar that is counted. */
export const cap = usd.min(1e-9, 'a budget is an amount of US dollars above zero');

/** Milliseconds, whole, above zero. */
export const milliseconds = z.number().int().positive();

/** A confidence from 0 (a guess) to 1 (certain). */
export const confidence = z.number().min(0).max(1);

/**
 * A problem that a schema found: `tasks.3.title: …`.
 *
 * @param ofUnknown what is said of a field that there is not, in words that go on after its name. Missing: the schema's own
 */
export function placeAndProblem(issue: z.core.$ZodIssue | undefined, ofUnknown?: string): string {
  if (issue === undefined) return 'is not valid';
  const { path } = issue;
  if (issue.code === 'unrecognized_keys' && ofUnknown !== undefined)
    return `${[...path, issue.keys.join(', ')].join('.')} ${ofUnknown}`;
  return path.length === 0 ? issue.message : `${path.join('.')}: ${issue.message}`;
}

/**
 * The form of state documents that this program reads and writes. A change that an older program must not miss (a field
 * renamed, moved or of another meaning) takes the next number and a step in src/state/documents/migrations.ts. A field that is only
 * added takes none: an older program refuses a document with an entry that it does not know.
 */
export const SCHEMA_VERSION = 1;

/** Every state document carries the version of its form (for migrations) and a counter of its updates. */
export const documentHead = {
  schemaVersion: z.literal(SCHEMA_VERSION).default(SCHEMA_VERSION),
  version: z.number().int().nonnegative().default(0),
};
