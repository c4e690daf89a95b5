import { expect, test } from 'vitest';
import type { Fork } from '../../../src/factory/model/fork.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import type { Waiting } from '../../../src/factory/model/waiting.ts';
import { goesOn } from '../../../src/factory/report/night/night-ends.ts';
import { sampleProject } from '../../support/samples.ts';
import { makeFork } from '../decisions/fork-fixture.ts';

const A = '0f0e1c9b-3a57-4d5e-8f0a-6d2b1c3a4e5f';
const B = '1a1e1c9b-3a57-4d5e-8f0a-6d2b1c3a4e5f';
const C = '2b2e1c9b-3a57-4d5e-8f0a-6d2b1c3a4e5f';

const one = (id: string, change: Partial<Project>): Project =>
  sampleProject({ id, started: true, status: 'active', ...change });
const waits = (what: Waiting['for'], change: Partial<Waiting> = {}): Pick<Project, 'waiting'> => ({
  waiting: { for: what, detail: 'Waits.', since: new Date(0), ...change },
});
const forOwner = { status: 'paused', ...waits('owner') } as const;
const exploring = { status: 'paused', ...waits('project') } as const;
const merging: Fork = makeFork({ phase: 'merging' });

test.each<[string, Project[]]>([
  ['waits for its owner', [one(A, forOwner)]],
  [
    'is paused for a provider that is tried every hour',
    [one(A, { status: 'paused', ...waits('provider', { until: new Date(1) }) })],
  ],
  ['is tried again after such a pause', [one(A, { toldOfPause: 'provider' })]],
  [
    'comes after one that waits for its owner',
    [one(A, forOwner), one(B, { after: [A], ...waits('project') })],
  ],
  [
    'comes after one that comes after one that waits for its owner',
    [
      one(A, forOwner),
      one(B, { after: [A], ...waits('project') }),
      one(C, { after: [B], ...waits('project') }),
    ],
  ],
  [
    'comes after one that was never started',
    [
      one(A, { started: false, status: 'initializing' }),
      one(B, { status: 'initializing', after: [A], ...waits('project') }),
    ],
  ],
  [
    'explores a decision whose one open branch waits for its owner',
    [
      one(A, exploring),
      one(B, { parentProjectId: A, ...forOwner }),
      one(C, { parentProjectId: A, status: 'completed' }),
    ],
  ],
  [
    'comes after one that explores such a decision',
    [
      one(A, exploring),
      one(B, { parentProjectId: A, ...forOwner }),
      one(C, { after: [A], ...waits('project') }),
    ],
  ],
])('a night is over where a project %s', (_, open) => {
  expect(goesOn(open)).toBe(false);
});

test.each<[string, Project[]]>([
  ['is at work', [one(A, {})]],
  ['waits for a provider', [one(A, { status: 'waiting_for_credits', ...waits('credits') })]],
  ['waits for its turn', [one(A, { status: 'initializing', ...waits('turn') })]],
  ['is paused for a time', [one(A, { status: 'paused', ...waits('budget', { until: new Date(1) }) })]],
  ['comes after one at work', [one(A, {}), one(B, { after: [A], ...waits('project') })]],
  ['came after one that is completed', [one(B, { after: [A], ...waits('project') })]],
  ['explores a decision with a branch at work', [one(A, exploring), one(B, { parentProjectId: A })]],
  [
    'takes a decision all of whose branches have ended',
    [one(A, { ...exploring, forks: [merging] }), one(B, { parentProjectId: A, status: 'completed' })],
  ],
])('a night is not over while a project %s', (_, open) => {
  expect(goesOn([...open, one(C, forOwner)])).toBe(true);
});
