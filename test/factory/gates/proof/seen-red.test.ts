import { describe, expect, it } from 'vitest';
import { noTests, testRun } from '../../../../src/factory/gates/outputs/test-run.ts';
import { criteriaSeenRed, judgeSeenRed, neverRed } from '../../../../src/factory/gates/proof/seen-red.ts';

import { sampleProject } from '../../../support/samples.ts';
import { findBetween } from './two-commits.ts';

const file = (path: string, after: string[], before: string[] = []) => ({
  path,
  before: before.length === 0 ? null : { titles: before, skips: 0, hollow: [] },
  after: { titles: after, skips: 0, hollow: [] },
});
const outcome = (failed: string[] | null, passed = false) => ({
  passed,
  run: failed === null ? null : testRun('tap', { ...noTests(), failed }),
});
const green = { passed: true, run: null };

describe('judgeSeenRed', () => {
  it('is never red when everything passes on the base commit', () => {
    expect(judgeSeenRed([file('test/a.test.js', ['x'])], outcome([], true), green)).toEqual([
      { path: 'test/a.test.js', outcome: 'never red', tests: [{ name: 'x', red: false }] },
    ]);
  });

  it('tells test by test which failed there', () => {
    const [seen] = judgeSeenRed([file('test/a.test.js', ['x', 'y'])], outcome(['suite > x']), green);
    expect(seen).toMatchObject({
      outcome: 'seen red',
      tests: [
        { name: 'x', red: true },
        { name: 'y', red: false },
      ],
    });
  });

  it('counts only new tests of a file that held a failing one before', () => {
    const [seen] = judgeSeenRed([file('a.test.js', ['old', 'new'], ['old'])], outcome(['old']), green);
    expect(seen).toEqual({ path: 'a.test.js', outcome: 'never red', tests: [{ name: 'new', red: false }] });
  });

  it('takes a file that cannot be loaded for red, in the words of each runner', () => {
    for (const [path, failed] of [
      ['test/a.test.js', 'test/a.test.js'],
      ['web/test/a.test.js', 'test/a.test.js'.replace('test/', 'web/test/')],
    ] as const)
      expect(judgeSeenRed([file(path, ['x'])], outcome([failed]), green)[0]?.outcome).toBe('seen red');
  });

  it('knows the names of pytest, parameters included', () => {
    const failed = outcome(['tests/test_a.py::TestIt::test_x[1-2]']);
    expect(judgeSeenRed([file('tests/test_a.py', ['test_x', 'test_y'])], failed, green)[0]?.tests).toEqual([
      { name: 'test_x', red: true },
      { name: 'test_y', red: false },
    ]);
    expect(judgeSeenRed([file('tests/test_b.py', ['test_x'])], failed, green)[0]?.outcome).toBe('never red');
  });

  it('does not guess where nothing names the tests', () => {
    const two = [file('a.test.js', ['x']), file('b.test.js', ['y'])];
    expect(judgeSeenRed(two, outcome(null), green).map((each) => each.outcome)).toEqual([
      'unknown',
      'unknown',
    ]);
    expect(judgeSeenRed(two.slice(1), outcome(null), green)[0]?.outcome).toBe('seen red');
    expect(judgeSeenRed(two.slice(1), outcome(null), { passed: false, run: null })[0]?.outcome).toBe(
      'unknown',
    );
    expect(judgeSeenRed([file('src/lib.rs', ['works'])], outcome([], true), green)[0]?.outcome).toBe(
      'unknown',
    );
  });
});

describe('criteriaSeenRed', () => {
  it('counts what was seen', () => {
    expect(criteriaSeenRed([{ seenRed: true }, { seenRed: false }, { seenRed: null }])).toBe(
      '1 of 3 criteria have been seen red',
    );
    expect(criteriaSeenRed([{ seenRed: true }])).toBe('1 of 1 criterion has been seen red');
  });
});

describe('tests that were never red, and nothing else that is work', () => {
  const refused = async (owner: string, changed: string[], code = false) => {
    const files = [{ path: 'a.test.js', outcome: 'never red' as const, tests: [] }];
    const words = { allowAll: false, owner: [owner], agents: ['Change tsconfig.json and a.test.js'] };
    const project = sampleProject({ baseCommit: 'base' });
    const git = { changedFiles: async () => ['a.test.js', ...changed] };
    const changes = { ...(await findBetween({}, {})), code };
    return (await neverRed(git, { project, commit: 'head' }, words, changes, { key: 'k', files })).length > 0;
  };

  it('are refused, whatever tasks of the agent say', async () => {
    expect(await refused('Fix the sum.', [])).toBe(true);
    expect(await refused('Fix the sum.', ['tsconfig.json', 'README.md'])).toBe(true);
    expect(await refused('Fix the sum. Do not change tsconfig.json.', ['tsconfig.json'])).toBe(true);
  });

  it('are honest beside a file that the owner asked to change, and where the owner asked for tests', async () => {
    expect(await refused('Set target to ES2022 in tsconfig.json.', ['tsconfig.json'])).toBe(false);
    expect(await refused('Update tsconfig.json.', ['tsconfig.json'])).toBe(false);
    expect(await refused('Update tsconfig.json.', [])).toBe(true);
    expect(await refused('Write tests for the sum.', [])).toBe(false);
    expect(await refused('Fix the sum.', ['sum.js'], true)).toBe(false);
  });
});
