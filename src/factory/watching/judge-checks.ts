import type { ForgeCheck } from '../ports.ts';

export type ChecksVerdict =
  | { kind: 'pending' }
  /** None has come at all. */
  | { kind: 'none' }
  | { kind: 'passed' }
  | { kind: 'failed'; failed: readonly ForgeCheck[] }
  /** These have not ended in time, and no other is red. */
  | { kind: 'overdue'; pending: readonly ForgeCheck[] };

/** Where no check is set up none comes; where one is, it comes within this. Milliseconds. */
const NONE_MS = 10 * 60_000;

/** What the checks of a commit come to. All of them are waited for, so that an agent is told of everything at once. Pure. */
export function judgeChecks(
  checks: readonly ForgeCheck[],
  { since, patience }: { since: Date; patience: number },
  now: Date,
): ChecksVerdict {
  const waited = now.getTime() - since.getTime();
  if (checks.length === 0)
    return waited > Math.min(patience, NONE_MS) ? { kind: 'none' } : { kind: 'pending' };
  const pending = checks.filter(({ state }) => state === 'pending');
  const failed = checks.filter(({ state }) => state === 'failed');
  if (pending.length > 0 && waited <= patience) return { kind: 'pending' };
  if (failed.length > 0) return { kind: 'failed', failed };
  return pending.length > 0 ? { kind: 'overdue', pending } : { kind: 'passed' };
}
