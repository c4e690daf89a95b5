import { expect, it } from 'vitest';
import { readFailures } from '../../../../src/factory/gates/outputs/failures.ts';
import { recordedText } from './recorded.ts';

it.each([
  ['node-spec', 'inner bad', 'AssertionError [ERR_ASSERTION]: 1 == 2', 'test/a.test.js:3'],
  ['node-tap', 'inner bad', '1 == 2', 'test/a.test.js:3'],
  ['vitest4', 'test/a.test.mjs > suite > inner bad', 'AssertionError: 1 == 2', 'test/a.test.mjs:2'],
  ['jest', 'suite > inner bad', 'Expected value to be equal to:\n  2\nReceived:\n  1', 'test/a.test.js:2'],
  ['mocha', 'suite > inner bad', '+ expected - actual\n-1\n+2', 'test/a.test.js:2'],
  ['pytest-q', 'test_bad', 'assert 1 == 2', 'test_a.py:3'],
  ['pytest', 'ERROR collecting test_b.py', "ModuleNotFoundError: No module named 'nope'", 'test_b.py:1'],
  ['unittest', 'test_bad (test_a.TestA.test_bad)', 'AssertionError: 1 != 2', 'ut/test_a.py:4'],
  ['cargo', 'tests::bad', 'assertion `left == right` failed\n  left: 1\n right: 2', 'src/lib.rs:1'],
  ['go', 'TestTable/negative_one', 'got 1, want -1', 'sum_test.go:14'],
  ['go-v', 'TestTable/negative_one', 'got 1, want -1', 'sum_test.go:14'],
  ['surefire', 'shop.SumTest.bad', 'expected: <5> but was: <-1>', 'SumTest.java:9'],
  ['junit-xml', 'bad &quot;x&quot; <y>', '1 == 2', undefined],
  ['tape', 'is two', 'expected: 2\nactual: 1', 'tape/a.js:1'],
])('of an output of %s the assertion is found, without its stack', (name, test, message, place) => {
  const found = readFailures(recordedText(name), ['/project']).find((each) => each.test === test);
  expect(found?.message).toContain(message);
  expect(found?.place).toBe(place);
  expect(found?.message).not.toMatch(/^\s*at .*:\d+:\d+|^ *\d+ ?\|/m);
});

it('of Gradle’s as well, and of an output of no known form the end that speaks of trouble', () => {
  const gradle =
    'SumTest > adds() FAILED\n    AssertionFailedError: expected: <5> but was: <-1>\n        at SumTest.java:9\n\n1 test completed, 1 failed';
  expect(readFailures(gradle)).toEqual([
    {
      test: 'SumTest > adds()',
      message: 'AssertionFailedError: expected: <5> but was: <-1>',
      place: 'SumTest.java:9',
    },
  ]);
  const compiler = `${'building\n'.repeat(50)}src/a.ts(3,1): error TS2322: no\nExit code 2`;
  expect(readFailures(compiler)).toEqual([
    { test: '', message: 'src/a.ts(3,1): error TS2322: no\nExit code 2' },
  ]);
  expect(readFailures('')).toEqual([]);
});

it('a flood is cut, in lines, letters and number', () => {
  const test = (n: number) =>
    `_____ test_${n} _____\n${`E   ${'x'.repeat(90)}\n`.repeat(400)}\na.py:1: Error\n`;
  const text = `==== FAILURES ====\n${Array.from({ length: 40 }, (_, n) => test(n)).join('')}\n40 failed in 1.00s\n`;
  const found = readFailures(text);
  expect(found).toHaveLength(5);
  for (const { message } of found) expect(message.length).toBeLessThan(1_300);
});
