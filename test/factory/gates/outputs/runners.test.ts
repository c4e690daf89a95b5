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
