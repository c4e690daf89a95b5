import { expect, test } from 'vitest';
import { nextStep } from '../../../src/factory/report/next-step.ts';
import { makeProject } from '../../producers/cli/fixtures.ts';

test.each([
  ['work that is proved is taken', {}, 'df apply'],
  ['work that failed is tried again', { status: 'failed' }, 'df retry'],
  [
    'a review has nothing to take: it is looked at',
    { review: { of: 'main', source: '/r', head: 'h' } },
    'df show',
  ],
  [
    'nor has a review that failed',
    { status: 'failed', review: { of: 'main', source: '/r', head: 'h' } },
    'df show',
  ],
] as const)('what comes next after the end: %s', (_what, change, command) => {
  const project = makeProject({ status: 'completed', started: true, ...change });
  expect(nextStep(project, 1)).toBe(`${command} ${project.id.slice(0, 8)}`);
});
