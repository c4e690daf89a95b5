import { describe, expect, test } from 'vitest';
import { makeReport, shellWord } from '../../../src/factory/report/report.ts';
import { makeProject } from '../../producers/cli/fixtures.ts';
import { cost, gate, makeTask, material, NOW, ran, withTasks } from './report-material.ts';

describe('what counts as proved', () => {
  test.each([
    ['a command that passed', 'proved', [ran(true)]],
    ['a gate check that passed', 'proved', [ran(true, 'gate')]],
    ['nothing', 'claimed', []],
    ['a judge alone', 'claimed', [ran(true, 'audit')]],
    ['a command that failed at its newest run', 'claimed', [ran(true), ran(false)]],
    ['a command that passed at its newest run', 'proved', [ran(false), ran(true)]],
    ['one of two commands', 'claimed', [ran(true), ran(false, 'criterion', 'lint')]],
  ] as const)('a task completed by %s is %s', (_, where, evidence) => {
    const { tasks } = makeReport(withTasks(makeTask({ evidence: [...evidence] })), NOW);
    expect(Object.entries(tasks).filter(([, list]) => list.length > 0)).toMatchObject([[where, [{}]]]);
  });

  test('open and skipped tasks stand apart', () => {
    const { tasks } = makeReport(
      withTasks(
        makeTask({ status: 'blocked' }),
        makeTask({ status: 'pending' }),
        makeTask({ status: 'skipped' }),
      ),
      NOW,
    );
    expect([tasks.open.length, tasks.skipped.length, tasks.proved.length]).toEqual([2, 1, 0]);
  });
});

describe('the head of a report', () => {
  test.each([
    ['the sandbox was off', material({ gates: [gate({ sandbox: 'off' })] }), /sandbox was switched off/],
    [
      'a gate was changed',
      material({ gates: [gate({ changedDefinitions: ['.npmrc'] })] }),
      /Gate changed: \.npmrc/,
    ],
    [
      'checks were switched off',
      material({ project: makeProject({ settings: { commands: { lint: null }, allowGateChanges: false } }) }),
      /Switched off by the owner: lint/,
    ],
    ['replies were lost', material({ costs: [cost({ possible: true })] }), /1 of 1 model replies/],
    ['it completed without tasks', material(), /No task was ever listed/],
  ])('warns that %s', (_, given, expected) => {
    expect(makeReport(given, NOW).warnings.join('\n')).toMatch(expected);
  });
});

describe('money', () => {
  test('each request counts once and the sums are by provider and persona', () => {
    const costs = [
      cost({}),
      cost({}),
      cost({ requestId: 'r2', provider: 'b', cost: 1 }),
      cost({ requestId: 'r3', possible: true }),
    ];
    const { money } = makeReport(material({ costs }), NOW);
    expect(money).toMatchObject({ totalSpent: 1.25, possibleSpent: 0.25, tokensUsed: 300 });
    expect(money.byProvider.map(({ provider, requests }) => [provider, requests])).toEqual([
      ['b', 1],
      ['a', 2],
    ]);
  });
});

test('command lines of a report survive being pasted into a shell', () => {
  expect(shellWord('/a/b-c.d')).toBe('/a/b-c.d');
  expect(shellWord("/it's $(x)")).toBe("'/it'\\''s $(x)'");
});
