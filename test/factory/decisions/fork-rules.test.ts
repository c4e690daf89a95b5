import { describe, expect, it } from 'vitest';
import { readArguments } from '../../../src/factory/agent/tools/arguments.ts';
import { dueNotes } from '../../../src/factory/audits/due-notes.ts';
import { readTie, rivals, settleTie, tieQuestion } from '../../../src/factory/decisions/choose/tie.ts';
import { childOf, decided } from '../../../src/factory/decisions/fork/child.ts';
import { decisionArgs } from '../../../src/factory/decisions/fork/decide.ts';
import { isWhole, neverBegins } from '../../../src/factory/decisions/fork/fork-act.ts';
import { adoptTasks } from '../../../src/factory/decisions/merge/handoff.ts';
import { financeState } from '../../../src/factory/model/money/finance.ts';
import type { TaskList } from '../../../src/factory/model/task.ts';
import { NOW, sampleAgent, sampleProject, sampleTask } from '../../support/samples.ts';
import { CHILD_A, CHILD_B, makeFork } from './fork-fixture.ts';

const THIRD = '0b8f1c1e-2f8e-4a3b-9c55-1c8f5c1c00cc';

describe('a child', () => {
  it('begins with nothing spent, nothing failed and no rows to be missed, at the provider of its parent, ordered there or not', () => {
    const project = sampleProject();
    const finance = financeState.parse({
      version: 7,
      projectId: project.id,
      currentProviderId: 'main',
      orderedAt: NOW,
      pollingInterval: 5_000,
      pollingMode: true,
      totalSpent: 3,
      lastProbeAt: NOW,
      ledger: { rows: 9, usd: 3 },
      failedCalls: { 'main outage': 2 },
      budgetWarnings: [{ budget: 5, percent: 50 }],
    });
    const tasks: TaskList = { schemaVersion: 1, version: 1, projectId: project.id, tasks: [] };
    const fork = makeFork();
    const [branch] = fork.branches;
    if (branch === undefined) throw new Error('a branch');
    const child = childOf({ project, agents: [], tasks, finance, reports: [] }, fork, branch, '/worktree');
    expect(child.finance).toEqual({
      schemaVersion: 1,
      version: 0,
      projectId: branch.projectId,
      currentProviderId: 'main',
      orderedAt: NOW,
      pollingInterval: 5_000,
      pollingMode: false,
      totalSpent: 0,
      providerSwitches: [],
      budgetWarnings: [],
      setbacks: [],
      failedCalls: {},
      ledger: { rows: 0, usd: 0 },
    });
  });
});

describe('a judge of a tie', () => {
  const [a, b] = makeFork().branches;
  if (a === undefined || b === undefined) throw new Error('two branches');
  const says = (projectId: string) => ({ projectId, why: 'It is shorter.' });

  it('counts when it says the same of both orders', () => {
    expect(settleTie([a, b], [says(CHILD_B), says(CHILD_B)])).toMatchObject({
      projectId: CHILD_B,
      by: 'judge',
    });
  });

  it.each([
    ['takes what it is shown first', [says(CHILD_A), says(CHILD_B)]],
    ['cannot be read once', [says(CHILD_B), null]],
    ['cannot be read at all', [null, null]],
    ['was never asked', []],
  ])('that %s does not: the option that the agent was surer of is taken', (_name, said) => {
    expect(settleTie([a, b], said)).toMatchObject({ projectId: CHILD_A, by: 'figures' });
  });

  it.each([
    ['{"winner": 1, "why": "x"}', 0],
    ['```json\n{"winner": 2, "why": "x"}\n```', 1],
    ['{"winner": 3, "why": "x"}', null],
    ['{"winner": "1", "why": "x"}', null],
    ['{"winner": 1}', null],
    ['Both are fine.', null],
    ['', null],
  ])('that answers %j is read as %j', (text, winner) => {
    expect(readTie(text)?.winner ?? null).toBe(winner);
  });

  it('compares those that nothing tells apart, not the ones that the agent was surest of', () => {
    const sure = { ...a, projectId: THIRD, confidence: 0.9, proved: true };
    const branches = [sure, { ...a, proved: true }, { ...b, proved: true }];
    const pair = rivals({ branches, tied: [CHILD_B, CHILD_A] });
    expect(pair.map(({ projectId }) => projectId)).toEqual([CHILD_A, CHILD_B]);
  });

  it('is shown both patches in the order asked for, cut to what a judge can read', () => {
    const sides = [b, a].map((branch) => ({ branch, patch: `${branch.option}${'x'.repeat(100_000)}` }));
    const text = tieQuestion('The task.', makeFork(), sides);
    expect(text.indexOf('Solution 1: A file')).toBeLessThan(text.indexOf('Solution 2: SQLite'));
    expect(text.length).toBeLessThan(150_000);
  });
});

describe('the task list of a merged branch', () => {
  const task = (id: number, change = {}) =>
    sampleTask({ id: `5a1e7c2a-0d3b-4b59-8f6e-00000000000${id}`, title: `task ${id}`, ...change });
  const list = (...tasks: TaskList['tasks']): TaskList => ({
    schemaVersion: 1,
    version: 3,
    projectId: CHILD_A,
    tasks,
  });

  it('takes the place of that of the parent; what the owner added or skipped there stays', () => {
    const skipped = task(2, { status: 'skipped', skippedBy: 'owner' });
    const parent = list(task(1), skipped, task(3, { title: 'by the owner' }));
    const branch = list(task(1, { status: 'completed' }), task(2), task(4));
    const { tasks, version } = adoptTasks({ ...parent, lastAuditedAt: NOW }, branch);
    expect(tasks.map(({ id, status }) => [id.at(-1), status])).toEqual([
      ['1', 'completed'],
      ['2', 'skipped'],
      ['4', 'in_progress'],
      ['3', 'in_progress'],
    ]);
    expect(version).toBe(3);
  });

  it('is the same when it is taken over twice', () => {
    const branch = list(task(1, { status: 'completed' }), task(4));
    const once = adoptTasks(list(task(1), task(3)), branch);
    expect(adoptTasks(once, branch)).toEqual(once);
  });
});

