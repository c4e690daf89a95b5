import { createHash } from 'node:crypto';
import { readAhead } from '../../../lib/async/read-ahead.ts';
import type { GateCheck } from '../../model/gates/gate-check.ts';
import type { ControlSeen } from '../../model/gates/gate-report.ts';
import { inScratchTree, type ScratchContent, type ScratchTrees } from '../../ports/workspace.ts';
import type { GitManager } from '../../ports.ts';
import { isDocument } from '../pins/definitions.ts';
import { startedBy } from '../pins/named-files.ts';
import { goingOn, withAllTests } from '../proof/go-on.ts';
import type { OtherRun } from '../proof/seen-red.ts';
import { isTestPath, mayHoldTests } from '../test-source/test-files.ts';
import { meets } from '../run/exit-code.ts';
import { type CheckOutcome, type Reading, readRun } from '../run/run-check.ts';
import { type Ending, proveControl, type Side } from './prove-control.ts';

/** Most files that get a control. Those that the base commit has come first: others are the agent's own. */
const MOST_FILES = 100;

export interface GateControl {
  trees: ScratchTrees;
  git: Pick<GitManager, 'showFile' | 'listFiles' | 'changedFiles'>;
  run: OtherRun & Reading;
  content: ScratchContent;
  tests: { check: GateCheck; outcome: CheckOutcome; known: CheckOutcome | undefined } | undefined;
  /** What earlier gates found. */
  earlier: readonly ControlSeen[];
  progress(line: string): void;
}

/** The control of a gate's test command: once for each content, and only where more than documents changed. */
export async function controlOfGate(control: GateControl): Promise<ControlSeen | undefined> {
  const { git, run, content, tests } = control;
  const command = tests?.check.command ?? null;
  if (tests === undefined || command === null || run.signal.aborted) return undefined;
  const { repository, baseCommit } = run.project;
  if (run.commit === baseCommit) return undefined;
  const key = keyOf(content, command);
  const before = control.earlier.find((each) => each.key === key);
  if (before !== undefined) return before;
  const changed = await git.changedFiles(repository, baseCommit, run.commit);
  if (changed.every(isDocument)) return undefined;
  const started = await startedBy(git, run.project, run.commit, command);
  control.progress('tests that must fail');
  const { outcome, known } = tests;
  const found = await proveControl({
    name: tests.check.name,
    mark: key.slice(0, 10),
    started,
    secret: false,
    usual: {
      now: { passed: outcome.result.passed && outcome.result.accepted !== true, run: outcome.run },
      base: { passed: known?.result.passed ?? false, run: known?.run ?? null },
    },
    texts: (side) => textsOf(control, side === 'now' ? run.commit : baseCommit, started),
    run: (side, texts) => runWith(control, { ...tests.check, command: goingOn(command) }, side, texts),
  });
  return found === null ? undefined : { key, ...found };
}

/** The same content and command: what was seen of them holds. */
function keyOf({ commit, over = [], texts = {}, dependencies }: ScratchContent, command: string): string {
  const all = JSON.stringify([commit, over, texts, dependencies ?? null, command]);
  return createHash('sha256').update(all).digest('hex').slice(0, 32);
}

async function textsOf(
  { git, run }: GateControl,
  commit: string,
  started: ReadonlySet<string>,
): Promise<Map<string, string>> {
  const { repository, baseCommit } = run.project;
  const known = new Set(await git.listFiles(repository, baseCommit));
  const wanted = (await git.listFiles(repository, commit)).filter(
    (path) => started.has(path) || (mayHoldTests(path) && isTestPath(path)) || /\.(rs|bats|t)$/.test(path),
  );
  wanted.sort((a, b) => Number(known.has(b)) - Number(known.has(a)));
  const texts = new Map<string, string>();
  const read = (path: string) => git.showFile(repository, commit, path);
  for await (const [path, text] of readAhead(wanted.slice(0, MOST_FILES), read))
    if (text !== null) texts.set(path, text);
  return texts;
}

async function runWith(
  { trees, git, run, content, tests }: GateControl,
  { command, expectedExitCode }: { command: string; expectedExitCode: number },
  side: Side,
  laid: Readonly<Record<string, string>>,
): Promise<Ending | null> {
  const { timeoutMs, signal, project } = run;
  const under = side === 'now' ? content : { commit: project.baseCommit };
  // One that fails in the first target of several may not keep those of the others from being heard of.
  const all = await withAllTests(git, project, { ...under, texts: { ...under.texts, ...laid } });
  return inScratchTree(trees, project, all, async (tree) => {
    const { result, relative } = await tree.run({ command, label: 'control', timeoutMs, signal });
    if (signal.aborted) return null;
    return {
      passed: meets(result, expectedExitCode),
      run: await readRun(run, tree, { result, relative }, tests?.known?.run?.runner),
      output: result.output,
    };
  });
}
