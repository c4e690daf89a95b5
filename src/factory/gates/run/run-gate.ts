import { DarkFactoryError } from '../../../lib/failure.ts';
import type { GateCheck } from '../../model/gates/gate-check.ts';
import type { QualityReport } from '../../model/gates/gate-report.ts';
import { inScratchTree, type ScratchContent, type ScratchTree } from '../../ports/workspace.ts';
import { controlOfGate } from '../control/of-gate.ts';
import { findTouches, touchText } from '../control/touches.ts';
import { readTests } from '../outputs/read.ts';
import { contentOf } from '../pins/content.ts';
import { type ChangedPath, findPins } from '../pins/pins.ts';
import { TESTS } from '../proof/fewer-tests.ts';
import { proveTests, type TestProof } from '../proof/prove-tests.ts';
import { commandsOf } from './checks.ts';
import { lostNames, nothingDone } from './compare.ts';
import { rewrittenText } from './rewritten.ts';
import { type CheckOutcome, runCheck } from './run-check.ts';
import { runSealed } from './run-sealed.ts';
import { SEALED } from './sealed.ts';
import type { GateRun, GateRunDeps } from './types.ts';

/**
 * Runs every check of a gate, one after the other, in a scratch tree of the commit whose definitions of proof come from
 * the base commit, looks at what became of the tests, and reports. A failing check does not stop the others: the agent is
 * shown all of them at once.
 *
 * @throws what the sandbox throws when it cannot run anything at all, and `environment`/`setup_failed` where dependencies
 *   had to be installed anew; a command's own failure is a value
 */
export async function runGate(deps: GateRunDeps, run: GateRun): Promise<QualityReport> {
  const started = deps.now();
  const pins = await findPins(deps.git, run.project, run.commit, run.words, commandsOf(run));
  const content = await contentOf(deps.git, run.project, run.commit, pins);
  const done = await runChecks(deps, run, content);
  const tests = await testsOf(deps, run, content, done);
  const touched =
    run.kind === 'baseline' ? [] : await findTouches(deps.git, run.project, run.commit, run.words);
  const objections = [
    ...pins.changed.filter(({ allowed }) => allowed === null).map(objectionTo),
    ...(run.kind === 'baseline'
      ? []
      : done.flatMap(({ check, outcome, known }) =>
          rewrittenText(check.name, outcome.result, known?.result),
        )),
    ...lostIn(run, done, pins.changed),
    // An agent's own word lets nobody reach for the runner.
    ...touched.filter(({ allowed }) => allowed !== 'owner').map(touchText),
    ...tests.objections,
  ];
  const checks = [...done.map(({ outcome }) => outcome.result), ...(await sealedResults(deps, run, content))];
  const green = objections.length === 0 && checks.every((check) => check.passed || !check.required);
  const control = green ? await controlOf(deps, run, content, done) : undefined;
  objections.push(...(control?.objections ?? []));
  return {
    schemaVersion: 1,
    id: run.id,
    projectId: run.project.id,
    persona: run.persona,
    kind: run.kind,
    round: run.round,
    commit: run.commit,
    sandbox: deps.sandbox.mechanism,
    passed:
      !run.signal.aborted &&
      objections.length === 0 &&
      checks.every((check) => check.passed || !check.required),
    checks,
    changedDefinitions: pins.changed.map(({ path }) => path),
    allowedChanges: allowedIn(pins.changed),
    objections,
    weakenings: tests.weakenings,
    ...(tests.changedTests === undefined ? {} : { changedTests: tests.changedTests }),
    ...(tests.oldTestsOutput === undefined ? {} : { oldTestsOutput: tests.oldTestsOutput }),
    ...(tests.seenRed === undefined ? {} : { seenRed: tests.seenRed }),
    ...(control === undefined ? {} : { control }),
    timestamp: started,
    durationMs: deps.now().getTime() - started.getTime(),
  };
}

type DoneCheck = TestProof['checks'][number];

