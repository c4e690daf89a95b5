import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freeBranchName, LONGEST_BRANCH } from '../../src/git/branch.ts';

const DAY = new Date('2026-11-22T23:59:00Z');
const name = (project: string, ...existing: string[]) => freeBranchName(project, DAY, existing);

describe('freeBranchName', () => {
  it('is df/<slug>/<date>', () => {
    expect(name('Feature: Auth')).toBe('df/feature-auth/2026-11-22');
  });

  it('counts up from -2 while the name is taken', () => {
    expect(name('a', 'df/a/2026-11-22')).toBe('df/a/2026-11-22-2');
    expect(name('a', 'df/a/2026-11-22', 'df/a/2026-11-22-2')).toBe('df/a/2026-11-22-3');
    expect(name('a', 'DF/A/2026-11-22')).toBe('df/a/2026-11-22-2');
  });

  it('A27 branch-df-conflict: goes beside a branch that is in the way of a folder, and beside a folder in the way', () => {
    expect(name('a', 'df')).toBe('df-2/a/2026-11-22');
    expect(name('a', 'df', 'df-2')).toBe('df-3/a/2026-11-22');
    expect(name('a', 'df/a')).toBe('df/a-2/2026-11-22');
    expect(name('a', 'df/a/2026-11-22/child')).toBe('df/a/2026-11-22-2');
  });

  it('A56 A57: is a safe name for any project, conflicts with nothing that exists, and is short enough', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('$(id)', '--upload-pack=x', '-d', 'a..b', 'x.lock', '🏭', 'a\nb', 'x'.repeat(100_000)),
    );
    const parts = fc.constantFrom('df', 'a', 'project', '2026-11-22', 'x');
    const branches = fc.array(fc.array(parts, { minLength: 1, maxLength: 4 }).map((all) => all.join('/')));
    fc.assert(
      fc.property(texts, branches, (text, existing) => {
        const result = freeBranchName(text, DAY, existing);
        expect(result).toMatch(/^df(-\d+)?\/[a-z0-9]+(-[a-z0-9]+)*\/2026-11-22(-\d+)?$/);
        expect(result.length).toBeLessThanOrEqual(LONGEST_BRANCH);
        for (const other of existing) {
          expect(`${other}/`.startsWith(`${result}/`)).toBe(false);
          expect(`${result}/`.startsWith(`${other}/`)).toBe(false);
        }
      }),
    );
  });
});
