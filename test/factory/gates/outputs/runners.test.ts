import { describe, expect, it } from 'vitest';
import { readTests } from '../../../../src/factory/gates/outputs/read.ts';
import { recorded } from './recorded.ts';

/** What tools really print of one test that passes, one that fails and one that is left out, or nearly so. */
const RUNS: Record<string, { failed: string[]; total: number; passed: number; named?: boolean }> = {
  unittest: {
    failed: ['test_b.py', 'test_a.TestA > test_bad', 'test_a.TestA > test_sub (i=2)'],
    total: 7,
    passed: 2,
  },
  'unittest-v': {
    failed: ['test_b.py', 'test_a.TestA > test_bad', 'test_a.TestA > test_sub (i=2)'],
    total: 7,
    passed: 2,
    named: true,
  },
  'pytest-sub': { failed: ['test_a.py::test_parts'], total: 2, passed: 1, named: true },
  'mocha-dot': { failed: ['suite > inner bad'], total: 4, passed: 2 },
  ava: { failed: ['a > bad'], total: 5, passed: 2, named: true },
  'ava-tap': { failed: ['a > bad'], total: 5, passed: 2, named: true },
  tap: { failed: ['tp/a.test.cjs > bad > should be equal'], total: 3, passed: 1, named: true },
  tape: { failed: ['bad > is two'], total: 3, passed: 2, named: true },
  uvu: { failed: ['bad'], total: 4, passed: 2 },
  jasmine: { failed: ['suite bad'], total: 3, passed: 1 },
  bun: { failed: ['bad'], total: 4, passed: 1, named: true },
  deno: { failed: ['bad'], total: 3, passed: 1, named: true },
  'junit-xml': { failed: ['test > bad &quot;x&quot; <y>'], total: 4, passed: 2, named: true },
  nextest: { failed: ['total tests::bad'], total: 3, passed: 1, named: true },
  rspec: { failed: ['Sum bad'], total: 3, passed: 1 },
  minitest: { failed: ['TestSum > test_bad'], total: 3, passed: 1 },
  'minitest-v': { failed: ['TestSum > test_bad'], total: 3, passed: 1, named: true },
  phpunit: { failed: ['Shop\\Tests\\SumTest > testBad'], total: 3, passed: 1 },
  'phpunit-ok': { failed: [], total: 3, passed: 3 },
  surefire: { failed: ['shop.SumTest > bad'], total: 4, passed: 2 },
  gtest: { failed: ['Sum.Bad'], total: 3, passed: 1, named: true },
  dotnet: { failed: ['Sum.Tests.SumTest.Bad'], total: 3, passed: 1 },
  ctest: { failed: ['bad'], total: 3, passed: 1, named: true },
  prove: { failed: ['pr/a.t'], total: 3, passed: 2 },
  'prove-v': { failed: ['pr/a.t'], total: 3, passed: 2 },
};

