import type { QualityReport } from '../model/gates/gate-report.ts';
import type { Project } from '../model/project.ts';
import type { Criterion, CriterionOnBase, Evidence, Task } from '../model/task.ts';
import { notSeenOnBase } from '../tasks/proof/on-base.ts';
import { definingCommands, openProofPlace, type ProofPlace } from '../tasks/proof/proof-place.ts';
import { proveTask, seeOnBase } from '../tasks/proof/prove.ts';
import { isRunOf, newestEvidence } from '../tasks/proof/runs.ts';
import type { Proof } from './audit.ts';
import type { AuditDeps } from './deps.ts';
import { type ChecksOf, checksOf, gateAt } from './last-gates.ts';

export interface ProofSource {
  deps: AuditDeps;
  project: Project;
  commit: string;
  /** Agents are at work meanwhile: what is known must do, for what they just do is not committed yet. */
  busy: boolean;
  reports: readonly QualityReport[];
  signal: AbortSignal;
}

/**
 * What the factory itself can say of each task of one audit. What passed at the audited commit already is not run again,
 * nor is a command that another task has had run in the same audit. Criteria that pass and were never run on the base
 * commit are run there, unless agents are at work: the closing audit is the latest time for it.
 */
export async function createProver(source: ProofSource): Promise<Prover> {
  const { deps, project, commit } = source;
  const checks = await checksOf(deps, project);
  const { tasks } = await deps.state.tasks(project.id).get();
  const place = openProofPlace(deps, project, commit, definingCommands([...checks.values()].flat(), tasks));
  const bench: Bench = { place, ran: new Map(), onBase: new Map() };
  return {
    async prove(task) {
      const own = task.criteria.filter((each) => !each.fromPersona);
      const standing = standingProof(source, task, own.length > 0 ? own : task.criteria);
      const proof =
        standing ??
        (own.length === 0
          ? gateProof(source, task, checks)
          : source.busy
            ? knownFailure(task, own)
            : await runProof(source, task, own, bench));
      if (source.busy || proof.state !== 'passed') return proof;
      return { ...proof, onBase: await lookAtBase(source, task, bench) };
    },
    close: () => place.close(),
  };
}

export interface Prover {
  prove(task: Task): Promise<Proof>;
  /** To be called in any case. */
  close(): Promise<void>;
}

/** What commands of one audit share. */
interface Bench {
  place: ProofPlace;
  ran: Map<string, Evidence>;
  onBase: Map<string, CriterionOnBase>;
}

const commandKey = ({ command, expectedExitCode }: Criterion): string => `${expectedExitCode} ${command}`;

async function lookAtBase(source: ProofSource, task: Task, bench: Bench): Promise<CriterionOnBase[]> {
  const wanted = notSeenOnBase(task);
  const missing = wanted.filter((each) => !bench.onBase.has(commandKey(each)));
  for (const seen of await seeOnBase(source.deps, runOf(source, bench), missing))
    bench.onBase.set(commandKey(seen), seen);
  return wanted.flatMap((each) => {
    const seen = bench.onBase.get(commandKey(each));
    return seen === undefined ? [] : [{ ...seen, name: each.name }];
  });
}

const runOf = ({ deps, project, signal }: ProofSource, { place }: Bench) => ({
  project,
  gateChecks: [],
  commandTimeoutMs: deps.config.gates.timeout,
  place,
  signal,
});

/** Every criterion passed, and nothing has overtaken that since. */
function standingProof(
  { commit, busy }: ProofSource,
  task: Task,
  criteria: readonly Criterion[],
): Proof | null {
  if (criteria.length === 0) return null;
  const newest = newestEvidence(task.evidence);
  const evidence = criteria.map((criterion) => newest.find((each) => isRunOf(each, criterion)));
  const holds = (each: Evidence | undefined): each is Evidence =>
    each?.passed === true && !each.stale && (busy || each.commit === commit);
  return evidence.every(holds) ? { state: 'passed', evidence, fresh: [] } : null;
}

/** While agents are at work a failure that was seen at this commit stands; everything else is open. */
function knownFailure(task: Task, criteria: readonly Criterion[]): Proof {
  const evidence = newestEvidence(task.evidence).filter(
    (each) => !each.stale && criteria.some((criterion) => isRunOf(each, criterion)),
  );
  return { state: evidence.some((each) => !each.passed) ? 'failed' : 'unknown', evidence, fresh: [] };
}

/** For a weakly specified task: the newest gate that ran on the audited commit, of its own persona where it has one. */
function gateProof({ reports, commit }: ProofSource, task: Task, checks: ChecksOf): Proof {
  const report = gateAt(checks, reports, commit, task.assignedPersona);
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
      ({ name, passed, command, exitCode, durationMs, outputBytes, outputHash, outputFile }): Evidence => ({
        ...about,
        name,
        passed,
        ...(command === undefined ? {} : { command }),
        ...(exitCode === undefined ? {} : { exitCode }),
        ...(durationMs === undefined ? {} : { durationMs }),
        ...(outputBytes === undefined ? {} : { outputBytes }),
        ...(outputHash === undefined ? {} : { outputHash }),
        ...(outputFile === undefined ? {} : { outputFile }),
      }),
    );
  // The whole says more than its checks: changed definitions fail a gate in which every command passed.
  return [...checks, { ...about, name: 'gate', passed: report.passed, durationMs: report.durationMs }];
}

async function runProof(
  source: ProofSource,
  task: Task,
  criteria: readonly Criterion[],
  bench: Bench,
): Promise<Proof> {
  const { ran } = bench;
  const fresh: Evidence[] = [];
  for (const criterion of criteria) {
    const key = commandKey(criterion);
    const before = ran.get(key);
    if (before !== undefined) {
      fresh.push({ ...before, name: criterion.name });
      continue;
    }
    const [seen] = await proveTask(source.deps, runOf(source, bench), { ...task, criteria: [criterion] });
    if (seen === undefined || source.signal.aborted) return { state: 'unknown', evidence: fresh, fresh: [] };
    const { output: _output, ...evidence } = seen;
    ran.set(key, evidence);
    fresh.push(evidence);
  }
  return { state: fresh.every((each) => each.passed) ? 'passed' : 'failed', evidence: fresh, fresh };
}
