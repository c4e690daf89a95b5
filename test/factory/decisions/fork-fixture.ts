import type { Fork } from '../../../src/factory/model/fork.ts';

export const CHILD_A = '0b8f1c1e-2f8e-4a3b-9c55-1c8f5c1c00aa';
export const CHILD_B = '0b8f1c1e-2f8e-4a3b-9c55-1c8f5c1c00bb';

/** A fork of two branches that was merged. */
export function makeFork(change: Partial<Fork> = {}): Fork {
  const branch = { maxRuntime: 1_000_000, budget: 2, confidence: 0.5 };
  return {
    decisionId: 'engineer-4-0',
    persona: 'engineer',
    question: 'Where do carts live?',
    confidence: 0.5,
    commit: 'f'.repeat(40),
    at: new Date('2026-11-22T12:00:00Z'),
    phase: 'merged',
    branches: [
      {
        ...branch,
        projectId: CHILD_A,
        option: 'SQLite',
        description: 'One file, real queries.',
        workBranch: 'df/shop/2026-11-22--sqlite',
        spent: 1.25,
        proved: true,
        learnt: 'It is fast.',
      },
      {
        ...branch,
        projectId: CHILD_B,
        option: 'A file',
        description: '',
        confidence: 0.4,
        workBranch: 'df/shop/2026-11-22--a-file',
        spent: 2,
        proved: false,
        learnt: 'Locks are hard.',
      },
    ],
    choice: { projectId: CHILD_A, by: 'evidence', why: 'Only SQLite is proved.' },
    outcome: 'The work of SQLite was merged.',
    endedAt: new Date('2026-11-22T13:00:00Z'),
    ...change,
  };
}
