import { expect, test } from 'vitest';
import { gateLines } from '../../../../src/producers/cli/render/gate-text.ts';
import { render } from '../../../../src/producers/cli/render/output.ts';
import { gate } from '../../../factory/report/report-material.ts';

const shown = (output: string) =>
  gateLines(
    gate({
      passed: false,
      checks: [{ name: 'Tests', command: 'npm test', passed: false, required: true, exitCode: 1, output }],
    }),
    '/w',
  )
    .map((line) => render(line, false).trim())
    .slice(2);

test('a gate that failed shows the tests that failed and what they expected, not the counts at the end', () => {
  const output = [
    '✖ adds (1.2ms)',
    'ℹ tests 1',
    'ℹ fail 1',
    'ℹ duration_ms 630.840546',
    '',
    '✖ failing tests:',
    '',
    'test at test/sum.test.js:5:1',
    '✖ adds (1.2ms)',
    '  AssertionError [ERR_ASSERTION]: 6 == 5',
    '      at TestContext.<anonymous> (file:///w/test/sum.test.js:5:33)',
  ].join('\n');
  expect(shown(output).join('\n')).toContain('6 == 5');
  expect(shown(output)[0]).toBe('adds (test/sum.test.js:5)');
  expect(shown(output).join('\n')).not.toContain('duration_ms');
});

test('a gate that failed shows the end of an output that no known runner wrote', () => {
  const output = Array.from({ length: 40 }, (_, at) => `line ${at}`).join('\n');
  expect(shown(output).at(-1)).toBe('line 39');
});
