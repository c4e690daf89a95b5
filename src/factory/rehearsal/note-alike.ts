import { isFailure } from '../../lib/failure.ts';
import type { Asked, Note } from './deps.ts';
import { error, type Finding } from './finding.ts';

/** Notes what is found of each; what is the same for several is told once. */
export async function noteAlike<Each extends Asked>(
  note: Note,
  all: readonly Each[],
  find: (each: Each) => Promise<readonly Finding[]>,
): Promise<void> {
  const whose = new Map<string, { finding: Finding; of: Each[] }>();
  for (const each of all)
    for (const finding of await find(each)) {
      const key = JSON.stringify(finding);
      const known = whose.get(key) ?? { finding, of: [] };
      known.of.push(each);
      whose.set(key, known);
    }
  const together = new Map<string, { findings: Finding[]; of: Each[] }>();
  for (const { finding, of } of whose.values()) {
    const key = JSON.stringify(of.map((each) => all.indexOf(each)));
    const known = together.get(key) ?? { findings: [], of };
    known.findings.push(finding);
    together.set(key, known);
  }
  for (const { findings, of } of together.values()) note(of, findings);
}

/** What came of it, or the failure as a finding. */
export async function orFinding<T>(work: () => Promise<T>): Promise<{ value: T } | { found: Finding }> {
  try {
    return { value: await work() };
  } catch (failure) {
    if (!isFailure(failure)) throw failure;
    return { found: error(failure.message, failure.hint) };
  }
}
