import { describe, expect, test } from 'vitest';
import { makeReport } from '../../../src/factory/report/report.ts';
import { reportMarkdown } from '../../../src/factory/report/report-markdown.ts';
import { makeProject } from '../../producers/cli/fixtures.ts';
import { cost, gate, makeTask, material, NOW, withTasks } from './report-material.ts';

describe('the tests', () => {
  const figures = (passed: number, failed: number) => ({
    passed,
    failed,
    skipped: 0,
    total: passed + failed,
  });
  const tests = {
    runner: 'node',
    ...figures(3, 1),
    before: figures(1, 1),
    failures: ['old'],
    newFailures: [],
    knownFailures: ['old'],
  };
  const check = { name: 'Tests', passed: true, output: '', required: true, tests };
  const sealedCheck = { name: 'Sealed', passed: true, output: '', required: true, sealed: true };
  const sealed = { command: 'npm test', show: 'none' as const, files: 2, hash: 'a'.repeat(64) };
  const seenRed = {
    key: 'k',
    files: [
      { path: 'a.test.js', outcome: 'seen red', tests: [] },
      { path: 'b.test.js', outcome: 'never red', tests: [] },
    ],
  };

  test('are shown before and after, with what was accepted and what wavered', () => {
    const gates = [
      gate({ id: 'g0', checks: [{ ...check, tests: { ...tests, passed: 0 } }] }),
      gate({ checks: [{ ...check, accepted: true, flaky: ['x'] }], seenRed }),
    ];
    const report = makeReport(material({ gates }), NOW);
    expect(report.proof).toEqual({
      checks: [
        {
          persona: 'engineer',
          check: 'Tests',
          before: figures(1, 1),
          after: figures(3, 1),
          accepted: ['old'],
          flaky: ['x'],
        },
      ],
      seenRed: { red: ['a.test.js'], never: ['b.test.js'], unknown: [] },
    });
    const text = reportMarkdown(report);
    expect(text).toContain('Tests (engineer): 3 of 4 passed, 1 of 2 passed on the base commit');
    expect(text).toContain('accepted by the owner, failing as before: `old`');
    expect(text).toContain('1 of 2 files of new or changed tests have been seen red');
    expect(text).toContain('never red, so it proves nothing of this work: `b.test.js`');
  });

  test('are shown with their old and new text where they ask for something else', () => {
    const changed = { path: 'a.test.js', tests: ['x'], by: 'task' as const, before: 'is(1)', after: 'is(2)' };
    const report = makeReport(material({ gates: [gate({ changedTests: [changed] })] }), NOW);
    expect(report.proof.changed).toEqual([changed]);
    expect(reportMarkdown(report)).toContain('before `is(1)`; now `is(2)`');
  });

  test.each([
    ['not run on any work yet', [], null],
    ['passed; they passed on the base commit as well', [true, true], true],
    ['failed', [false, false], false],
  ] as const)('that are sealed are told as: %s', (words, [base, work], passed) => {
    const project = makeProject({ settings: { commands: {}, allowGateChanges: false, sealed } });
    const gates = [
      ...(base === undefined
        ? []
        : [gate({ id: 'b', kind: 'baseline', checks: [{ ...sealedCheck, passed: base }] })]),
      ...(work === undefined ? [] : [gate({ checks: [{ ...sealedCheck, passed: work }] })]),
    ];
    const report = makeReport(material({ project, gates }), NOW);
    expect(report.proof.sealed?.passed).toBe(passed);
    expect(reportMarkdown(report)).toContain(`sealed checks (2 files, \`npm test\`): ${words}`);
  });

  test('that a persona sealed are shown with who wrote them, by which provider, and which were never red', () => {
    const by = {
      persona: 'acceptance-tester',
      providers: [{ id: 'other', model: 'm2' }],
      at: NOW,
      checks: [
        { path: 'test/a.js', outcome: 'seen red' as const },
        { path: 'test/b.js', outcome: 'never red' as const },
      ],
    };
    const settings = { commands: {}, allowGateChanges: false, sealed: { ...sealed, by } };
    const text = reportMarkdown(makeReport(material({ project: makeProject({ settings }) }), NOW));
    expect(text).toContain(
      'written by `acceptance-tester` with `other` (`m2`) before the work began: 1 of 2 files',
    );
    expect(text).toContain('sealed, and never red, so it proves nothing of this work: `test/b.js`');
  });

  test('money is shown by task, under the title that it has', () => {
    const first = makeTask({});
    const costs = [cost({ taskId: first.id }), cost({ requestId: 'r2', cost: 0.5 })];
    const text = reportMarkdown(makeReport({ ...withTasks(first), costs }, NOW));
    expect(text).toContain('| “Count pieces” | 1 | 100 | $0.2500 |');
    expect(text).toContain('| no single task | 1 | 100 | $0.5000 |');
  });
});
