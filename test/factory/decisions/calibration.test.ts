import { describe, expect, test } from 'vitest';
import type { Decision } from '../../../src/factory/model/agent.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import { calibrate, listDecisions } from '../../../src/factory/report/calibration.ts';
import { makeAgent, makeProject } from '../../producers/cli/fixtures.ts';
import { CHILD_A, CHILD_B, makeFork } from './fork-fixture.ts';

const LATER = new Date('2026-11-22T14:00:00Z');

const decision = (id: string, confidence: number, change: Partial<Decision> = {}): Decision => ({
  id,
  question: `What about ${id}?`,
  confidence,
  options: [
    { label: 'x', description: '', confidence: 0.8, estimatedEffort: 'small' },
    { label: 'y', description: '', confidence: 0.1, estimatedEffort: 'small' },
  ],
  selectedOption: 'x',
  madeAt: LATER,
  ...change,
});
const material = (change: Partial<Project>, ...madeDecisions: Decision[]) => ({
  project: makeProject(change),
  agents: [makeAgent({ madeDecisions })],
});

describe('calibration', () => {
  test('a decision taken at once is right when its project completed', () => {
    const lines = listDecisions([
      material({ status: 'completed' }, decision('d1', 0.9)),
      material({ status: 'failed' }, decision('d2', 0.75)),
    ]);
    expect(calibrate(lines)).toEqual({
      count: 2,
      meanStated: expect.closeTo(0.825),
      right: 1,
      shareRight: 0.5,
      brier: expect.closeTo((0.1 ** 2 + 0.75 ** 2) / 2),
      pending: 0,
      buckets: [
        { from: 0.7, to: 0.8, count: 1, meanStated: 0.75, right: 0, shareRight: 0 },
        { from: 0.9, to: 1, count: 1, meanStated: 0.9, right: 1, shareRight: 1 },
      ],
    });
  });

  test('each option that was built is a statement of its own; options that were not are none', () => {
    const { confidence } = makeFork();
    const forked = decision('engineer-4-0', confidence, {
      options: ['SQLite', 'A file', 'Redis'].map((label) => ({
        label,
        description: '',
        confidence: 0.3,
        estimatedEffort: '',
      })),
    });
    const lines = listDecisions([material({ forks: [makeFork()] }, forked)]);
    expect(lines).toMatchObject([
      {
        selectedOption: 'SQLite',
        phase: 'merged',
        proved: true,
        options: [
          { label: 'SQLite', proved: true, chosen: true, projectId: CHILD_A },
          { label: 'A file', proved: false, chosen: false, projectId: CHILD_B },
          { label: 'Redis', proved: null, chosen: false },
        ],
      },
    ]);
    expect(calibrate(lines)).toMatchObject({ count: 2, right: 1, brier: expect.closeTo((0.25 + 0.16) / 2) });
  });

  test('what is still open is counted apart, and an ended child of an open fork is known', () => {
    const { choice: _choice, endedAt: _endedAt, ...rest } = makeFork({ phase: 'open' });
    const branches = rest.branches.map(({ proved: _proved, ...branch }) => branch);
    const lines = listDecisions([
      material({ status: 'paused', forks: [{ ...rest, branches }] }, decision('d0', 0.8)),
      { project: makeProject({ id: CHILD_B, status: 'failed' }), agents: [] },
    ]);
    expect(calibrate(lines)).toMatchObject({ count: 1, right: 0, pending: 2 });
  });

  test('a child does not repeat what its parent decided, but decides for itself', () => {
    const at = new Date('2026-11-22T12:00:00Z');
    const early = decision('engineer-1-0', 0.9, { madeAt: new Date('2026-11-22T11:00:00Z') });
    const opened = decision('engineer-4-0', 0.5, { madeAt: at, selectedOption: 'SQLite' });
    const lines = listDecisions([
      material({ status: 'completed', forks: [makeFork()] }, early, { ...opened, madeAt: LATER }),
      material(
        { id: CHILD_A, parentProjectId: makeProject().id, createdAt: at, status: 'completed' },
        early,
        opened,
        decision('engineer-9-0', 0.8),
      ),
    ]);
    expect(lines.map(({ decisionId }) => decisionId)).toEqual([
      'engineer-4-0',
      'engineer-1-0',
      'engineer-9-0',
    ]);
  });

  test.each([
    [0, 0],
    [0.3, 0.3],
    [0.7, 0.7],
    [0.29999, 0.2],
    [1, 0.9],
  ])('a confidence of %d falls into the bucket from %d', (stated, from) => {
    const [bucket] = calibrate(
      listDecisions([material({ status: 'completed' }, decision('d', stated))]),
    ).buckets;
    expect(bucket?.from).toBeCloseTo(from);
  });

  test('without decisions there is nothing to say', () => {
    expect(calibrate([])).toEqual({
      count: 0,
      meanStated: null,
      right: 0,
      shareRight: null,
      brier: null,
      pending: 0,
      buckets: [],
    });
  });
});
