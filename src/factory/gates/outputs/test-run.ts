/** What a test runner said of its tests, as far as its output names them. */
export interface TestRun {
  runner: string;
  passed: readonly string[];
  /** A file that could not be loaded stands here by its path. */
  failed: readonly string[];
  skipped: readonly string[];
  /** By the runner's own sums where it gives some. */
  totals: TestTotals;
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

/** @param sums what the runner counted; missing figures are those of the names */
export function testRun(runner: string, tests: NamedTests, sums: Partial<TestTotals> = {}): TestRun {
  const passed = sums.passed ?? tests.passed.length;
  const failed = Math.max(sums.failed ?? 0, tests.failed.length);
  const skipped = sums.skipped ?? tests.skipped.length;
  return {
    runner,
    passed: [...new Set(tests.passed)],
    failed: [...new Set(tests.failed)],
    skipped: [...new Set(tests.skipped)],
    totals: { passed, failed, skipped, total: passed + failed + skipped },
    named: tests.passed.length >= passed,
  };
}

/** A number before or after a word: `3 passed`, `# pass 3`. */
export function figure(text: string, pattern: RegExp): number {
  return Number(pattern.exec(text)?.[1] ?? 0);
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
