import { createHash } from 'node:crypto';
import type { CommandResult, GitManager, Sandbox, StateStore } from '../ports.ts';
import type { Project } from '../project/project.ts';
import type { Evidence } from '../tasks/task.ts';
import { type GateCheck, missingCommand } from './checks.ts';
import { isLockFile } from './definitions.ts';
import { type ChangedPath, findPins, type Pins, type Words } from './pins.ts';
import type { CheckResult, QualityReport } from './report.ts';
import { inScratchTree, type ScratchContent, type ScratchTree, type ScratchTrees } from './scratch.ts';

export { describeReport } from './describe.ts';

/** What running a gate or a criterion needs of the world. */
export interface GateHands {
  state: Pick<StateStore, 'newOutput'>;
  git: Pick<GitManager, 'listFiles' | 'showFile' | 'changedFiles'>;
  sandbox: Sandbox;
  now(): Date;
}

export interface GateRunHands extends GateHands {
  trees: ScratchTrees;
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
  /** Where a change of what decides about the work may be allowed. */
  words: Words;
  timeoutMs: number;
  signal: AbortSignal;
  progress(line: string): void;
}

/**
 * Runs every check of a gate, one after the other, in a scratch tree of the commit whose definitions of proof come from
 * the base commit, and reports. A failing check does not stop the others: the agent is shown all of them at once.
 *
 * @throws what the sandbox throws when it cannot run anything at all, and `environment`/`setup_failed` where dependencies
 *   had to be installed anew; a command's own failure is a value
 */
export async function runGate(hands: GateRunHands, run: GateRun): Promise<QualityReport> {
  const started = hands.now();
  const pins = await findPins(hands.git, run.project, run.commit, run.words);
  const content = await contentOf(hands.git, run, pins);
  const checks: CheckResult[] = [];
  await inScratchTree(hands.trees, run.project, content, async (tree) => {
    for (const check of run.checks) {
      if (run.signal.aborted) break;
      run.progress(`${check.name}: ${check.command ?? 'no command'}`);
      // What one check did must not decide the next one's outcome.
      if (checks.length > 0) await tree.restore();
      checks.push(await runCheck(run, check, tree));
    }
  });
  const objections = pins.changed.filter(({ allowed }) => allowed === null).map(objectionTo);
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
      !run.signal.aborted &&
      objections.length === 0 &&
      checks.every((check) => check.passed || !check.required),
    checks,
    changedDefinitions: pins.changed.map(({ path }) => path),
    allowedChanges: allowedIn(pins.changed),
    objections,
    timestamp: started,
    durationMs: hands.now().getTime() - started.getTime(),
  };
}

function objectionTo({ path }: ChangedPath): string {
  return (
    `gate changed: ${path} differs from the base commit, and nobody allowed that. What decides whether work is done comes ` +
    'from the base commit. Put it back as it was; if your task cannot be done without the change, say so in a task that ' +
    'names the file.'
  );
}

function allowedIn(changed: readonly ChangedPath[]): QualityReport['allowedChanges'] {
  return changed.flatMap(({ path, allowed }) => (allowed === null ? [] : [{ path, by: allowed }]));
}

/** The commit with the definitions of its base, and where the owner allowed other packages, with those installed. */
async function contentOf(
  git: GateRunHands['git'],
  { project, commit }: GateRun,
  pins: Pins,
): Promise<ScratchContent> {
  const locks = pins.changed.filter(({ path, allowed }) => allowed === 'owner' && isLockFile(path));
  const texts = await Promise.all(locks.map(({ path }) => git.showFile(project.repository, commit, path)));
  const hash = createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, 16);
  return {
    commit,
    over: [{ commit: project.baseCommit, paths: pins.fromBase }],
    texts: pins.texts,
    ...(locks.length === 0 ? {} : { dependencies: hash }),
  };
}

async function runCheck(run: GateRun, check: GateCheck, tree: ScratchTree): Promise<CheckResult> {
  const base = {
    name: check.name,
    required: true,
    source: check.source,
    knownFailure: wasKnown(run.baseline, check),
  };
  if (check.command === null) {
    return { ...base, passed: false, output: missingCommand(check.name), exitCode: null };
  }
  const { result, relative } = await tree.run({
    command: check.command,
    label: `gate-${check.name}`,
    timeoutMs: run.timeoutMs,
    signal: run.signal,
  });
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
  run: Pick<GateRun, 'project' | 'timeoutMs' | 'signal'> & { tree?: ScratchTree },
  label: string,
  command: string,
) {
  const { project, timeoutMs, signal, tree } = run;
  if (tree !== undefined) return tree.run({ command, label, timeoutMs, signal });
  const { file, relative } = await hands.state.newOutput(project.id, label);
  const result = await hands.sandbox.run({
    command,
    worktree: project.worktreePath,
    gitDir: project.gitDir,
    timeoutMs,
    outputFile: file,
    signal,
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
 * One command as evidence for a task: a criterion of its own, or a check of the persona's gate. Runs in the scratch tree
 * where one is given, else in the agent's worktree.
 */
export async function runCriterion(
  hands: GateHands,
  run: Pick<GateRun, 'project' | 'timeoutMs' | 'signal' | 'commit'> & { tree?: ScratchTree },
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
