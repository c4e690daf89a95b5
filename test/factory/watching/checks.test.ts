import { describe, expect, it } from 'vitest';
import type { ForgeCheck } from '../../../src/factory/ports.ts';
import { failingPart } from '../../../src/factory/watching/failing-part.ts';
import { judgeChecks } from '../../../src/factory/watching/judge-checks.ts';
import { NOW } from '../../support/samples.ts';
import { check, MINUTE } from './watch-house.ts';

describe('checks and logs', () => {
  it('are waited for until all have ended, or for long enough', () => {
    const at = { since: NOW, patience: 60 * MINUTE };
    const verdict = (checks: ForgeCheck[], minutes: number) =>
      judgeChecks(checks, at, new Date(NOW.getTime() + minutes * MINUTE)).kind;
    expect(verdict([], 5)).toBe('pending');
    expect(verdict([], 11)).toBe('none');
    expect(verdict([check('a', 'passed')], 0)).toBe('passed');
    expect(verdict([check('a', 'failed'), check('b', 'pending')], 5)).toBe('pending');
    expect(verdict([check('a', 'failed'), check('b', 'pending')], 61)).toBe('failed');
    expect(verdict([check('a', 'passed'), check('b', 'pending')], 61)).toBe('overdue');
    expect(verdict([check('a', 'passed'), check('b', 'withheld')], 5)).toBe('pending');
    expect(verdict([check('a', 'failed'), check('b', 'withheld')], 5)).toBe('failed');
  });

  it('are cut to the step that failed last, its end first of all', () => {
    const time = '2026-03-01T20:00:00.1234567Z ';
    expect(
      failingPart(
        `${time}##[group]Run a\n${time}ok\n${time}##[group]Run b\n${time}bad\n${time}##[error]Process completed\n${time}Post\n${time}more`,
        1_000,
      ),
    ).toBe('##[group]Run b\nbad\n##[error]Process completed');
    expect(
      failingPart('section_start:1:step\r\u001b[0K$ npm test\nred\nERROR: Job failed: exit code 1\n', 1_000),
    ).toBe('$ npm test\nred\nERROR: Job failed: exit code 1');
    expect(failingPart(`${'x\n'.repeat(5_000)}the end`, 100)).toMatch(/^\[…\]\n(x\n)+the end$/);
  });
});
