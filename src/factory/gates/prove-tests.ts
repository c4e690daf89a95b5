import type { GitManager } from '../ports.ts';
import type { GateCheck } from './checks.ts';
import { runObjections, compareRuns } from './compare.ts';
import { permission, type Words } from './permission.ts';
import type { QualityReport, SeenRed } from './report.ts';
import type { CheckOutcome, Known } from './run-check.ts';
import type { ScratchContent, ScratchTrees } from './scratch.ts';
import {
  editedFiles,
  filesToSee,
  judgeSeenRed,
  type OtherOutcome,
  type OtherRun,
  runElsewhere,
  seenRedKey,
  testsOfBase,
  testsOnBase,
} from './seen-red.ts';
import {
  findTestChanges,
  findWeakenings,
  listNames,
  type TestChanges,
  weakeningText,
} from './test-changes.ts';

/** The check that runs the repository's tests. */
export const TESTS = 'Tests';

export interface TestProof {
  trees: ScratchTrees;
  git: Pick<GitManager, 'showFile' | 'changedFiles' | 'listFiles'>;
  run: OtherRun;
  content: ScratchContent;
  words: Words;
  checks: readonly { check: GateCheck; outcome: CheckOutcome; known: Known | undefined }[];
  /** What earlier gates saw of the same tests. */
  earlier: readonly SeenRed[];
  progress(line: string): void;
}

export interface TestVerdict {
  weakenings: QualityReport['weakenings'];
  seenRed?: SeenRed;
  objections: string[];
}

/** Looks at the tests themselves: whether they are still there, still check something, and have ever failed. */
export async function proveTests(proof: TestProof): Promise<TestVerdict> {
  const { run, words, checks } = proof;
  const changes = await findTestChanges(proof.git, run.project, run.commit);
  const weakenings = findWeakenings(changes, words);
  const objections = weakenings.filter(({ allowed }) => allowed === null).map(weakeningText);
  const mayShrink = words.allowAll || weakenings.some(({ allowed }) => allowed === 'owner');
  for (const { check, outcome, known } of mayShrink ? [] : checks) {
    const compared = compareRuns(known?.run ?? null, outcome.run);
    if (compared !== null) objections.push(...runObjections(check.name, compared, known?.run?.failed ?? []));
  }
  const green = checks.every(({ outcome }) => outcome.result.passed);
  const tests = checks.find(({ check }) => check.name === TESTS);
  // A red gate goes back to the agent anyway; the further runs wait until they can matter.
  if (!green || tests === undefined || tests.check.command === null || run.signal.aborted)
    return { weakenings, objections };
  const command = { command: tests.check.command, expectedExitCode: tests.check.expectedExitCode };
  const seenRed = await seeRed(proof, changes, command, tests.known);
  if (seenRed !== undefined) objections.push(...neverRed(proof, changes, seenRed));
  objections.push(...(await askOldTests(proof, changes, command, tests)));
  return { weakenings, objections, ...(seenRed === undefined ? {} : { seenRed }) };
}

type Command = { command: string; expectedExitCode: number };

async function seeRed(
  { trees, git, run, earlier, progress }: TestProof,
  changes: TestChanges,
  command: Command,
  known: Known | undefined,
): Promise<SeenRed | undefined> {
  const files = filesToSee(changes);
  if (files.length === 0) return undefined;
  const key = await seenRedKey(git, run, changes, command.command);
  const before = earlier.find((each) => each.key === key);
  if (before !== undefined) return before;
  progress('new and changed tests on the base commit');
  const outcome = await runElsewhere(trees, run, testsOnBase(run, changes), {
    ...command,
    label: 'seen-red',
  });
  if (run.signal.aborted) return undefined;
  const base = { passed: known?.result.passed ?? false, run: known?.run ?? null };
  return { key, files: judgeSeenRed(files, outcome, base) };
}

/**
 * Tests for what works already are honest work where the owner asked for tests. Where not, a project that changed tests
 * alone, none of which ever failed, did nothing.
 */
function neverRed({ run, words }: TestProof, { code }: TestChanges, { files }: SeenRed): string[] {
  const asked =
    words.allowAll || words.owner.some((text) => /\b(tests?|testing|specs?|coverage)\b/i.test(text));
  if (code || asked || run.commit === run.project.baseCommit) return [];
  if (!files.every(({ outcome }) => outcome === 'never red')) return [];
  return [
    `Nothing but tests changed, and all of them (${files.map(({ path }) => path).join(', ')}) pass on the base commit, too. ` +
      'Do the work that the project asks for.',
  ];
}

/** Runs tests that were edited as they were before, on the new code: an assertion may have been bent to fit. */
async function askOldTests(
  { trees, run, content, words, progress }: TestProof,
  changes: TestChanges,
  command: Command,
  { outcome, known }: TestProof['checks'][number],
): Promise<string[]> {
  const edited = editedFiles(changes);
  if (edited.length === 0 || words.allowAll) return [];
  progress('edited tests as they were on the base commit');
  const old = await runElsewhere(trees, run, testsOfBase(run, content, changes), {
    ...command,
    label: 'old-tests',
  });
  if (old.passed || run.signal.aborted) return [];
  const ours = edited.filter(({ path }) => permission(words, path) !== 'owner');
  if (ours.length === 0) return [];
  const { stillRed, newlyRed } = sortFailures(old, outcome, known);
  const files = ours.map(({ path }) => path).join(', ');
  const objections: string[] = [];
  if (stillRed !== null)
    objections.push(
      `${stillRed} failed on the base commit and, as it was there, fails with your code as well: it passes only because the test ` +
        `was changed (${files}). Mend the code, not the test.`,
    );
  const named = ours.every(({ path }) => permission(words, path) === 'task');
  if (newlyRed !== null && !named)
    objections.push(
      `${newlyRed} passed on the base commit and, as it was there, fails with your code (${files}). If what it asked for is to ` +
        'change, say so in a task that names the test file; if not, mend the code.',
    );
  return objections;
}

/** Failures of the old tests on the new code, by whether they failed on the old code, too. In words, `null` for none. */
function sortFailures(old: OtherOutcome, now: CheckOutcome, known: Known | undefined) {
  const failedNow = new Set(now.run?.failed);
  const before = known?.run ?? null;
  if (old.run === null || before === null) {
    const red = known !== undefined && !known.result.passed;
    return { stillRed: red ? 'A test' : null, newlyRed: red ? null : 'A test' };
  }
  const failed = old.run.failed.filter((name) => !failedNow.has(name));
  const failedBefore = new Set(before.failed);
  const words = (names: string[]) => (names.length === 0 ? null : listNames(names));
  return {
    stillRed: words(failed.filter((name) => failedBefore.has(name))),
    newlyRed: words(failed.filter((name) => !failedBefore.has(name))),
  };
}
