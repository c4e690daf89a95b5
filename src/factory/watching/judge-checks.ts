import type { ForgeCheck } from '../ports.ts';

export type ChecksVerdict =
  | { kind: 'pending' }
  /** None has come at all. */
  | { kind: 'none' }
  | { kind: 'passed' }
  | { kind: 'failed'; failed: readonly ForgeCheck[] }
  /** These have given no verdict in time, and no other is red. */
  | { kind: 'overdue'; open: readonly ForgeCheck[] };

/** Where no check is set up none comes; where one is, it comes within this. Milliseconds. */
const NONE_MS = 10 * 60_000;

/**
 * What the checks of a commit come to. All of them are waited for, so that an agent is told of everything at once; one that was
 * cancelled, or that somebody has to let go on, is nothing that an agent could mend, and no green either. Pure.
 */
export function judgeChecks(
  checks: readonly ForgeCheck[],
  { since, patience }: { since: Date; patience: number },
  now: Date,
): ChecksVerdict {
  const waited = now.getTime() - since.getTime();
  if (checks.length === 0)
    return waited > Math.min(patience, NONE_MS) ? { kind: 'none' } : { kind: 'pending' };
  const failed = checks.filter(({ state }) => state === 'failed');
  const isAtWork = checks.some(({ state }) => state === 'pending');
  if (failed.length > 0 && (!isAtWork || waited > patience)) return { kind: 'failed', failed };
  const open = checks.filter(({ state }) => state === 'pending' || state === 'withheld');
  if (open.length === 0) return { kind: 'passed' };
  return waited > patience ? { kind: 'overdue', open } : { kind: 'pending' };
}
