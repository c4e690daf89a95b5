/**
 * The files that take longest, roughly in order. One of them that began last would run alone in the end; and those that mostly wait
 * have others beside them that compute.
 */
export const LONGEST: readonly string[] = [
  'e2e/money/money-limits.test.ts',
  'e2e/lifecycle.test.ts',
  'producers/cli/lifecycle.real.test.ts',
  'e2e/money/money.test.ts',
  'e2e/audits.test.ts',
  'factory/gates/proof/changed-behaviour.real.test.ts',
  'producers/cli/machine.real.test.ts',
  'faults/watchdogs.test.ts',
  'e2e/gates/liars-claims.test.ts',
  'sandbox/limits.real.test.ts',
  'e2e/forges/issue-to-green.test.ts',
  'e2e/gates/seal-with.test.ts',
  'factory/finance/workers.real.test.ts',
  'e2e/main-job.test.ts',
  'e2e/gates/gates.test.ts',
  'faults/crashes.test.ts',
  'factory/gates/proof/moved-behaviour.real.test.ts',
  'factory/gates/control/control.real.test.ts',
  'e2e/by-hand.test.ts',
  'pages/safe.real.test.ts',
  'repo/package.real.test.ts',
  'state/crash.real.test.ts',
  'e2e/notifications.test.ts',
  'e2e/worktree.test.ts',
  'e2e/money/money-workers.test.ts',
  'e2e/emergency-stop.test.ts',
  'producers/cli/refusals/bad-home.real.test.ts',
  'e2e/nights/night.test.ts',
  'pages/night.real.test.ts',
  'producers/review/review.real.test.ts',
  'e2e/questions.test.ts',
  'e2e/secrets/keys.test.ts',
  'workspace/ecosystems.real.test.ts',
  'factory/gates/proof/old-tests.real.test.ts',
  'producers/cli/commands/service/unattended.real.test.ts',
  'e2e/forks/fork-cases.test.ts',
  'pages/away.real.test.ts',
  'sandbox/shared-memory.real.test.ts',
  'e2e/late-orders.test.ts',
  'producers/cli/health.real.test.ts',
  'producers/cli/documents.real.test.ts',
  'sandbox/logins.real.test.ts',
  'workspace/unlocked.real.test.ts',
  'producers/cli/examples.real.test.ts',
  'git/crash.real.test.ts',
  'faults/audit-log.test.ts',
  'e2e/forks/fork-kills.test.ts',
  'e2e/forks/fork-shares.test.ts',
  'repo/bun.real.test.ts',
  'producers/cli/unread.real.test.ts',
  'e2e/gates/sealed.test.ts',
  'faults/queues.test.ts',
  'e2e/retry.test.ts',
  'queues/outage.real.test.ts',
  'workspace/scratch-trees.real.test.ts',
];
/** Whole scenarios take longer than all else, however few lines they have. */
const SCENARIOS = /\/test\/(e2e|faults|producers\/cli)\//;

/** Where a test file comes in the order. */
export function placeOf(moduleId: string): number {
  const named = LONGEST.findIndex((file) => moduleId.endsWith(`/test/${file}`));
  if (named !== -1) return named;
  return LONGEST.length + (SCENARIOS.test(moduleId) ? 0 : 1);
}
