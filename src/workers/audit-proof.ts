import type { QualityReport } from '../factory/gates/report.ts';
import type { Project } from '../factory/project/project.ts';
import type { Proof } from '../factory/tasks/audit.ts';
import { newestEvidence } from '../factory/tasks/evidence.ts';
import { proveTask } from '../factory/tasks/prove.ts';
import type { Criterion, Evidence, Task } from '../factory/tasks/task.ts';
import type { Services } from '../services.ts';
import { gateHands } from './hands.ts';

export interface ProofSource {
  services: Services;
  project: Project;
  commit: string;
  /** Agents are at work in the worktree: nothing may be run there, and what is known must do. */
  busy: boolean;
  reports: readonly QualityReport[];
  signal: AbortSignal;
}

/**
 * What the factory itself can say of each task of one audit. What passed at the audited commit already is not run again,
 * nor is a command that another task has had run in the same audit.
 */
export function createProver(source: ProofSource): (task: Task) => Promise<Proof> {
  const ran = new Map<string, Evidence>();
  return async (task) => {
    const own = task.criteria.filter((each) => !each.fromPersona);
    const standing = standingProof(source, task, own.length > 0 ? own : task.criteria);
    if (standing !== null) return standing;
    if (own.length === 0) return gateProof(source, task);
    return source.busy ? knownFailure(task, own) : runProof(source, task, own, ran);
  };
}

/** Every criterion passed, and nothing has overtaken that since. */
function standingProof(
  { commit, busy }: ProofSource,
  task: Task,
  criteria: readonly Criterion[],
): Proof | null {
  if (criteria.length === 0) return null;
  const newest = newestEvidence(task.evidence).filter((each) => each.kind !== 'audit');
  const evidence = criteria.map(({ name }) => newest.find((each) => each.name === name));
  const holds = (each: Evidence | undefined): each is Evidence =>
    each?.passed === true && !each.stale && (busy || each.commit === commit);
  return evidence.every(holds) ? { state: 'passed', evidence, fresh: [] } : null;
}

/** While agents are at work a failure that was seen at this commit stands; everything else is open. */
function knownFailure(task: Task, criteria: readonly Criterion[]): Proof {
  const names = new Set(criteria.map(({ name }) => name));
  const evidence = newestEvidence(task.evidence).filter(
    (each) => each.kind !== 'audit' && names.has(each.name) && !each.stale,
  );
  return { state: evidence.some((each) => !each.passed) ? 'failed' : 'unknown', evidence, fresh: [] };
}

/** For a weakly specified task: the newest gate that ran on the audited commit, of its own persona where there is one. */
function gateProof({ reports, commit }: ProofSource, task: Task): Proof {
  const there = reports.filter((each) => each.kind !== 'baseline' && each.commit === commit);
  const report = there.findLast((each) => each.persona === task.assignedPersona) ?? there.at(-1);
  if (report === undefined) return { state: 'unknown', evidence: [], fresh: [] };
  const evidence = gateEvidence(report);
  const known = new Set(task.evidence.map(keyOf));
  const fresh = evidence.filter((each) => !known.has(keyOf(each)));
  return { state: report.passed ? 'passed' : 'failed', evidence, fresh };
}

const keyOf = ({ kind, name, commit, at }: Evidence): string =>
  `${kind} ${name} ${commit} ${at.toISOString()}`;

/** A gate that asks for nothing passes: the owner wanted the judge alone to decide. */
function gateEvidence(report: QualityReport): Evidence[] {
  const about = {
    kind: 'gate' as const,
    commit: report.commit,
    sandbox: report.sandbox,
    at: report.timestamp,
    judgedBy: 'factory',
    note: `gate ${report.id}`,
  };
  const checks = report.checks
    .filter((check) => check.required)
    .map(
      ({ name, passed, command, exitCode, durationMs, outputHash, outputFile }): Evidence => ({
        ...about,
        name,
        passed,
        ...(command === undefined ? {} : { command }),
        ...(exitCode === undefined ? {} : { exitCode }),
        ...(durationMs === undefined ? {} : { durationMs }),
        ...(outputHash === undefined ? {} : { outputHash }),
        ...(outputFile === undefined ? {} : { outputFile }),
      }),
    );
  // The whole says more than its checks: changed definitions fail a gate in which every command passed.
  return [...checks, { ...about, name: 'gate', passed: report.passed, durationMs: report.durationMs }];
}

async function runProof(
  { services, project, commit, signal }: ProofSource,
  task: Task,
  criteria: readonly Criterion[],
  ran: Map<string, Evidence>,
): Promise<Proof> {
  const hands = await gateHands(services);
  const fresh: Evidence[] = [];
  for (const criterion of criteria) {
    const key = `${criterion.expectedExitCode} ${criterion.command}`;
    const before = ran.get(key);
    if (before !== undefined) {
      fresh.push({ ...before, name: criterion.name });
      continue;
    }
    const run = {
      project,
      gateChecks: [],
      commandTimeoutMs: services.config.gates.timeout,
      commit,
      signal,
    };
    const [seen] = await proveTask(hands, run, { ...task, criteria: [criterion] });
    if (seen === undefined || signal.aborted) return { state: 'unknown', evidence: fresh, fresh: [] };
    const { output: _output, ...evidence } = seen;
    ran.set(key, evidence);
    fresh.push(evidence);
  }
  return { state: fresh.every((each) => each.passed) ? 'passed' : 'failed', evidence: fresh, fresh };
}
