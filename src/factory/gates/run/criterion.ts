import type { Evidence } from '../../model/task.ts';
import type { ScratchTree } from '../../ports/workspace.ts';
import type { StateStore } from '../../ports.ts';
import { missingCommand } from './checks.ts';
import { expectsFailures, hiddenFailures } from './compare.ts';
import { meets } from './exit-code.ts';
import { isAboutStyle, outcomeText, readRun } from './run-check.ts';
import type { GateDeps, GateRun } from './types.ts';

/** It looks for words in what tests print, which may be those of a failure. */
const LOOKS_FOR_WORDS = /\|\s*(?:[ef]?grep|rg)\b/;

export interface CriterionRun extends Pick<GateRun, 'project' | 'timeoutMs' | 'signal' | 'commit'> {
  tree: ScratchTree;
  /** On the base commit a check of the gate ended with 0 beside tests that failed. */
  ownersWay: boolean;
}

/**
 * One command as evidence for a task: a criterion of its own, or a check of the persona's gate. Runs in a scratch
 * tree.
 */
export async function runCriterion(
  deps: Pick<GateDeps, 'sandbox' | 'now'> & { state: Pick<StateStore, 'readOutput'> },
  run: CriterionRun,
  criterion: { kind: 'criterion' | 'gate'; name: string; command: string | null; expectedExitCode: number },
): Promise<Evidence & { output: string }> {
  const { kind, name, command, expectedExitCode } = criterion;
  const base = { kind, name, commit: run.commit, sandbox: deps.sandbox.mechanism };
  if (command === null) {
    return { ...base, passed: false, at: deps.now(), output: missingCommand(name) };
  }
  const { tree, timeoutMs, signal } = run;
  const { result, relative } = await tree.run({ command, label: `criterion-${name}`, timeoutMs, signal });
  const met = meets(result, expectedExitCode);
  const isAsked =
    expectedExitCode === 0 &&
    !expectsFailures(command) &&
    !LOOKS_FOR_WORDS.test(command) &&
    !(kind === 'gate' && isAboutStyle({ name }));
  const reading = { readOutput: deps.state.readOutput, project: run.project };
  const hidden =
    met && isAsked ? hiddenFailures(await readRun(reading, tree, { result, relative }), run.ownersWay) : null;
  return {
    ...base,
    command,
    exitCode: result.exitCode,
    passed: met && hidden === null,
    durationMs: result.durationMs,
    outputBytes: result.outputBytes,
    outputHash: result.outputHash,
    outputFile: relative,
    at: deps.now(),
    output: outcomeText(result, run.timeoutMs, { expectedExitCode, hidden }),
  };
}
