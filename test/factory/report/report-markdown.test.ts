import { describe, expect, test } from 'vitest';
import { makeReport } from '../../../src/factory/report/report.ts';
import { reportMarkdown } from '../../../src/factory/report/report-markdown.ts';
import { makeProject } from '../../producers/cli/fixtures.ts';
import { COMMIT, cost, gate, makeTask, material, NOW, ran, withTasks } from './report-material.ts';

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
    expect(text).toContain('failed (as on the base commit)');
    expect(text).toContain('gate changed (finish 1, engineer): `package.json`');
  });

  test('a repository that is gone takes nothing else away', () => {
    expect(reportMarkdown(makeReport(material({ git: null }), NOW))).toContain('There is no branch to read');
  });

  test('nobody is sent to a branch that cannot be read', () => {
    const project = makeProject({ status: 'failed', statusReason: 'Stopped before it began.' });
    const report = makeReport(material({ project, git: null }), NOW);
    expect(report.look).toEqual([]);
    for (const words of ['How to look at it', 'git -C', 'df diff']) {
      expect(reportMarkdown(report)).not.toContain(words);
      expect(reportMarkdown(makeReport(material({ project }), NOW))).toContain(words);
    }
  });
});

describe('a report of a night that failed', () => {
  const failing = [
    {
      ...{
        name: 'Tests',
        command: 'npm test',
        exitCode: 1,
        knownFailure: true,
        persona: 'engineer',
        round: 9,
      },
      commit: COMMIT,
      failures: [{ test: 'adds', message: '-1 !== 5\n# no heading', place: 'test/sum.test.js:5' }],
    },
  ];
  const red = (round: number) =>
    gate({
      id: `g${round}`,
      round,
      passed: false,
      checks: [
        { name: 'Tests', passed: false, output: '', required: true, command: 'npm test', exitCode: 1 },
      ],
    });
  const project = makeProject({ status: 'failed', statusReason: 'Its gate failed 9 times.' });
  const text = reportMarkdown(
    makeReport(material({ project, failing, gates: [1, 2, 3, 4, 5, 6, 7, 8, 9].map(red) }), NOW),
  );
  const lines = text.trimEnd().split('\n');

  test('begins with four lines: what changed, what is proved, what it cost, and what to do now', () => {
    expect(lines.slice(2, 6).map((line) => line.split(':')[0])).toEqual([
      '- What changed',
      '- Proved',
      '- Cost',
      '- What you do now',
    ]);
    expect(lines[5]).toContain(`df retry ${project.id.slice(0, 8)}`);
  });

  test('says which assertion failed, word for word, and what is left to try', () => {
    expect(text).toContain('**adds** (`test/sum.test.js:5`)\n\n    -1 !== 5\n    # no heading');
    expect(text).toContain('failed before the work began as well');
    expect(text).toContain('Left to try');
    expect(text).toContain(`with your words: \`df retry ${project.id.slice(0, 8)} --message "…"\`.`);
  });

  test('has one row for rounds that are alike, its hashes behind, and the merge as its last line', () => {
    expect(text).toContain('| finish 1 to 9 | engineer | Tests | failed |');
    expect(text.match(/round/g)?.length).toBe(1);
    expect(text.indexOf('## Hashes')).toBeGreaterThan(text.indexOf('## Money'));
    expect(lines.at(-2)).toBe(`git -C ${project.repository} merge ${project.workBranch}`);
  });
});