/** What became of the tests. The base commit is what they are measured by. */
async function testsOf(deps: GateRunDeps, run: GateRun, content: ScratchContent, checks: DoneCheck[]) {
  if (run.kind === 'baseline') return { weakenings: [], objections: [] };
  const { readOutput } = deps.state;
  // The run comes last: the deps of a worker may carry more than a gate asks for.
  return proveTests({ ...deps, ...run, run: { ...run, readOutput }, content, checks });
}

async function controlOf(deps: GateRunDeps, run: GateRun, content: ScratchContent, done: DoneCheck[]) {
  if (run.kind === 'baseline') return undefined;
  return controlOfGate({
    ...deps,
    run: { ...run, readOutput: deps.state.readOutput },
    content,
    tests: done.find(({ check }) => check.name === TESTS),
    earlier: run.earlierControls,
    progress: run.progress,
  });
}

async function runChecks(deps: GateRunDeps, run: GateRun, content: ScratchContent): Promise<DoneCheck[]> {
  const { project, signal, timeoutMs } = run;
  const done: DoneCheck[] = [];
  await inScratchTree(deps.trees, project, content, async (tree) => {
    for (const check of run.checks) {
      if (signal.aborted) break;
      run.progress(`${check.name}: ${check.command ?? 'no command'}`);
      const known = await knownOf(deps, run, check);
      const context = {
        readOutput: deps.state.readOutput,
        project,
        timeoutMs,
        signal,
        known,
        acceptKnown: run.acceptKnown,
        again:
          run.kind === 'baseline'
            ? null
            : <T>(work: (fresh: ScratchTree) => Promise<T>) =>
                inScratchTree(deps.trees, project, content, work),
      };
      const outcome = await runCheck(context, check, tree);
      // What one check did must not decide the next one's outcome.
      await tree.restore();
      done.push({ check, known, outcome });
    }
  });
  return done;
}

async function sealedResults(deps: GateRunDeps, run: GateRun, content: ScratchContent) {
  if (run.sealed === undefined || run.signal.aborted) return [];
  run.progress('sealed checks');
  const known = await knownOf(deps, run, { name: SEALED });
  const { readOutput } = deps.state;
  return [
    await runSealed({ ...run, git: deps.git, trees: deps.trees, readOutput, content, known }, run.sealed),
  ];
}

/** The baseline's names of tests are read from its kept output: a report that held them all would be too long. */
async function knownOf(
  { state }: GateRunDeps,
  { baseline, project }: GateRun,
  check: Pick<GateCheck, 'name'>,
): Promise<CheckOutcome | undefined> {
  const result = baseline?.checks.find((each) => each.name === check.name);
  if (result === undefined) return undefined;
  try {
    const text = result.outputFile === undefined ? '' : await state.readOutput(project.id, result.outputFile);
    return { result, run: readTests(text, [project.worktreePath]) };
  } catch (error) {
    // Somebody removed old outputs: then only exit codes are compared.
    if (error instanceof DarkFactoryError && error.kind === 'not_found') return { result, run: null };
    throw error;
  }
}

/** The owner's words may have asked for another runner; without them the base commit's is expected. */
function lostIn(run: GateRun, done: readonly DoneCheck[], changed: readonly ChangedPath[]): string[] {
  if (run.kind === 'baseline' || run.words.allowAll) return [];
  if (changed.some(({ allowed }) => allowed === 'owner')) return [];
  return done
    .filter(({ outcome }) => outcome.result.passed)
    .flatMap(({ check, known, outcome }) => [
      ...lostNames(check.name, known?.run ?? null, outcome.run),
      ...nothingDone(check.name, known?.result.output ?? '', outcome.result.output),
    ]);
}

function objectionTo({ path }: ChangedPath): string {
  return (
    `gate changed: ${path} differs from the base commit, and nobody allowed that. What decides whether work is done comes ` +
    'from the base commit.'
  );
}

function allowedIn(changed: readonly ChangedPath[]): QualityReport['allowedChanges'] {
  return changed.flatMap(({ path, allowed }) => (allowed === null ? [] : [{ path, by: allowed }]));
}
