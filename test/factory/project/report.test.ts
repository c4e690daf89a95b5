import { describe, expect, test } from 'vitest';
import type { CostEntry } from '../../../src/factory/finance/finance.ts';
import { type QualityReport, qualityReport } from '../../../src/factory/gates/report.ts';
import { makeReport, type ReportMaterial, shellWord } from '../../../src/factory/project/report.ts';
import { reportMarkdown } from '../../../src/factory/project/report-markdown.ts';
import { type Task, task } from '../../../src/factory/tasks/task.ts';
import { makeAgent, makeProject, PROJECT_ID } from '../../cli/fixtures.ts';

const NOW = new Date('2026-11-23T06:00:00.000Z');
const COMMIT = 'c'.repeat(40);

function makeTask(change: Partial<Task>): Task {
  const base = {
    id: '7b0d0c3a-1b1f-4d53-8f53-6a7b8c9d0e1f',
    title: 'Count pieces',
    status: 'completed',
    priority: 1,
    createdAt: NOW,
  };
  return { ...task.parse(base), ...change };
}

const ran = (passed: boolean, kind: 'criterion' | 'gate' | 'audit' = 'criterion', name = 'tests') => ({
  kind,
  name,
  passed,
  command: 'npm test',
  exitCode: passed ? 0 : 1,
  commit: COMMIT,
  at: NOW,
});

function gate(change: Record<string, unknown> = {}): QualityReport {
  return qualityReport.parse({
    id: 'g1',
    projectId: PROJECT_ID,
    persona: 'engineer',
    kind: 'finish',
    round: 1,
    passed: true,
    commit: COMMIT,
    sandbox: 'bubblewrap',
    timestamp: NOW,
    checks: [
      { name: 'Tests', passed: true, output: 'long', required: true, command: 'npm test', exitCode: 0 },
    ],
    ...change,
  });
}

const cost = (change: Partial<CostEntry>): CostEntry => ({
  timestamp: NOW,
  provider: 'a',
  model: 'm',
  tokensUsed: 100,
  cost: 0.25,
  operation: 'chat',
  requestId: 'r1',
  persona: 'engineer',
  possible: false,
  ...change,
});

function material(change: Partial<ReportMaterial> = {}): ReportMaterial {
  return {
    project: makeProject({ status: 'completed', statusReason: 'Every task is done and proved.' }),
    tasks: { schemaVersion: 1, version: 1, projectId: PROJECT_ID, tasks: [] },
    agents: [makeAgent()],
    gates: [gate()],
    costs: [],
    events: [],
    git: {
      figures: { commits: 2, files: 3, insertions: 4, deletions: 5 },
      log: [{ hash: COMMIT, subject: 'Count' }],
    },
    ...change,
  };
}

const withTasks = (...tasks: Task[]) =>
  material({ tasks: { schemaVersion: 1, version: 1, projectId: PROJECT_ID, tasks } });

describe('what counts as proved', () => {
  test.each([
    ['a command that passed', [ran(true)], 'proved'],
    ['a gate check that passed', [ran(true, 'gate')], 'proved'],
    ['nothing', [], 'claimed'],
    ['a judge alone', [ran(true, 'audit')], 'claimed'],
    ['a command that failed at its newest run', [ran(true), ran(false)], 'claimed'],
    ['a command that passed at its newest run', [ran(false), ran(true)], 'proved'],
    ['one of two commands', [ran(true), ran(false, 'criterion', 'lint')], 'claimed'],
  ] as const)('completed by %s', (_, evidence, where) => {
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

describe('what the owner must know first', () => {
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
  ])('%s', (_, given, expected) => {
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

describe('the Markdown', () => {
  const HOSTILE =
    '# Owned\n<img src=x onerror=alert(1)> [click](http://evil) `x` | \u001b]52;c;AA\u0007 **bold**';

  test('nothing that others wrote becomes markup, a control sequence or a line of its own', () => {
    const given = {
      ...withTasks(
        makeTask({
          title: HOSTILE,
          verificationNotes: [HOSTILE],
          evidence: [{ ...ran(true), name: HOSTILE, command: HOSTILE }],
        }),
      ),
      project: makeProject({
        name: HOSTILE.split('\n')[1] ?? '',
        description: HOSTILE,
        statusReason: HOSTILE,
      }),
      gates: [
        gate({ checks: [{ name: HOSTILE, passed: false, output: '', required: true, command: HOSTILE }] }),
      ],
      git: {
        figures: { commits: 1, files: 1, insertions: 1, deletions: 0 },
        log: [{ hash: COMMIT, subject: HOSTILE }],
      },
    };
    const text = reportMarkdown(makeReport(given, NOW));
    expect(text).not.toMatch(/^# Owned/m);
    expect(text).not.toContain('\u001b');
    const outsideCode = text.replace(/(`+)[\s\S]*?[^`]\1(?!`)/g, '');
    expect(outsideCode).not.toMatch(/(?<!\\)<img|(?<!\\)\]\(http|(?<!\\)\*\*bold/);
  });

  test('has what was asked, the status with its reason, gates, work, money and how to look at it', () => {
    const text = reportMarkdown(makeReport(material({ costs: [cost({})] }), NOW));
    for (const part of [
      '**completed**. Every task is done and proved.',
      '> Add a login form',
      '| finish 1 | engineer | Tests | passed | `npm test` | 0 |',
      '2 commits, 3 files changed, 4 lines added, 5 removed.',
      '| a | 1 | 100 | $0.2500 |',
      'git -C /home/u/shop log --oneline aaaaaaaaaaaa..df/add-login/2026-11-22',
    ]) {
      expect(text).toContain(part);
    }
  });

  test('known failures and gate changes are named as such', () => {
    const gates = [
      gate({
        passed: false,
        changedDefinitions: ['package.json'],
        checks: [{ name: 'Tests', passed: false, output: '', required: true, knownFailure: true }],
      }),
    ];
    const text = reportMarkdown(makeReport(material({ gates }), NOW));
    expect(text).toContain('failed (known from the base commit)');
    expect(text).toContain('gate changed (finish 1, engineer): `package.json`');
  });

  test('a repository that is gone takes nothing else away', () => {
    expect(reportMarkdown(makeReport(material({ git: null }), NOW))).toContain('There is no branch to read');
  });
});

test('command lines of a report survive being pasted into a shell', () => {
  expect(shellWord('/a/b-c.d')).toBe('/a/b-c.d');
  expect(shellWord("/it's $(x)")).toBe("'/it'\\''s $(x)'");
});

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

  test.each([
    ['not run on any work yet', [], null],
    ['passed; they passed on the base commit as well', [true, true], true],
    ['failed', [false, false], false],
  ] as const)('that are sealed: %s', (words, [base, work], passed) => {
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

  test('money is shown by task, under the title that it has', () => {
    const first = makeTask({});
    const costs = [cost({ taskId: first.id }), cost({ requestId: 'r2', cost: 0.5 })];
    const text = reportMarkdown(makeReport({ ...withTasks(first), costs }, NOW));
    expect(text).toContain('| Count pieces | 1 | 100 | $0.2500 |');
    expect(text).toContain('| no single task | 1 | 100 | $0.5000 |');
  });
});