describe('the output of a runner', () => {
  it.each(Object.entries(RUNS))('%s is counted, and its failures are named', (name, expected) => {
    const run = recorded(name);
    expect(run?.failed).toEqual(expected.failed);
    expect(run?.totals).toMatchObject({ total: expected.total, passed: expected.passed });
    expect(run?.named).toBe(expected.named ?? false);
    expect((run?.toldFailed ?? 0) > 0).toBe(expected.failed.length > 0);
  });

  it('of several packages is added up', () => {
    const two = 'Test Suites: 1 passed, 1 total\nTests:       2 passed, 2 total\n'.repeat(2);
    expect(readTests(two)?.totals.total).toBe(4);
    const pytest = '===== 2 passed in 0.01s =====\n===== 1 failed, 1 passed in 0.01s =====\n';
    expect(readTests(pytest)?.totals).toMatchObject({ total: 4, failed: 1 });
  });

  it('is read as that of the runner on the base commit, whatever code under test prints in the manner of another', () => {
    const text = 'TAP version 13\nok 1 - everything\n\nRan 2 tests in 0.001s\n\nOK\n';
    expect(readTests(text, [], 'unittest')).toMatchObject({ runner: 'unittest', totals: { total: 2 } });
    expect(readTests(text, [], 'tap')).toMatchObject({ runner: 'tap', passed: ['everything'] });
  });

  it.each([
    ['unittest', 'Ran 2 tests in 0.001s\n\nOK (skipped=1, expected failures=1)\n'],
    ['pytest', '===== 2 passed, 1 xfailed, 1 xpassed, 1 rerun in 0.01s =====\n'],
    ['tap', 'TAP version 13\nok 1 - a\nnot ok 2 - b # TODO later\n1..2\n# pass 1\n# fail 1\n'],
    ['tap', 'TAP version 13\n# a\nok 1 b\nnot ok 2 - printed\n\n1..1\n# tests 1\n# pass  1\n\n# ok\n'],
    ['tap', '1..2\nok 1 a\nnot ok 2 b # TODO later\n'],
    [
      'surefire',
      '[ERROR] a.B.c -- Time elapsed: 0.1 s <<< FAILURE!\n[WARNING] Tests run: 1, Failures: 0, Errors: 0, Skipped: 0, Flakes: 1\n',
    ],
    [
      'node',
      '✖ no such file\n✔ a (1ms)\nℹ tests 1\nℹ suites 0\nℹ pass 1\nℹ fail 0\nℹ cancelled 0\nℹ skipped 0\nℹ todo 0\n',
    ],
    [
      'cargo',
      'test a - should panic ... ok\ntest inner ... FAILED\n\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n',
    ],
    [
      'nextest',
      '  TRY 1 FAIL [ 0.1s] t a\n  TRY 2 PASS [ 0.1s] t a\n     Summary [ 0.2s] 1 test run: 1 passed (1 flaky), 0 skipped\n',
    ],
    ['vitest', ' Test Files  1 passed (1)\n      Tests  1 passed | 1 expected fail (2)\n'],
    ['ava', '  ✔ a\n  1 test passed\n  1 known failure\n  1 test todo\n'],
    ['go', '=== RUN   TestA\n--- FAIL: TestInner (0.00s)\n--- PASS: TestA (0.00s)\nPASS\nok  \ta\t0.1s\n'],
    [
      'bun',
      '3 errors\n(pass) a [0.1ms]\n\n 1 pass\n 1 todo\n 0 fail\n 2 expect() calls\nRan 2 tests across 1 file. [75.00ms]\n',
    ],
    [
      'ctest',
      '1/1 Test #1: a ....***Failed  0.0 sec\n    Test #1: a ....   Passed  0.0 sec\n\n100% tests passed, 0 tests failed out of 1\n\nTotal Test time (real) =   0.01 sec\n',
    ],
    [
      'prove',
      'a.t (Wstat: 0 Tests: 2 Failed: 0)\n  TODO passed:   2\nFiles=1, Tests=2,  0 wallclock secs\nResult: PASS\n',
    ],
    ['mocha', '\n  1 passing (3ms)\n  1 pending\n'],
  ])(
    'of a green run counts no failure, whatever was expected, repeated or printed: %s %#',
    (runner, text) => {
      expect(readTests(text)).toMatchObject({ runner, toldFailed: 0 });
    },
  );

  it.each([
    ['go', '--- FAIL: TestA (0.00s)\nFAIL\nok  \ta\t0.1s\n'],
    ['rspec', '3 examples, 1 failure\n'],
    ['phpunit', 'Tests: 3, Assertions: 3, Failures: 1.\n'],
    ['surefire', '[ERROR] Tests run: 3, Failures: 1, Errors: 0, Skipped: 0\n'],
    ['unittest', 'Ran 2 tests in 0.001s\n\nFAILED (failures=1, expected failures=2)\n'],
    ['tap', 'TAP version 13\nok 1 - a\nnot ok 2 - b\n'],
    ['jest', 'Test Suites: 1 failed, 1 passed, 2 total\nTests:       1 passed, 1 total\n'],
    ['mocha', '  1 passing (3ms)\n\n> b@1 test\n\n  2 passing (3ms)\n  1 failing\n'],
  ])('that names a failure counts it, whatever the exit code: %s', (runner, text) => {
    expect(readTests(text)).toMatchObject({ runner, toldFailed: 1 });
  });

  it('that says that no test ran counts none', () => {
    for (const text of ['Ran 0 tests in 0.000s\n\nOK\n', '==== no tests ran in 0.01s ====\n'])
      expect(readTests(text)?.totals.total, text).toBe(0);
  });

  it('of go without names counts packages, so that a fixed test is not missed', () => {
    const red = '--- FAIL: TestAdd (0.00s)\nFAIL\nFAIL\texample.test/total\t0.002s\nFAIL\n';
    const green = 'ok  \texample.test/total\t0.002s\n';
    expect(readTests(red)?.totals.total).toBe(1);
    expect(readTests(green)?.totals.total).toBe(1);
  });

  it.each([
    '\n',
    ' ',
    '=',
    '1 a, ',
    'no no ',
    '1) a\n',
    '<testcase ',
    'a (b) ... ',
    '# ',
    '\tFAIL  ',
    '"',
    '/a/',
  ])('is read in time where it is hostile: %j', (part) => {
    const text = `${part.repeat(Math.ceil(100_000 / part.length))}\nRan 1 test in 1s\n<testsuites>\n`;
    readTests(text);
    readTests(`TAP version 13\n  1 passing\n${text}`);
  });
});
