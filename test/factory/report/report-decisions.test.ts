import { describe, expect, test } from 'vitest';
import { decisionsMarkdown, describeDecisions } from '../../../src/factory/report/report-decisions.ts';
import { makeAgent, makeProject } from '../../producers/cli/fixtures.ts';
import { figures } from '../decisions/figures-fixture.ts';
import { CHILD_A, makeFork } from '../decisions/fork-fixture.ts';

const options = [
  { label: 'SQLite', description: '', confidence: 0.5, estimatedEffort: 'a day' },
  { label: 'A file', description: '', confidence: 0.4, estimatedEffort: 'an hour' },
  { label: 'Redis', description: '', confidence: 0.1, estimatedEffort: 'a week' },
];
const taken = { id: 'd1', question: 'Tabs?', confidence: 0.9, options, selectedOption: 'SQLite' };
const explored = { ...taken, id: makeFork().decisionId, question: makeFork().question, confidence: 0.5 };

describe('decisions in the report', () => {
  test('one taken at once, and one explored with figures, choice, cost, outcome and what the loser found out', () => {
    const agents = [makeAgent({ madeDecisions: [taken, explored] })];
    const known = figures(CHILD_A, { option: 'SQLite' });
    const described = describeDecisions(makeProject({ forks: [makeFork()] }), agents, [known]);
    expect(described).toMatchObject([
      { id: 'd1', persona: 'engineer' },
      {
        id: 'engineer-4-0',
        fork: {
          phase: 'merged',
          cost: 3.25,
          choice: { option: 'SQLite', by: 'evidence' },
          branches: [
            { option: 'SQLite', figures: { id: CHILD_A } },
            { option: 'A file', figures: null },
          ],
        },
      },
    ]);
    const text = decisionsMarkdown(described);
    for (const part of [
      '- **Tabs?** (engineer, confidence 0.9): took “SQLite”',
      '### Where do carts live?',
      'Asked by engineer with a confidence of 0.5, explored in 2 branches from `ffffffffffff` for $3.2500: merged.',
      '- “A file” (confidence 0.4, effort an hour): `df/shop/2026-11-22--a-file`',
      '- “Redis” (confidence 0.1, effort a week), not tried',
      '| gate | passed, 3 of 3 |',
      'Chosen: **SQLite**, by evidence.\n\n> Only SQLite is proved.',
      'Outcome:\n\n> The work of SQLite was merged.',
      'What “A file” found out:\n\n> Locks are hard.',
    ])
      expect(text).toContain(part);
  });

  test('a fork that no agent speaks of is told all the same', () => {
    const described = describeDecisions(makeProject({ forks: [makeFork({ phase: 'open' })] }), [], []);
    expect(described).toMatchObject([{ question: 'Where do carts live?', fork: { phase: 'open' } }]);
    expect(decisionsMarkdown(described)).toContain('its branches are at work');
  });

  test('words of agents and judges stay quotations', () => {
    const hostile = 'x\n# Owned\n<img src=x>';
    const fork = makeFork({ question: hostile, outcome: hostile });
    const branches = fork.branches.map((branch) => ({ ...branch, option: hostile, learnt: hostile }));
    const choice = { projectId: CHILD_A, by: 'judge' as const, why: hostile };
    const text = decisionsMarkdown(
      describeDecisions(makeProject({ forks: [{ ...fork, branches, choice }] }), [], []),
    );
    expect(text).not.toMatch(/^# Owned|^> # Owned|(?<!\\)<img/m);
  });
});
