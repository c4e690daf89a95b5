import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The files that take longest, in order. One of them that began last would run alone in the end. */
export const LONGEST: readonly string[] = [
  'e2e/lifecycle.test.ts',
  'e2e/money/money-limits.test.ts',
  'e2e/audits.test.ts',
  'e2e/money/money.test.ts',
  'queues/embedded.real.test.ts',
  'producers/cli/lifecycle.real.test.ts',
  'producers/cli/machine.real.test.ts',
  'factory/finance/workers.real.test.ts',
  'e2e/gates/gates.test.ts',
  'pages/night.real.test.ts',
  'e2e/main-job.test.ts',
  'faults/crashes.test.ts',
  'repo/package.real.test.ts',
  'faults/watchdogs.test.ts',
  'pages/safe.real.test.ts',
  'git/crash.real.test.ts',
  'factory/gates/proof/changed-behaviour.real.test.ts',
  'e2e/forges/issue-to-green.test.ts',
  'e2e/money/money-workers.test.ts',
  'state/crash.real.test.ts',
  'e2e/emergency-stop.test.ts',
  'e2e/gates/seal-with.test.ts',
  'producers/review/review.real.test.ts',
  'factory/gates/proof/moved-behaviour.real.test.ts',
  'sandbox/limits.real.test.ts',
  'e2e/gates/liars-claims.test.ts',
  'e2e/secrets/keys.test.ts',
  'producers/cli/commands/service/unattended.real.test.ts',
  'workspace/ecosystems.real.test.ts',
  'git/worktree/worktree.real.test.ts',
  'pages/away.real.test.ts',
  'producers/cli/health.real.test.ts',
  'e2e/by-hand.test.ts',
  'factory/gates/control/control.real.test.ts',
  'e2e/notifications.test.ts',
  'producers/cli/refusals/bad-home.real.test.ts',
];
/** Whole scenarios take longer than all else, however few lines they have. */
const SCENARIOS = /\/test\/(e2e|faults|producers\/cli)\//;

function place({ moduleId }: TestSpecification): number {
  const named = LONGEST.findIndex((file) => moduleId.endsWith(`/test/${file}`));
  if (named !== -1) return named;
  return LONGEST.length + (SCENARIOS.test(moduleId) ? 0 : 1);
}

/**
 * Begins with what takes longest, also on a machine that never ran the tests: without times of earlier runs the files would
 * be ordered by their size, which says little here.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const group = ({ project }: TestSpecification) => project.config.sequence.groupOrder;
    return (await super.sort(files)).sort((a, b) => group(a) - group(b) || place(a) - place(b));
  }
}
