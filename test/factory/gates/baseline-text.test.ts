import { expect, test } from 'vitest';
import { baselineText } from '../../../src/factory/gates/run/baseline-text.ts';
import type { QualityReport } from '../../../src/factory/model/gates/gate-report.ts';

const check = (name: string, passed: boolean, failures: string[] = []) =>
  ({
    ...{ name, passed, required: true, output: '' },
    ...(failures.length === 0 ? {} : { tests: { failures } }),
  }) as unknown as QualityReport['checks'][number];

const said = (description: string, ...checks: QualityReport['checks']) =>
  baselineText({ checks, passed: checks.every(({ passed }) => passed) }, description);

const RED_TEST = [check('Tests', false, ['sum.test.js > adds two numbers']), check('lint', true)];

test.each([
  'The test of sums fails. Make it pass.',
  'Fix the broken spec.',
  'Sums are wrong: see “adds two numbers”.',
])('a red test is expected where one was to be mended: %s', (description) => {
  expect(said(description, ...RED_TEST)).toEqual({
    level: 'info',
    message: 'baseline gate: 1 of 2 passed (expected: you asked to mend the test)',
  });
});

test.each(['Add a login form, with tests.', 'Add test fixtures.', 'Fix the colour of the button.'])(
  'a red test is a warning where none was to be mended: %s',
  (description) => {
    expect(said(description, ...RED_TEST)).toEqual({
      level: 'warn',
      message: 'baseline gate: 1 of 2 passed (what fails before the work begins is known from now on)',
    });
  },
);

test('a red check that is no test is a warning, also where a test was to be mended', () => {
  expect(said('Fix the failing test.', check('Tests', true), check('lint', false)).level).toBe('warn');
});

test('a green baseline is told as news, not as a warning', () => {
  const green = { level: 'info', message: 'baseline gate: 1 of 1 passed' };
  expect(said('Anything.', check('Tests', true))).toEqual(green);
});
