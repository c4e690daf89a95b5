import type { Evidence } from '../../model/task.ts';
import { missingCommand } from './checks.ts';
import { meets } from './exit-code.ts';
import { outcomeText } from './run-check.ts';
import type { GateHands, GateRun } from './types.ts';
import type { ScratchTree } from '../../ports/workspace.ts';

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
    passed: meets(result, expectedExitCode),
    durationMs: result.durationMs,
    outputBytes: result.outputBytes,
    outputHash: result.outputHash,
    outputFile: relative,
    at: hands.now(),
    output: outcomeText(result, run.timeoutMs, expectedExitCode),
  };
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
