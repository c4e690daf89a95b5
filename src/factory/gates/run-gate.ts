import type { CommandResult, GitManager, Sandbox, StateStore } from '../ports.ts';
import type { Project } from '../project/project.ts';
import type { Evidence } from '../tasks/task.ts';
import { type GateCheck, missingCommand } from './checks.ts';
import { definitionsIn, sameGateScripts } from './ecosystem.ts';
import type { CheckResult, QualityReport } from './report.ts';

/** What running a gate or a criterion needs of the world. */
export interface GateHands {
  state: Pick<StateStore, 'newOutput'>;
  git: Pick<GitManager, 'listFiles' | 'showFile' | 'changedFiles'>;
  sandbox: Sandbox;
  now(): Date;
}

export interface GateRun {
  id: string;
  project: Project;
  persona: string;
  kind: QualityReport['kind'];
  round: number;
  /** HEAD of the worktree, in which everything is committed. */
  commit: string;
  checks: readonly GateCheck[];
  /** The baseline's report: what failed there is a known failure. */
  baseline: QualityReport | undefined;
  /** The owner lets the agent change gate definitions. */
  allowChanges: boolean;
  timeoutMs: number;
  signal: AbortSignal;
  progress(line: string): void;
}

/**
 * Runs every check of a gate, one after the other, in the sandbox, and reports. A failing check does not stop the others:
 * the agent is shown all of them at once.
 *
 * @throws what the sandbox throws when it cannot run anything at all; a command's own failure is a value
 */
export async function runGate(hands: GateHands, run: GateRun): Promise<QualityReport> {
  const started = hands.now();
  const checks: CheckResult[] = [];
  for (const check of run.checks) {
    if (run.signal.aborted) break;
    run.progress(`${check.name}: ${check.command ?? 'no command'}`);
    checks.push(await runCheck(hands, run, check));
  }
  const changedDefinitions = run.kind === 'baseline' ? [] : await findChangedDefinitions(hands.git, run);
  const definitionsHold = run.allowChanges || changedDefinitions.length === 0;
  return {
    schemaVersion: 1,
    id: run.id,
    projectId: run.project.id,
    persona: run.persona,
    kind: run.kind,
    round: run.round,
    commit: run.commit,
    sandbox: hands.sandbox.mechanism,
    passed:
      !run.signal.aborted && definitionsHold && checks.every((check) => check.passed || !check.required),
    checks,
    changedDefinitions,
    timestamp: started,
    durationMs: hands.now().getTime() - started.getTime(),
  };
}

async function runCheck(hands: GateHands, run: GateRun, check: GateCheck): Promise<CheckResult> {
  const base = {
    name: check.name,
    required: true,
    source: check.source,
    knownFailure: wasKnown(run.baseline, check),
  };
  if (check.command === null) {
    return { ...base, passed: false, output: missingCommand(check.name), exitCode: null };
  }
  const { result, relative } = await runInSandbox(hands, run, `gate-${check.name}`, check.command);
  return {
    ...base,
    command: check.command,
    passed: result.ended === 'exit' && result.exitCode === check.expectedExitCode,
    output: outcomeText(result, run.timeoutMs),
    exitCode: result.exitCode,
    durationMs: result.durationMs,
    outputHash: result.outputHash,
    outputFile: relative,
  };
}

function wasKnown(baseline: QualityReport | undefined, check: GateCheck): boolean {
  return baseline?.checks.some((each) => each.name === check.name && !each.passed) ?? false;
}

async function runInSandbox(
  hands: GateHands,
  run: Pick<GateRun, 'project' | 'timeoutMs' | 'signal'>,
  label: string,
  command: string,
) {
  const { file, relative } = await hands.state.newOutput(run.project.id, label);
  const result = await hands.sandbox.run({
    command,
    worktree: run.project.worktreePath,
    gitDir: run.project.gitDir,
    timeoutMs: run.timeoutMs,
    outputFile: file,
    signal: run.signal,
  });
  return { result, relative };
}

/** The command's output with a last line that says how it ended, where that is not plain from an exit code. */
function outcomeText(result: CommandResult, timeoutMs: number): string {
  const ending = {
    exit: result.exitCode === 127 ? 'The command was not found (exit code 127).' : '',
    timeout: `Ended by the factory: it took longer than ${Math.round(timeoutMs / 1_000)} s.`,
    aborted: 'Ended by the factory: the work was interrupted.',
    memory: 'Ended by the factory: it used too much memory.',
    processes: 'Ended by the factory: it started too many processes.',
  }[result.ended];
  return [result.output, ending].filter(Boolean).join('\n');
}

/**
 * Gate definitions that differ between the base commit and `commit`, new ones included: test and lint configuration,
 * `.npmrc`, CI files, Makefiles, and of package.json the scripts.
 */
async function findChangedDefinitions(git: GateHands['git'], run: GateRun): Promise<string[]> {
  const { repository, baseCommit } = run.project;
  const changed = await git.changedFiles(repository, baseCommit, run.commit);
  const definitions = definitionsIn(changed);
  for (const path of changed.filter((each) => /(^|\/)package\.json$/.test(each))) {
    const [before, after] = await Promise.all([
      git.showFile(repository, baseCommit, path),
      git.showFile(repository, run.commit, path),
    ]);
    if (before !== null && !sameGateScripts(before, after)) definitions.push(path);
  }
  return definitions.sort();
}

/** One command as evidence for a task: a criterion of its own, or a check of the persona's gate. */
export async function runCriterion(
  hands: GateHands,
  run: Pick<GateRun, 'project' | 'timeoutMs' | 'signal' | 'commit'>,
  criterion: { kind: 'criterion' | 'gate'; name: string; command: string | null; expectedExitCode: number },
): Promise<Evidence & { output: string }> {
  const { kind, name, command, expectedExitCode } = criterion;
  const base = { kind, name, commit: run.commit, sandbox: hands.sandbox.mechanism };
  if (command === null) {
    return { ...base, passed: false, at: hands.now(), output: missingCommand(name) };
  }
  const { result, relative } = await runInSandbox(hands, run, `criterion-${name}`, command);
  return {
    ...base,
    command,
    exitCode: result.exitCode,
    passed: result.ended === 'exit' && result.exitCode === expectedExitCode,
    durationMs: result.durationMs,
    outputHash: result.outputHash,
    outputFile: relative,
    at: hands.now(),
    output: outcomeText(result, run.timeoutMs),
  };
}

/** The ecosystem of a project's base commit, read through git. */
export function baseTree(git: Pick<GitManager, 'showFile'>, project: Project, paths: readonly string[]) {
  const known = new Set(paths);
  return {
    paths,
    has: (path: string) => known.has(path),
    read: (path: string) => git.showFile(project.repository, project.baseCommit, path),
  };
}

/** What the agent is told of a gate: each check with its outcome, and of the failing ones the output. */
export function describeReport(report: QualityReport): string {
  const lines = report.checks.map((check) => {
    const known = check.knownFailure && !check.passed ? ' (it failed on the base commit too)' : '';
    const head = `- ${check.name}: ${check.passed ? 'passed' : 'FAILED'}${known}${check.command ? ` \`${check.command}\`` : ''}`;
    return check.passed ? head : `${head}\n${indent(check.output)}`;
  });
  if (report.changedDefinitions.length > 0) {
    lines.push(
      `- gate changed: ${report.changedDefinitions.join(', ')}. What decides whether your work is done comes from the ` +
        'base commit; a change to it needs the owner. Put these files back as they were, or finish without them.',
    );
  }
  if (report.checks.length === 0) lines.push('- no checks are asked for');
  return lines.join('\n');
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}
