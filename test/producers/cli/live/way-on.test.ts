import { describe, expect, test } from 'vitest';
import type { Project } from '../../../../src/factory/model/project.ts';
import { wayOn } from '../../../../src/producers/cli/live/way-on.ts';
import { makeFork } from '../../../factory/decisions/fork-fixture.ts';
import { makeProject } from '../fixtures.ts';

const QUESTION = '5a1e7c2a-2f8e-4a3b-9c55-000000000001';
const since = new Date(0);
const paused = (waiting: Omit<NonNullable<Project['waiting']>, 'detail' | 'since'>): Partial<Project> => ({
  ...{ status: 'paused', waiting: { detail: 'why', since, ...waiting } },
});
const waits = (cause: 'credits' | 'key'): Partial<Project> => ({
  status: 'waiting_for_credits',
  waiting: { for: cause, detail: 'Provider main: the key was refused (401).', since },
});
const told = (change: Partial<Project>, workers: number | null) =>
  wayOn(makeProject({ started: true, ...change }), workers, 'dev');

describe('the way on of a project that was followed', () => {
  test.each([
    ['by its owner', paused({ for: 'owner' }), 'dev resume 0b8f6a8e'],
    ['for its budget', { ...paused({ for: 'budget' }), totalCost: 2 }, 'dev resume 0b8f6a8e --budget 4'],
    ['for a question', paused({ for: 'owner', question: QUESTION }), 'dev answer 5a1e7c2a TEXT'],
    [
      'for a choice',
      { ...paused({ for: 'owner' }), forks: [makeFork({ phase: 'ready' })] },
      'dev branches 0b8f6a8e',
    ],
    ['for a key', waits('key'), 'dev provider set-key main'],
  ])(
    'that waits %s is the one command that helps, whether a worker is up or not',
    (_what, change, command) => {
      for (const workers of [0, 1, null]) expect(told(change, workers)).toBe(`Go on with: ${command}`);
    },
  );

  test.each([
    ['waits for credits', waits('credits')],
    ['is paused for a time', paused({ for: 'budget', until: new Date(9) })],
  ])('is none of its owner’s where it %s, and a worker where none is up', (_what, change) => {
    for (const workers of [1, null]) expect(told(change, workers)).toMatch(/^It goes on by itself/);
    expect(told(change, 0)).not.toContain('by itself');
    expect(told(change, 0)).toMatch(/: dev up$/);
  });
});
