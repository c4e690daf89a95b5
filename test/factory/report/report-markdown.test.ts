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
    expect(text).toContain('failed (known from the base commit)');
    expect(text).toContain('gate changed (finish 1, engineer): `package.json`');
  });

  test('a repository that is gone takes nothing else away', () => {
    expect(reportMarkdown(makeReport(material({ git: null }), NOW))).toContain('There is no branch to read');
  });
});
