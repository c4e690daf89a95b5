/** What a test runner said of its tests, as far as its output names them. */
export interface TestRun {
  runner: string;
  passed: readonly string[];
  /** A file that could not be loaded stands here by its path. */
  failed: readonly string[];
  skipped: readonly string[];
  /** By the runner's own sums where it gives some. */
  totals: TestTotals;
  /**
   * So many failed by the runner's last word, where it has one. Names may be those of first tries that were repeated, of failures that
   * were expected, or what code under test printed.
   */
  toldFailed: number;
  /** So many passed by the runner's own word, whatever is named. Missing: it has none. */
  toldPassed?: number;
  /** Every test that passed is named, so that a missing name means a missing test. */
  named: boolean;
}

export interface TestTotals {
  passed: number;
  failed: number;
  skipped: number;
  total: number;
}

export interface NamedTests {
  passed: string[];
  failed: string[];
  skipped: string[];
}

export type Outcome = keyof NamedTests;

export function noTests(): NamedTests {
  return { passed: [], failed: [], skipped: [] };
}

/**
 * @param sums what the runner counted; missing figures are those of the names
 * @param toldFailed Default: the sum of failures, else the names of what failed
 * @param toldPassed Default: the sum of those that passed
 */
export function testRun(
  runner: string,
  tests: NamedTests,
  sums: Partial<TestTotals> = {},
  toldFailed: number = sums.failed ?? new Set(tests.failed).size,
  toldPassed: number | undefined = sums.passed,
): TestRun {
  const passed = sums.passed ?? tests.passed.length;
  // A list at the end names failures once more.
  const failed =
    sums.failed === undefined ? tests.failed.length : Math.max(sums.failed, new Set(tests.failed).size);
  const skipped = sums.skipped ?? tests.skipped.length;
  const total = sums.total ?? passed + failed + skipped;
  return {
    runner,
    passed: [...new Set(tests.passed)],
    failed: [...new Set(tests.failed)],
    skipped: [...new Set(tests.skipped)],
    totals: { passed, failed, skipped, total },
    toldFailed,
    ...(toldPassed === undefined ? {} : { toldPassed }),
    named: tests.passed.length >= passed,
  };
}

/** A sum that names can only add to: a runner may not have come to its own, and tools that tests start name others. */
export const atLeast = (names: readonly string[], sum: number): number => Math.max(names.length, sum);

/** A number before or after a word: `3 passed`, `# pass 3`. */
function figure(text: string, pattern: RegExp): number {
  return Number(pattern.exec(text)?.[1] ?? 0);
}

/**
 * Figures of all the summaries in an output: a repository of several packages prints one for each.
 *
 * @param lines the summaries; an empty list has nothing to add up
 */
export function sumsOf(
  lines: readonly string[],
  patterns: Partial<Record<keyof TestTotals, readonly RegExp[]>>,
): Partial<TestTotals> {
  const sums: Partial<TestTotals> = {};
  for (const key of ['passed', 'failed', 'skipped', 'total'] as const) {
    const wanted = patterns[key];
    if (wanted === undefined) continue;
    sums[key] = lines.reduce(
      (sum, line) => sum + wanted.reduce((each, pattern) => each + figure(line, pattern), 0),
      0,
    );
  }
  return sums;
}

/** Of runners that say how many tests there were, how many failed and how many were left out: the others passed. */
export function sumsOfTotal(
  lines: readonly string[],
  patterns: Record<'total' | 'failed' | 'skipped', readonly RegExp[]>,
): Pick<TestTotals, 'passed' | 'failed' | 'skipped'> {
  const { total = 0, failed = 0, skipped = 0 } = sumsOf(lines, patterns);
  return { passed: Math.max(0, total - failed - skipped), failed, skipped };
}

/** The sum of the figures that are the groups of all matches. */
export function countOf(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].reduce(
    (sum, [, ...figures]) => figures.reduce((each, figure) => each + Number(figure ?? 0), sum),
    0,
  );
}

/** First groups of all matches. */
export function groups(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map((found) => found[1] ?? '');
}

/**
 * Names with their suites before them, from lines whose depth shows what lies in what.
 *
 * A line that closes a suite (its name stands open at its own depth) is no test.
 */
export interface Nesting {
  open(depth: number, name: string): void;
  /** The whole name of a test at this depth, or `null` where the line closes a suite. */
  close(depth: number, name: string): string | null;
}

export function nesting(): Nesting {
  let open: { depth: number; name: string; used: boolean }[] = [];
  return {
    open(depth, name) {
      open = open.filter((each) => each.depth < depth);
      for (const each of open) each.used = true;
      open.push({ depth, name, used: false });
    },
    close(depth, name) {
      const self = open.find((each) => each.depth === depth && each.name === name);
      open = open.filter((each) => each.depth < depth);
      if (self?.used) return null;
      for (const each of open) each.used = true;
      return [...open.map((each) => each.name), name].join(' > ');
    },
  };
}
