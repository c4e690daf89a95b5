import { literal } from '../../../lib/text/literal.ts';
import type { GateCheck } from '../../model/gates/gate-check.ts';
import type { ChangedTest } from '../../model/gates/gate-report.ts';
import type { TestRun } from '../outputs/read.ts';
import { isForbidden, leavesIn } from '../pins/leave.ts';
import { mayDelete, type PermissionTexts } from '../pins/permission.ts';
import { compareRuns, runObjections } from '../run/compare.ts';
import type { CheckOutcome } from '../run/run-check.ts';
import { withoutPassed } from './removals.ts';
import type { OtherOutcome } from './seen-red.ts';
import type { TestChanges, Weakening } from './test-changes.ts';
import { isTestPath, mayHoldTests } from '../test-source/test-files.ts';

/*
 * Tests that are missed by number alone, because no text tells which they are: files in languages that are not read, and tests that are
 * given something by the product.
 */

/** The check that runs the repository's tests. */
export const TESTS = 'Tests';

interface TestedCheck {
  check: GateCheck;
  outcome: CheckOutcome;
  /** The same on the base commit. */
  known: CheckOutcome | undefined;
}

/**
 * Why a gate does not pass of which fewer tests ran than on the base commit.
 *
 * @param old the old tests on the new code: one that failed and is seen to pass there need not run under its old name
 */
export function fewerTests(
  words: PermissionTexts,
  checks: readonly TestedCheck[],
  weakenings: readonly Weakening[],
  old: OtherOutcome | null,
): string[] {
  if (words.allowAll || weakenings.some(({ allowed }) => allowed === 'owner')) return [];
  const proved = new Set(old?.run?.passed);
  return checks.flatMap(({ check, outcome, known }) => {
    const compared = compareRuns(known?.run ?? null, outcome.run);
    if (compared === null) return [];
    const failed = (known?.run?.failed ?? []).filter((name) => check.name !== TESTS || !proved.has(name));
    return runObjections(check.name, compared, failed);
  });
}

interface Left {
  changes: TestChanges;
  known: CheckOutcome | undefined;
  /** `null`: the owner let none go. */
  weakening: Weakening | null;
}

/**
 * What is left to be missed where the owner lets files of tests go whose tests cannot be read. How many went with them, and whether all
 * others can do without, is seen on the base commit.
 *
 * @param ask the base commit's tests with these files as they are now
 */
export async function withoutUnread(
  changes: TestChanges,
  words: PermissionTexts,
  { known, outcome }: Pick<TestedCheck, 'known' | 'outcome'>,
  ask: (paths: readonly string[]) => Promise<OtherOutcome>,
): Promise<Left> {
  const none = { changes, known, weakening: null };
  if (words.allowAll || known?.result.passed !== true) return none;
  if ((compareRuns(known.run, outcome.run)?.fewer ?? 0) === 0) return none;
  const own = changes.paths.filter(
    ({ path, before }) => before && isTestPath(path) && !mayHoldTests(path) && mayDelete(words, path),
  );
  if (own.length === 0) return none;
  const { passed, run } = await ask(own.map(({ path }) => path));
  const count = compareRuns(known.run, run)?.fewer ?? 0;
  if (!passed || run === null || count === 0) return none;
  // Put back, one whose object is gone would keep all others from being loaded.
  const paths = changes.paths.filter((each) => each.after || !own.includes(each));
  const path = own.map((each) => each.path).join(', ');
  return {
    changes: { ...changes, paths },
    known: { ...known, run },
    weakening: { kind: 'deleted', path, count, tests: [], allowed: 'owner' },
  };
}

/** `tests/test_a.py::test_x[latin2]` */
const WITH_PARAMETERS = /^((\S+\.py)::.+?)\[(.+)\]$/;

/**
 * Tests that the base commit named and that its own tests, asked of the new code, do not run any more: what they are given comes from the
 * product, and the owner wants that removed.
 *
 * @param asWere all tests as on the base commit, on the new code
 */
export function parametersGone(
  known: CheckOutcome | undefined,
  asWere: TestRun | null,
  owner: readonly string[],
): ChangedTest[] {
  const before = known?.run ?? null;
  if (known?.result.passed !== true || before === null || asWere === null || !asWere.named) return [];
  const found = new Map<string, string[]>();
  for (const name of compareRuns(before, asWere)?.gone ?? []) {
    const [, test = '', path = '', given = ''] = WITH_PARAMETERS.exec(name) ?? [];
    const isLeft = asWere.passed.some((each) => each.startsWith(`${test}[`));
    if (test === '' || !isLeft || !owner.some((text) => asksToRemove(text, given))) continue;
    found.set(path, [...(found.get(path) ?? []), name]);
  }
  return [...found].map(([path, tests]) => ({
    path,
    tests,
    by: 'judge',
    as: 'parameters',
    before: `Ran: ${tests.join(', ')}`,
    after: 'Not run any more, though the test is as it was: the product gives it nothing of that kind.',
  }));
}

/** The base commit's run without these tests. */
export function withoutNames(
  known: CheckOutcome | undefined,
  gone: readonly ChangedTest[],
): CheckOutcome | undefined {
  if (known === undefined || known.run === null || gone.length === 0) return known;
  const names = new Set(gone.flatMap(({ tests }) => tests));
  const passed = known.run.passed.filter((name) => !names.has(name));
  return withoutPassed(known, known.run, passed, known.run.passed.length - passed.length);
}

/** Whether a text asks to remove what has one of these names, by which tests are told apart (`latin2-strict`). */
function asksToRemove(text: string, given: string): boolean {
  const plain = text.replace(/\b(?:support|handling) (?:for|of)\s+(?:the\s+)?/gi, '');
  return given.split('-').some((word) => {
    if (!/[a-z]/i.test(word) || /^(?:true|false|none)$/i.test(word)) return false;
    const object = () =>
      new RegExp(`(?<![\\w./-])${literal(word.toLowerCase())}(?:\\s+[a-z]+)?(?![\\w/-])`, 'g');
    return !isForbidden(plain, object()) && leavesIn(plain, object(), false).has('delete');
  });
}
