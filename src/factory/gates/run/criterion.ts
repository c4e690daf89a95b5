import type { Evidence } from '../../model/task.ts';
import type { ScratchTree } from '../../ports/workspace.ts';
import { missingCommand } from './checks.ts';
import { meets } from './exit-code.ts';
import { outcomeText } from './run-check.ts';
import type { GateDeps, GateRun } from './types.ts';

/**
 * One command as evidence for a task: a criterion of its own, or a check of the persona's gate. Runs in a scratch
 * tree.
 */
export async function runCriterion(
  deps: GateDeps,
  run: Pick<GateRun, 'project' | 'timeoutMs' | 'signal' | 'commit'> & { tree: ScratchTree },
  criterion: { kind: 'criterion' | 'gate'; name: string; command: string | null; expectedExitCode: number },
): Promise<Evidence & { output: string }> {
  const { kind, name, command, expectedExitCode } = criterion;
  const base = { kind, name, commit: run.commit, sandbox: deps.sandbox.mechanism };
  if (command === null) {
    return { ...base, passed: false, at: deps.now(), output: missingCommand(name) };
  }
  const { tree, timeoutMs, signal } = run;
  const { result, relative } = await tree.run({ command, label: `criterion-${name}`, timeoutMs, signal });
  return {
    ...base,
    command,
    exitCode: result.exitCode,
    passed: meets(result, expectedExitCode),
    durationMs: result.durationMs,
    outputBytes: result.outputBytes,
    outputHash: result.outputHash,
    outputFile: relative,
    at: deps.now(),
    output: outcomeText(result, run.timeoutMs, expectedExitCode),
  };
}
