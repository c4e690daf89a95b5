import { readFailures, type TestFailure } from '../gates/outputs/failures.ts';
import type { CheckResult, QualityReport } from '../model/gates/gate-report.ts';
import type { Project } from '../model/project.ts';
import type { StateStore } from '../ports.ts';

/** A check of the newest gate that did not pass, and what its output says of it. */
export interface FailingCheck extends Pick<CheckResult, 'name' | 'command' | 'exitCode' | 'knownFailure'> {
  persona: string;
  round: number;
  commit: string;
  failures: TestFailure[];
}

/** Of the newest gate alone: what an earlier one failed at may be mended. None where it passed. */
export async function failingChecks(
  state: Pick<StateStore, 'readOutput'>,
  project: Pick<Project, 'id' | 'worktreePath' | 'status'>,
  gates: readonly QualityReport[],
): Promise<FailingCheck[]> {
  const gate = gates.findLast(({ kind }) => kind !== 'baseline');
  if (gate === undefined || gate.passed) return [];
  const failed = gate.checks.filter((check) => check.required && !check.passed);
  return Promise.all(
    failed.map(async (check) => ({
      ...{ name: check.name, command: check.command, exitCode: check.exitCode },
      ...{ knownFailure: check.knownFailure, persona: gate.persona, round: gate.round, commit: gate.commit },
      failures: readFailures(await outputOf(state, project.id, check), [project.worktreePath]),
    })),
  );
}

/** All of it while it is there; head and tail stay with the report. */
async function outputOf(
  { readOutput }: Pick<StateStore, 'readOutput'>,
  projectId: string,
  { output, outputFile, sealed }: CheckResult,
): Promise<string> {
  if (outputFile === undefined || sealed) return output;
  const whole = await readOutput(projectId, outputFile).catch(() => '');
  return whole === '' ? output : whole;
}
