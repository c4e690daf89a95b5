import type { CheckResult } from '../../model/gates/gate-report.ts';
import { listNames } from '../proof/test-changes.ts';

/** Stands for their names, which no agent may know. */
export const SEALED_FILES = 'the sealed checks';

type Seen = Pick<CheckResult, 'rewritten'>;

/**
 * Code under test could rewrite the tests that are just about to run. What happens on the base commit, too, is its way.
 *
 * @param name of the run, as people know it
 */
export function rewrittenText(name: string, now: Seen, known: Seen | undefined): string[] {
  const before = known?.rewritten ?? [];
  const paths = (now.rewritten ?? []).filter((path) => !before.includes(path));
  if (paths.length === 0) return [];
  return [
    `${name}: while it ran, ${listNames(paths)} changed. A run that changes its own tests, or the packages that they use, proves ` +
      'nothing, also where it puts them back. Let code and tests write to a temporary folder.',
  ];
}
