import { describe, expect, it } from 'vitest';
import { noTests, testRun } from '../../../../src/factory/gates/outputs/test-run.ts';
import {
  compareRuns,
  hiddenFailures,
  lostNames,
  nothingDone,
  onlyKnownFailures,
  runObjections,
} from '../../../../src/factory/gates/run/compare.ts';

const run = (passed: string[], failed: string[] = [], skipped: string[] = []) =>
  testRun('tap', { ...noTests(), passed, failed, skipped });

describe('compareRuns', () => {
  it('keeps new failures apart from those of the base commit', () => {
    expect(compareRuns(run(['a', 'b'], ['c']), run(['a'], ['b', 'c']))).toMatchObject({
      newFailures: ['b'],
      knownFailures: ['c'],
      gone: [],
      fewer: 0,
    });
  });

  it('finds tests that are gone, skipped or fewer', () => {
    expect(compareRuns(run(['a', 'b'], ['c']), run(['a'], [], ['b']))).toMatchObject({
      gone: ['c'],
      nowSkipped: ['b'],
      fewer: 1,
    });
  });

  it('misses no name where the runner does not name what passed', () => {
    const now = testRun('tap', { ...noTests(), failed: [] }, { passed: 3 });
    expect(compareRuns(run(['a', 'b'], ['c']), now)).toMatchObject({ gone: [], fewer: 0 });
  });

  it('says nothing where one of the two is not known', () => {
    expect(compareRuns(null, run(['a']))).toBeNull();
    expect(compareRuns(run(['a']), { ...run(['a']), runner: 'jest' })).toBeNull();
  });
});

describe('runObjections', () => {
  const objections = (before: ReturnType<typeof run>, now: ReturnType<typeof run>) => {
    const compared = compareRuns(before, now);
    return compared === null ? [] : runObjections('Tests', compared, before.failed).join('\n');
  };

  it('lets a passing test be renamed, not a failing one', () => {
    expect(objections(run(['a', 'b']), run(['a', 'c']))).toBe('');
    expect(objections(run(['a'], ['b']), run(['a', 'c']))).toMatch(/"b" failed on the base commit/);
  });

  it('counts fewer and skipped tests', () => {
    expect(objections(run(['a', 'b']), run(['a']))).toMatch(/1 fewer .* "b"/);
    expect(objections(run(['a', 'b']), run(['a'], [], ['b']))).toMatch(
      /"b" ran on the base commit and is skipped/,
    );
  });
});

describe('onlyKnownFailures', () => {
  const side = (of: ReturnType<typeof run> | null, output = '', exitCode = 1) => ({
    run: of,
    output,
    exitCode,
  });

  it('accepts fewer of the same failures, and never a new one', () => {
    expect(onlyKnownFailures(side(run([], ['a', 'b'])), side(run(['a'], ['b'])))).toBe(true);
    expect(onlyKnownFailures(side(run([], ['a'])), side(run([], ['a', 'b'])))).toBe(false);
  });

  it('does not accept failures that the runner counts and does not name', () => {
    const now = testRun('tap', { ...noTests(), failed: ['a'] }, { failed: 2 });
    expect(onlyKnownFailures(side(run([], ['a'])), side(now))).toBe(false);
  });

  it('accepts an output without names only when it is the same but for its times', () => {
    expect(onlyKnownFailures(side(null, '3 problems in 20 ms'), side(null, '3 problems in 31 ms'))).toBe(
      true,
    );
    expect(onlyKnownFailures(side(null, '3 problems'), side(null, '4 problems'))).toBe(false);
    expect(onlyKnownFailures(side(null, 'x', 1), side(null, 'x', 2))).toBe(false);
  });
});

describe('a green run whose tests are not known', () => {
  it('is no proof where the base commit’s run named them', () => {
    expect(lostNames('Tests', run(['a'], ['b']), null).join()).toMatch(/ran 2 tests \(tap\).*names none now/);
    const other = { ...run(['a', 'b']), runner: 'jest' };
    expect(lostNames('Tests', run(['a']), other).join()).toMatch(/what jest would print/);
  });

  it('is as good as before where the base commit’s was not known either', () => {
    expect(lostNames('Tests', null, null)).toEqual([]);
    expect(lostNames('Tests', null, run(['a']))).toEqual([]);
    expect(lostNames('Tests', run([]), null)).toEqual([]);
    expect(lostNames('Tests', run(['a']), run(['b']))).toEqual([]);
  });
});

describe('an exit code of 0 beside failures that the runner counts', () => {
  it('A142 hidden-failures: is not believed, and says what was counted', () => {
    expect(hiddenFailures(run(['a'], ['b']), false)).toMatch(/tap counts 1 failed test .*\("b"\)/);
    expect(hiddenFailures(run(['a']), false)).toBeNull();
    expect(hiddenFailures(null, false)).toBeNull();
  });

  it('is the owner’s way where the base commit had it', () => {
    expect(hiddenFailures(run(['a'], ['b']), true)).toBeNull();
  });
});

describe('a green run in which make did nothing', () => {
  it('A96 is no proof where it did something on the base commit', () => {
    const now = "make: 'test' is up to date.";
    expect(nothingDone('Tests', 'cc -o t', now).join()).toContain(now);
    expect(nothingDone('Tests', '', "make[1]: Nothing to be done for 'test'.")).toHaveLength(1);
    expect(nothingDone('Tests', now, now)).toEqual([]);
    expect(nothingDone('Tests', '', 'the page is up to date')).toEqual([]);
  });
});
