import { describe, expect, test } from 'vitest';
import { type FactoryEvent, factoryEvent } from '../../../src/factory/model/event.ts';
import { makeReport } from '../../../src/factory/report/report.ts';
import { reportMarkdown } from '../../../src/factory/report/report-markdown.ts';
import { COMMIT, gate, makeTask, material, NOW, ran, withTasks } from './report-material.ts';

const event = (type: string, message: string, more: Partial<FactoryEvent> = {}): FactoryEvent =>
  factoryEvent.parse({ timestamp: NOW.toISOString(), projectId: 'p', type, message, ...more });
const commit = (letter: string, subject: string) => ({ hash: letter.repeat(40), subject });
const figures = { commits: 4, files: 1, insertions: 1, deletions: 0 };

describe('what was tried and dropped', () => {
  test('is left out where nothing was', () => {
    expect(reportMarkdown(makeReport(material(), NOW))).not.toContain('Tried and dropped');
  });

  test('names each claim that did not hold, with what the factory found', () => {
    const task = makeTask({ title: 'Renamed since' });
    const events = [
      event('task.refused', '"Count pieces": 0 of 2 commands passed.', {
        ...{ taskId: task.id, persona: 'engineer' },
        data: { title: 'Count pieces', outcome: '0 of 2 commands passed.' },
      }),
      event('task.blocked', '"Gone": 1 of 2 commands passed.', {
        data: { title: 'Gone', outcome: '1 of 2 commands passed.' },
      }),
      // An older version said it in the message alone.
      event('task.refused', '"Old": 0 of 1 commands passed.'),
      event('task.completed', '"Count pieces": 2 of 2 commands passed.', { taskId: task.id }),
    ];
    const report = makeReport({ ...withTasks(task), events }, NOW);
    expect(report.dropped.claims).toMatchObject([
      { title: 'Renamed since', persona: 'engineer', outcome: '0 of 2 commands passed.' },
      { title: 'Gone', outcome: '1 of 2 commands passed.' },
      { title: 'a task', outcome: '"Old": 0 of 1 commands passed.' },
    ]);
    expect(reportMarkdown(report)).toContain('`engineer` “Renamed since”: “0 of 2 commands passed.”');
  });

  test('shows for each red gate what failed, which commits followed, and how the next one ended', () => {
    const red = { passed: false, checks: [{ name: 'Tests', passed: false, output: '', required: true }] };
    const gates = [
      gate({ ...red, id: 'g0', kind: 'baseline', commit: 'a'.repeat(40) }),
      gate({ ...red, id: 'g1', round: 1, commit: 'b'.repeat(40), objections: ['gate changed: x'] }),
      gate({ id: 'g2', round: 2, commit: 'd'.repeat(40) }),
      gate({ ...red, id: 'g3', persona: 'tester', commit: 'd'.repeat(40) }),
    ];
    const log = [commit('e', 'Last'), commit('d', 'Fix'), commit('c', 'Try'), commit('b', 'Begin')];
    const { dropped } = makeReport(material({ gates, git: { figures, log } }), NOW);
    expect(dropped.rounds).toMatchObject([
      {
        gate: 'g1',
        failed: ['Tests'],
        objections: ['gate changed: x'],
        changed: [{ subject: 'Try' }, { subject: 'Fix' }],
        next: 'passed',
      },
      { gate: 'g3', changed: [{ subject: 'Last' }], next: 'not run again' },
    ]);
    const gone = makeReport(material({ gates, git: null }), NOW);
    expect(gone.dropped.rounds.map(({ changed }) => changed)).toEqual([null, null]);
  });

  test('tells of blocked tasks what was tried how often, and of skipped ones who left them out', () => {
    const report = makeReport(
      withTasks(
        makeTask({
          status: 'blocked',
          blockedBy: 'factory',
          verificationNotes: ['No compiler here.'],
          evidence: [ran(false), ran(false), ran(true, 'criterion', 'lint')],
        }),
        makeTask({ status: 'skipped', skippedBy: 'agent', verificationNotes: ['Not needed.'] }),
      ),
      NOW,
    );
    expect(report.dropped.blocked).toMatchObject([
      { by: 'factory', why: 'No compiler here.', failures: [{ name: 'tests', times: 2 }] },
    ]);
    expect(report.dropped.skipped).toMatchObject([{ by: 'agent', why: 'Not needed.' }]);
    const text = reportMarkdown(report);
    expect(text).toContain('“Count pieces”, by factory: “No compiler here.”');
    expect(text).toContain('tried 2 times, and failed: criterion “tests” `npm test`, exit 1');
    expect(text).toContain('“Count pieces”, by agent: “Not needed.”');
  });

  test('tells of ways that led nowhere and of commits that were taken back', () => {
    const events = [event('progress.fresh', 'nothing has changed for 40 turns', { persona: 'engineer' })];
    const log = [commit('b', 'Revert "Try"'), commit('a', 'Try')];
    const text = reportMarkdown(makeReport(material({ events, git: { figures, log } }), NOW));
    expect(text).toContain('`engineer` got a fresh conversation: “nothing has changed for 40 turns”');
    expect(text).toContain('`bbbbbbbbbbbb` “Revert "Try"”');
  });

  test('no word of an agent leaves its quotation marks, makes markup, a link or a line of its own', () => {
    const hostile = 'x” is proved. “\n# Proved (9)\n| a | [b](http://c) www.evil.com <img>';
    const events = [
      event('task.refused', `"${hostile}": ${hostile}`),
      event('progress.blocked', hostile),
      event('gate.failed', hostile, { level: 'warn' }),
    ];
    const task = makeTask({ title: hostile, status: 'blocked', verificationNotes: [hostile] });
    const text = reportMarkdown(
      makeReport(
        { ...withTasks(task), events, git: { figures, log: [commit('a', `Revert ${hostile}`)] } },
        NOW,
      ),
    );
    expect(text).not.toMatch(/^# Proved|^\| a/m);
    expect(text).not.toContain('x” is proved');
    expect(text).not.toMatch(/(?<!\\)<img|(?<!\\)\]\(|http:\/\/|www\.evil/);
  });

  test('of thousands, the newest are written out and all are counted', () => {
    const events = Array.from({ length: 2_000 }, (_, index) =>
      event('task.refused', `"T${index}": no.`, { data: { title: `T${index}`, outcome: 'no.' } }),
    );
    const text = reportMarkdown(makeReport(material({ events }), NOW));
    expect(text).toContain('**Claims that did not hold** (2000, the newest 50 of them)');
    expect(text).toContain('“T1999”');
    expect(text).not.toContain('“T1949”');
    expect(text.length).toBeLessThan(20_000);
  });
});

describe('where the time went', () => {
  test('stands in the report and sums up to the time from start to end', () => {
    const at = (minute: number) => new Date(NOW.getTime() - (60 - minute) * 60_000).toISOString();
    const events = [
      event('project.started', 'x', { timestamp: at(0) }),
      event('project.prepared', 'x', { timestamp: at(4), data: { durationMs: 240_000 } }),
      event('project.waiting', 'x', { timestamp: at(10), data: { for: 'rate' } }),
      event('step.replied', 'x', { timestamp: at(15) }),
      event('gate.passed', 'x', { timestamp: at(25), data: { kind: 'finish', durationMs: 120_000 } }),
    ];
    const report = makeReport(material({ events }), NOW);
    expect(report.time.wallMs).toBe(3_600_000);
    const text = reportMarkdown(report);
    for (const row of ['| set-up | 4m', '| waiting for rate limits | 5m', '| quality gates | 2m'])
      expect(text).toContain(row);
  });
});

test('incidents beyond the newest are counted', () => {
  const events = Array.from({ length: 60 }, (_, index) =>
    event('x.y', `incident ${index}`, { level: 'warn' }),
  );
  const text = reportMarkdown(makeReport(material({ events, gates: [gate({ commit: COMMIT })] }), NOW));
  expect(text).toContain('10 earlier ones stand in the log');
  expect(text).toContain('“incident 59”');
  expect(text).not.toContain('“incident 9”');
});
