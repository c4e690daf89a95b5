import type { BranchFigures } from '../../../src/factory/decisions/tree/figures.ts';

/** Figures of a proved branch; what a test is about is given. */
export function figures(id: string, change: Partial<BranchFigures> = {}): BranchFigures {
  return {
    id,
    name: `shop - ${id}`,
    workBranch: `df/shop/2026-11-22--${id}`,
    option: id.toUpperCase(),
    confidence: 0.5,
    status: 'completed',
    settled: true,
    gate: {
      kind: 'finish',
      passed: true,
      at: new Date('2026-11-22T10:00:00Z'),
      checks: { passed: 3, total: 3 },
    },
    sealed: null,
    audit: { passed: true, at: new Date('2026-11-22T10:01:00Z') },
    tasks: { total: 4, pending: 0, in_progress: 0, blocked: 0, completed: 4, skipped: 0, proved: 4 },
    tests: { before: 10, after: 12, added: 2 },
    coverage: null,
    diff: { commits: 3, files: 4, insertions: 80, deletions: 20 },
    filesTouched: 4,
    cost: 1,
    possible: 0,
    tokens: 10_000,
    activeMs: 60_000,
    ...change,
  };
}

export const lines = (insertions: number) => ({ commits: 1, files: 1, insertions, deletions: 0 });
