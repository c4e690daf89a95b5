import type { CheckResult } from '../../model/gates/gate-report.ts';
import type { Project } from '../../model/project.ts';
import type { SealedFile, SealedSettings } from '../../model/sealing/sealed.ts';
import {
  inScratchTree,
  type ScratchContent,
  type ScratchTree,
  type ScratchTrees,
} from '../../ports/workspace.ts';
import type { GitManager, StateStore } from '../../ports.ts';
import { proveControl } from '../control/prove-control.ts';
import type { TestRun } from '../outputs/read.ts';
import { namedFiles } from '../pins/named-files.ts';
import { type PermissionTexts, permission } from '../pins/permission.ts';
import { isTestPath } from '../test-source/test-files.ts';
import { meets } from './exit-code.ts';
import { rewrittenText, SEALED_FILES } from './rewritten.ts';
import { type CheckOutcome, readRun, runCheck } from './run-check.ts';
import { requireSealed, SEALED, sealedCheck } from './sealed.ts';

export interface SealedRun extends Pick<SealedSettings, 'command' | 'show'> {
  files: readonly SealedFile[];
}

export interface SealedContext {
  trees: ScratchTrees;
  git: Pick<GitManager, 'listFiles' | 'showFile'>;
  readOutput: StateStore['readOutput'];
  project: Project;
  /** Of the commit under test. */
  commit: string;
  content: ScratchContent;
  /** Where a change of what the command starts may be allowed. */
  words: PermissionTexts;
  /** What they did on the base commit; `undefined`: this is that run. */
  known: CheckOutcome | undefined;
  timeoutMs: number;
  signal: AbortSignal;
}

/**
 * A project's sealed checks, ready to be run; `undefined` when it has none. Read anew for every gate, so that a folder that
 * went or changed stops it.
 *
 * @throws DarkFactoryError as `requireSealed`
 */
export async function sealedRun(
  state: Pick<StateStore, 'projectFolder' | 'sealed'>,
  project: Project,
): Promise<SealedRun | undefined> {
  const { sealed } = project.settings;
  if (sealed === undefined) return undefined;
  const place = `${state.projectFolder(project.id)}/sealed`;
  const files = requireSealed(sealed, await state.sealed(project.id), place);
  return { command: sealed.command, show: sealed.show, files };
}

/**
 * Runs the owner's acceptance tests in a scratch tree of their own. The result holds no more than an agent may know: the
 * output stands in its file alone, for the owner. A failure known from the base commit counts like any other, for it is
 * what the work is to fix.
 */
export async function runSealed(given: SealedContext, sealed: SealedRun): Promise<CheckResult> {
  const context = { ...given, content: await withPrograms(given, sealed.command) };
  const { trees, project, content, known } = context;
  const own = new Set(sealed.files.map(({ path }) => path));
  const inTree = <T>(work: (tree: ScratchTree) => Promise<T>): Promise<T> =>
    inScratchTree(trees, project, content, async (tree) => {
      await tree.write(sealed.files);
      // Their names are no business of a report.
      const run: ScratchTree['run'] = async (order) => {
        const { rewritten, ...done } = await tree.run(order);
        const told = rewritten?.map((path) => (own.has(path) ? SEALED_FILES : path));
        return { ...done, ...(told === undefined ? {} : { rewritten: [...new Set(told)] }) };
      };
      return work({ ...tree, run });
    });
  const check = sealedCheck(sealed);
  const again = known === undefined ? null : inTree;
  const outcome = await inTree((tree) => runCheck({ ...context, acceptKnown: false, again }, check, tree));
  const result = withoutSecrets(outcome, known, sealed.show);
  if (!result.passed || known === undefined || context.commit === project.baseCommit) return result;
  const found = await sealedControl(context, sealed, outcome, known);
  const [problem] = found?.objections ?? [];
  return problem === undefined ? result : { ...result, passed: false, output: problem };
}

/** What the command starts among the repository's tests, where no pin holds it, comes from the base commit as well. */
async function withPrograms(
  { git, project, commit, content, words }: SealedContext,
  command: string,
): Promise<ScratchContent> {
  const { repository, baseCommit } = project;
  if (commit === baseCommit) return content;
  const { programs } = await namedFiles([command], {
    base: new Set(await git.listFiles(repository, baseCommit)),
    now: new Set(),
    read: (path) => git.showFile(repository, baseCommit, path),
  });
  const paths = [...programs].filter((path) => isTestPath(path) && permission(words, path) !== 'owner');
  return { ...content, over: [...(content.over ?? []), { commit: baseCommit, paths }] };
}

/**
 * Whether the sealed tests can fail at all beside the code under test, and run to their end: copies of them must fail where a
 * failing test is put at their end.
 */
async function sealedControl(
  context: SealedContext,
  { command, files }: SealedRun,
  outcome: CheckOutcome,
  known: CheckOutcome,
) {
  const { git, trees, project, content, timeoutMs, signal } = context;
  const { repository, baseCommit } = project;
  const texts = new Map(files.map(({ path, content: bytes }) => [path, bytes.toString('utf8')]));
  const listed = await git.listFiles(repository, baseCommit);
  const { started } = await namedFiles([command], {
    base: new Set([...listed, ...texts.keys()]),
    now: new Set(texts.keys()),
    read: async (path) => texts.get(path) ?? (await git.showFile(repository, baseCommit, path)),
  });
  return proveControl({
    name: SEALED,
    mark: context.commit.slice(0, 10),
    started,
    secret: true,
    usual: {
      now: { passed: outcome.result.passed, run: outcome.run },
      base: { passed: known.result.passed, run: known.run },
    },
    texts: async () => texts,
    run: (side, laid) =>
      inScratchTree(trees, project, side === 'now' ? content : { commit: baseCommit }, async (tree) => {
        const changed = files.map((file) => {
          const text = laid[file.path];
          return text === undefined ? file : { ...file, content: Buffer.from(text) };
        });
        await tree.write(changed);
        const { result, relative } = await tree.run({ command, label: 'sealed-control', timeoutMs, signal });
        if (signal.aborted) return null;
        const run = await readRun(context, tree, { result, relative }, known.run?.runner);
        return { passed: meets(result, 0), run, output: result.output };
      }),
  });
}

function withoutSecrets(
  { result, run }: CheckOutcome,
  known: CheckOutcome | undefined,
  show: SealedRun['show'],
): CheckResult {
  const { flaky, tests, ...rest } = result;
  const [rewritten] = known === undefined ? [] : rewrittenText('The sealed checks', result, known.result);
  const problem = result.passed ? (problemOf(run, known?.run ?? null) ?? rewritten ?? null) : null;
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
  if (run === null)
    return before === null || before.totals.total === 0
      ? null
      : 'The command of the sealed checks ended well, but its output names no tests, as it did on the base commit.';
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

function failedText({ exitCode }: CheckResult, run: TestRun | null, show: SealedRun['show']): string {
  const lines = [
    run !== null && run.totals.failed > 0
      ? `${run.totals.failed} of ${run.totals.total} tests failed with the sealed checks in place.`
      : `The sealed checks failed (exit code ${exitCode ?? 'none: they were ended by the factory'}); how many is not known.`,
  ];
  if (show === 'names') lines.push(...(run?.failed ?? []).slice(0, 50).map((name) => `failed: ${name}`));
  return lines.join('\n');
}
