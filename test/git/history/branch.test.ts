import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freeBranchName, freeChildBranchName, LONGEST_BRANCH } from '../../../src/git/history/branch.ts';
import { anyText } from '../../support/any-text.ts';

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
      anyText(),
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

describe('freeChildBranchName', () => {
  const PARENT = 'df/auth/2026-11-22';
  const child = (context: string, ...existing: string[]) => freeChildBranchName(PARENT, context, existing);

  it('stands beside the parent', () => {
    expect(child('Use Redis', PARENT)).toBe(`${PARENT}--use-redis`);
    expect(child('Use Redis', PARENT, `${PARENT}--Use-Redis`)).toBe(`${PARENT}--use-redis-2`);
    expect(child('x', `${PARENT}--x/y`)).toBe(`${PARENT}--x-2`);
    expect(child('🏭')).toBe(`${PARENT}--option`);
  });

  it('shortens the middle of a deep name, and keeps the children of different parents apart', () => {
    const parent = (way: string) =>
      `df/${'long-'.repeat(12).slice(0, -1)}/2026-11-22--${way}-label-of-some-30-characters`;
    const [one, other] = ['a', 'b'].map((way) =>
      freeChildBranchName(parent(way), 'Lua scripts', [parent(way)]),
    );
    expect(one).toMatch(/^df\/(long-)+long\/2026-11-22--[0-9a-f]{8}--lua-scripts$/);
    expect(other).not.toBe(one);
  });

  it('A27 A56 A57: is a safe, free and short name beside any parent, for any context and at any depth', () => {
    const texts = fc.oneof(
      anyText(),
      fc.constantFrom(
        '$(id)',
        '--upload-pack=x',
        '-d',
        'a..b',
        'x.lock',
        '@{-1}',
        '',
        '..',
        'x'.repeat(10_000),
      ),
    );
    const parents = fc.oneof(fc.constantFrom(PARENT, `df/${'x'.repeat(60)}/2026-11-22-12`), texts);
    fc.assert(
      fc.property(parents, fc.array(texts, { minLength: 1, maxLength: 6 }), (root, contexts) => {
        const existing = [root];
        for (const context of contexts)
          for (const parent of [root, existing.at(-1) ?? root]) {
            const result = freeChildBranchName(parent, context, existing);
            expect(result).toMatch(/^[a-z0-9]+(-{1,2}[a-z0-9]+)*(\/[a-z0-9]+(-{1,2}[a-z0-9]+)*)*$/);
            expect(result.length).toBeLessThanOrEqual(LONGEST_BRANCH);
            for (const other of existing.map((name) => name.toLowerCase())) {
              expect(`${other}/`.startsWith(`${result}/`)).toBe(false);
              expect(`${result}/`.startsWith(`${other}/`)).toBe(false);
            }
            existing.push(result);
          }
      }),
    );
  });
});
