import { describe, expect, it } from 'vitest';
import { mayTake } from '../../../src/factory/decisions/choose/owner-actions.ts';
import type { Fork } from '../../../src/factory/model/fork.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import { type Order, ordersOf } from '../../../src/factory/report/orders.ts';
import { makeProject } from '../../producers/cli/fixtures.ts';

const NOW = new Date(1_000);
const LATER = new Date(2_000);
const waits = (more: Partial<Project['waiting'] & object>): Partial<Project> => ({
  status: 'paused',
  waiting: { for: 'owner', detail: 'x', since: new Date(0), ...more },
});
const fork = (more: Partial<Fork>): Fork => ({
  ...{ decisionId: 'd', persona: 'engineer', question: 'How?', confidence: 0.5, commit: 'c', at: NOW },
  ...{ phase: 'open', ...more },
  branches: ['a', 'b'].map((projectId) => ({
    ...{ projectId, option: projectId, description: '', confidence: 0.5, workBranch: projectId },
    maxRuntime: 1,
  })),
});

describe('what may be ordered', () => {
  it.each<[string, Partial<Project>, Order[]]>([
    ['that was not started', { started: false, status: 'initializing' }, ['start', 'stop']],
    ['at work', { status: 'active' }, ['pause', 'stop']],
    ['that its owner paused', waits({}), ['resume', 'stop']],
    ['whose branches are at work', { ...waits({ for: 'project' }), forks: [fork({})] }, ['pause', 'stop']],
    ['whose branches wait to be chosen from', { ...waits({}), forks: [fork({ phase: 'ready' })] }, ['stop']],
    ['whose budget is spent', waits({ for: 'budget' }), ['resume', 'stop']],
    ['that waits for room below a cap', waits({ for: 'budget', until: LATER }), ['pause', 'stop']],
    [
      'whose provider is tried again later',
      waits({ for: 'provider', until: LATER }),
      ['pause', 'resume', 'stop'],
    ],
    ['that waits for an answer', waits({ question: 'q' }), ['pause', 'stop']],
    ['that failed', { status: 'failed' }, ['retry']],
    ['that was a lost branch', { status: 'failed', parentProjectId: 'p' }, []],
    ['that is completed', { status: 'completed' }, []],
  ])('of a project %s is what is not refused', (_what, change, orders) => {
    expect(ordersOf(makeProject({ started: true, ...change }), NOW)).toEqual(orders);
  });

  it.each<[string, boolean, Partial<Project>]>([
    ['while others are at work', true, { forks: [fork({})] }],
    ['that waits for its owner', true, { forks: [fork({ phase: 'ready' })] }],
    ['that was dropped', false, { forks: [fork({ phase: 'dropped', endedAt: NOW })] }],
    ['that its owner has taken', false, { forks: [fork({ order: 'a' })] }],
    ['that is being merged', false, { forks: [fork({ phase: 'merging' })] }],
    ['whose project has ended', false, { status: 'failed', forks: [fork({})] }],
  ])('of a completed branch of a decision %s: to take it: %s', (_what, may, change) => {
    const branch = { id: 'a', status: 'completed', settled: true } as const;
    expect(mayTake(makeProject({ status: 'paused', ...change }), branch)).toBe(may);
  });
});