describe('what an agent is told of forks', () => {
  const tell = (change: Parameters<typeof sampleProject>[0]) => dueNotes(sampleProject(change), {});

  it('is its option in a branch, and in the parent what became of each fork, under keys that count once', () => {
    const decisionContext = { question: 'Where?', option: 'SQLite', confidence: 0.5, createdAt: NOW };
    const [option] = tell({ decisionContext });
    expect(option?.key).toBe(`option-${NOW.toISOString()}`);
    expect(option?.text).toContain('you build the option "SQLite"');
    const notes = tell({
      forks: [makeFork(), makeFork({ decisionId: 'engineer-9-0', outcome: 'Dropped.' })],
    });
    expect(notes.map(({ key }) => key)).toEqual(['decision-engineer-4-0', 'decision-engineer-9-0']);
  });

  it('is nothing of a fork that is still open', () => {
    const { outcome: _outcome, ...open } = makeFork({ phase: 'merging' });
    expect(tell({ forks: [open] })).toEqual([]);
  });
});

describe('a pending decision', () => {
  const pending = { id: 'engineer-4-0', question: 'q', options: [], confidence: 0.5 };
  const blocked = sampleAgent({ status: 'blocked', pendingDecisions: [pending] });

  it('that is taken is made, and its agent goes on; once', () => {
    const made = decided(blocked, pending.id, 'SQLite', NOW);
    expect(made).toMatchObject({ status: 'thinking', pendingDecisions: [] });
    expect(made.madeDecisions).toMatchObject([{ id: pending.id, selectedOption: 'SQLite', madeAt: NOW }]);
    expect(decided(made, pending.id, 'A file', NOW)).toBe(made);
  });

  it('that is dropped has no option', () => {
    expect(decided(blocked, pending.id, undefined, NOW).madeDecisions[0]).not.toHaveProperty(
      'selectedOption',
    );
  });
});

describe('a branch begins', () => {
  const { endedAt: _endedAt, choice: _choice, ...planned } = makeFork({ phase: 'planned' });

  it('when its parent names it: then the fork is whole', () => {
    const parent = sampleProject({
      forks: [{ ...planned, phase: 'open' }],
      childProjectIds: [CHILD_A, CHILD_B],
    });
    expect([isWhole(parent, CHILD_A), neverBegins(parent, CHILD_A)]).toEqual([true, null]);
  });

  it('later, while the fork is made', () => {
    const parent = sampleProject({ forks: [planned] });
    expect([isWhole(parent, CHILD_A), neverBegins(parent, CHILD_A)]).toEqual([false, null]);
  });

  it('never, when its parent or its fork ended before that', () => {
    expect(neverBegins(sampleProject({ forks: [planned], status: 'failed' }), CHILD_A)).toContain(
      'ended before',
    );
    const dropped = sampleProject({ forks: [{ ...planned, phase: 'dropped', endedAt: NOW }] });
    expect(neverBegins(dropped, CHILD_B)).toContain('given up');
  });
});

describe('a proposed decision', () => {
  const option = (label: unknown, confidence: unknown = 0.5) => ({
    label,
    description: 'd',
    confidence,
    estimated_effort: 'low',
  });
  const read = (options: unknown[], confidence: unknown = 0.5) =>
    readArguments('propose_decision', decisionArgs, JSON.stringify({ question: 'q', confidence, options }));

  it.each([
    ['equal labels', [option('Same'), option('same ')]],
    ['an empty label', [option('  '), option('b')]],
    ['a label of 10,000 characters', [option('x'.repeat(10_000)), option('b')]],
    ['a confidence above one', [option('a', 1.1), option('b')]],
    ['a confidence below nothing', [option('a', -0.1), option('b')]],
    ['a confidence in words', [option('a', 'high'), option('b')]],
    ['no option', []],
  ])('with %s is refused with a sentence for the agent', (_name, options) => {
    const answer = read(options);
    expect(answer.ok).toBe(false);
    expect(answer.ok ? '' : answer.problem.length).toBeGreaterThan(20);
  });

  it.each([
    ['a whole confidence out of range', 7],
    ['a whole confidence in words', 'quite'],
  ])('with %s is refused', (_name, confidence) => {
    expect(read([option('a'), option('b')], confidence).ok).toBe(false);
  });

  it('with numbers as text, one option, ten options, or characters of shells and refs is taken as it stands', () => {
    expect(read([option('a', '0.4'), option('b')], '0.5').ok).toBe(true);
    expect(read([option('a')]).ok).toBe(true);
    expect(read(Array.from({ length: 10 }, (_, index) => option(`option ${index}`))).ok).toBe(true);
    const labels = ['$(reboot); `x` | & > ..', 'refs/heads/~^:?*[\\@{..}.lock', 'Zwölf 🦆'];
    const answer = read(labels.map((label) => option(label)));
    expect(answer.ok && answer.value.options.map(({ label }) => label)).toEqual(labels);
  });
});
