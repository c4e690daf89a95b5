import { describe, expect, it } from 'vitest';
import {
  type ChangedTestFile,
  findTestChanges,
  findWeakenings,
  weakeningText,
} from '../../src/factory/gates/test-changes.ts';
import { sampleProject } from '../support/samples.ts';

const file = (titles: string[], rest: { skips?: number; hollow?: string[] } = {}) => ({
  titles,
  skips: 0,
  hollow: [],
  ...rest,
});
const words = { allowAll: false, owner: [] as string[], agents: ['delete a.test.js'] };
const weakenings = (files: ChangedTestFile[], owner: string[] = []) =>
  findWeakenings({ files, support: [], code: true }, { ...words, owner }).map(({ kind, tests, allowed }) => ({
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

  it('speaks in whole sentences', () => {
    expect(weakeningText({ kind: 'deleted', path: 'a.test.js', count: 1, tests: ['x'], allowed: null })).toBe(
      '1 test of a.test.js deleted: "x".',
    );
  });
});

describe('findTestChanges', () => {
  it('reads both versions of tests, and tells code from documents', async () => {
    const texts: Record<string, Record<string, string>> = {
      base: { 'test/a.test.js': "test('a', () => assert(x))" },
      head: { 'test/a.test.js': "test('b', () => assert(x))", 'test/help.js': 'x', 'README.md': 'x' },
    };
    const sample = sampleProject({ baseCommit: 'base' });
    const git = {
      changedFiles: async () => ['README.md', 'test/a.test.js', 'test/gone.test.js', 'test/help.js'],
      listFiles: async (_: string, commit: string) => Object.keys(texts[commit] ?? {}),
      showFile: async (_: string, commit: string, path: string) => texts[commit]?.[path] ?? null,
    };
    const changes = await findTestChanges(git, sample, 'head');
    expect(changes.files.find(({ path }) => path === 'test/a.test.js')).toMatchObject({
      before: { titles: ['a'] },
      after: { titles: ['b'] },
    });
    expect(changes.support).toEqual(['test/a.test.js', 'test/help.js']);
    expect(changes.code).toBe(false);
  });
});
