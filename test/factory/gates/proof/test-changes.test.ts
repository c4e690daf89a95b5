import { describe, expect, it } from 'vitest';
import {
  type ChangedTestFile,
  findWeakenings,
  weakeningText,
} from '../../../../src/factory/gates/proof/test-changes.ts';

const file = (titles: string[], rest: { skips?: number; hollow?: string[]; left?: string[][] } = {}) => ({
  titles,
  skips: 0,
  hollow: [],
  ...rest,
});
const words = { allowAll: false, owner: [] as string[], agents: ['delete a.test.js'] };
const weakenings = (files: ChangedTestFile[], owner: string[] = []) =>
  findWeakenings({ files }, { ...words, owner }).map(({ kind, tests, allowed }) => ({
    kind,
    tests,
    allowed,
  }));

describe('findWeakenings', () => {
  it('finds deleted tests, whatever the agent’s own tasks say', () => {
    expect(weakenings([{ path: 'a.test.js', before: file(['x', 'y']), after: null }])).toEqual([
      { kind: 'deleted', tests: ['x', 'y'], allowed: null },
    ]);
  });

  it('lets the owner’s words allow it', () => {
    expect(
      weakenings([{ path: 'a.test.js', before: file(['x']), after: null }], ['Drop a.test.js.']),
    ).toEqual([{ kind: 'deleted', tests: ['x'], allowed: 'owner' }]);
  });

  it('does not take a moved or renamed test for a deleted one', () => {
    const moved = [
      { path: 'a.test.js', before: file(['x']), after: null },
      { path: 'b.test.js', before: null, after: file(['x', 'y']) },
    ];
    expect(weakenings(moved)).toEqual([]);
    expect(weakenings([{ path: 'a.test.js', before: file(['x']), after: file(['z']) }])).toEqual([]);
  });

  it('tells emptied tests from new ones that check nothing, and counts skips', () => {
    const changed = [
      {
        path: 'a.test.js',
        before: file(['x', 'y'], { hollow: ['y'] }),
        after: file(['x', 'y', 'z'], { hollow: ['x', 'y', 'z'], skips: 1 }),
      },
    ];
    expect(weakenings(changed)).toEqual([
      { kind: 'skipped', tests: [], allowed: null },
      { kind: 'emptied', tests: ['x'], allowed: null },
      { kind: 'checks nothing', tests: ['z'], allowed: null },
    ]);
  });

  it('lets a new test wait for something, and none of those that were there', () => {
    const later = (left: string[], titles = ['x', 'z']) => [
      {
        path: 'a.test.js',
        before: file(['x']),
        after: file(titles, { skips: 1, left: left.length === 0 ? [] : [left] }),
      },
    ];
    expect(weakenings(later(['z']))).toEqual([]);
    expect(weakenings(later(['z', 'y'], ['x', 'y', 'z']))).toEqual([]);
    for (const found of [later(['x']), later([]), later(['z'], ['z']), later(['z', 'x'])])
      expect(weakenings(found)).toEqual([{ kind: 'skipped', tests: [], allowed: null }]);
  });

  it('speaks in whole sentences', () => {
    expect(weakeningText({ kind: 'deleted', path: 'a.test.js', count: 1, tests: ['x'], allowed: null })).toBe(
      '1 test of a.test.js deleted: "x".',
    );
  });
});
