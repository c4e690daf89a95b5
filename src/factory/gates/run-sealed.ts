import type { StateStore } from '../ports.ts';
import type { Project } from '../project/project.ts';
import type { TestRun } from './outputs/read.ts';
import type { CheckResult } from './report.ts';
import { type CheckOutcome, type Known, runCheck } from './run-check.ts';
import { inScratchTree, type ScratchContent, type ScratchTree, type ScratchTrees } from './scratch.ts';
import { sealedCheck, type SealedSettings } from './sealed.ts';

export interface SealedRun extends Pick<SealedSettings, 'command' | 'show'> {
  /** Puts the files over a scratch tree. No command may be running in it. */
  lay(folder: string): Promise<void>;
}

export interface SealedContext {
  trees: ScratchTrees;
  readOutput: StateStore['readOutput'];
  project: Project;
  content: ScratchContent;
  /** What they did on the base commit; `undefined`: this is that run. */
  known: Known | undefined;
  timeoutMs: number;
  signal: AbortSignal;
}

/**
 * Runs the owner's acceptance tests in a scratch tree of their own. The result holds no more than an agent may know: the
 * output stands in its file alone, for the owner. A failure known from the base commit counts like any other, for it is
 * what the work is to mend.
 */
export async function runSealed(context: SealedContext, sealed: SealedRun): Promise<CheckResult> {
  const { trees, project, content, known } = context;
  const inTree = <T>(work: (tree: ScratchTree) => Promise<T>): Promise<T> =>
    inScratchTree(trees, project, content, async (tree) => {
      await sealed.lay(tree.folder);
      return work(tree);
    });
  const check = sealedCheck(sealed);
  const again = known === undefined ? null : inTree;
  const outcome = await inTree((tree) => runCheck({ ...context, acceptKnown: false, again }, check, tree));
  return withoutSecrets(outcome, known?.run ?? null, sealed.show);
}

function withoutSecrets(
  { result, run }: CheckOutcome,
  before: TestRun | null,
  show: SealedRun['show'],
): CheckResult {
  const { flaky, tests, ...rest } = result;
  const problem = result.passed ? problemOf(run, before) : null;
  const names = (list: readonly string[]) => (show === 'names' ? [...list] : []);
  return {
    ...rest,
    sealed: true,
    passed: result.passed && problem === null,
    output: problem ?? (result.passed ? passedText(run) : failedText(result, run, show)),
    ...(tests === undefined
      ? {}
      : {
          tests: {
            ...tests,
            failures: names(tests.failures),
            newFailures: names(tests.newFailures),
            knownFailures: names(tests.knownFailures),
          },
        }),
    ...(flaky === undefined ? {} : { flaky: show === 'names' ? flaky : ['names are sealed'] }),
  };
}

/** Code under test may end its process well before the checks have run. */
function problemOf(run: TestRun | null, before: TestRun | null): string | null {
  if (run === null) return null;
  if (run.totals.total === 0) return 'The command of the sealed checks ended well, but no test ran.';
  const fewer = (before?.totals.total ?? 0) - run.totals.total;
  if (fewer <= 0) return null;
  return `The command of the sealed checks ended well, but ran ${fewer} tests fewer than on the base commit.`;
}

function passedText(run: TestRun | null): string {
  return run === null
    ? 'The sealed checks passed.'
    : `${run.totals.passed} of ${run.totals.total} tests passed.`;
}

const HINT =
  'They are acceptance tests that you cannot see. They check what the description asks for: read it again, and do that for every input, not only for the examples.';

function failedText({ exitCode }: CheckResult, run: TestRun | null, show: SealedRun['show']): string {
  const lines = [
    run !== null && run.totals.failed > 0
      ? `${run.totals.failed} of ${run.totals.total} tests failed with the sealed checks in place.`
      : `The sealed checks failed (exit code ${exitCode ?? 'none: they were ended by the factory'}); how many is not known.`,
  ];
  if (show === 'names') lines.push(...(run?.failed ?? []).slice(0, 50).map((name) => `failed: ${name}`));
  return [...lines, HINT].join('\n');
}
