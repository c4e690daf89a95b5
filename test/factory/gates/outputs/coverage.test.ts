import { describe, expect, it } from 'vitest';
import { lacksCoverage } from '../../../../src/factory/gates/outputs/coverage.ts';

describe('lacksCoverage', () => {
  it.each([
    ['tap, nyc and c8', 'ERROR: Coverage for branches (96.52%) does not meet global threshold (100%)'],
    ['c8 for each file', 'ERROR: Coverage for lines (50%) does not meet threshold (100%) for lib/a.js'],
    ['newer tap', '# time=10ms\nERROR: incomplete coverage\n'],
    ['Jest', 'Jest: "global" coverage threshold for statements (90%) not met: 81.25%'],
    ['Node', 'Error: 50.00% line coverage does not meet threshold of 90%.'],
    ['pytest-cov', 'FAIL Required test coverage of 100% not reached. Total coverage: 98.00%'],
    ['coverage.py', 'Coverage failure: total of 98 is less than fail-under=100'],
  ])('is told by %s', (_, output) => expect(lacksCoverage(output)).toBe(true));

  it.each([
    'ok 1 - coverage does not meet global threshold',
    '# ERROR: Coverage for lines (98%) does not meet global threshold (100%)',
    'All files | 100 | 100 | 100 | 100 |',
    'AssertionError: 98% is not 100%',
  ])('is not told by %s', (output) => expect(lacksCoverage(output)).toBe(false));
});
