import { describe, expect, it, vi } from 'vitest';
import { noTests, type TestRun, testRun } from '../../../../src/factory/gates/outputs/test-run.ts';
import { mergedInto, mergedTests, shownMerged } from '../../../../src/factory/gates/proof/merged.ts';
import { findWeakenings } from '../../../../src/factory/gates/proof/test-changes.ts';
import { findBetween } from './two-commits.ts';

const PATH = 'tests/test_sums.py';
const one = (name: string, a: number, b: number, sum: number) =>
  `def test_${name}():\n    assert add(${a}, ${b}) == ${sum}\n\n`;
const table = (rows: string, name = 'add') =>
  `@pytest.mark.parametrize("a,b,want", [${rows}])\ndef test_${name}(a, b, want):\n    assert add(a, b) == want\n`;
const OLD = one('positive', 1, 2, 3) + one('negative', 1, -2, -1) + one('zero', 7, 0, 7);
const ROWS = '(1, 2, 3), (1, -2, -1), (7, 0, 7)';

const pytest = (...names: string[]) =>
  testRun('pytest', { ...noTests(), passed: names.map((name) => `${PATH}::test_${name}`) });
const counted = (passed: number) => testRun('vitest', noTests(), { passed, failed: 0, skipped: 0 });
const BEFORE = pytest('positive', 'negative', 'zero');
const ROWS_RAN = ['add[1-2-3]', 'add[1--2--1]', 'add[7-0-7]'];

async function weak(old: string, text: string, before: TestRun, now: TestRun, description = '', path = PATH) {
  const changes = await findBetween({ [path]: old }, { [path]: text });
  const words = { allowAll: false, owner: [description], agents: [] };
  const merged = mergedTests(changes.files, words, before, now);
  const found = findWeakenings(changes, words, merged);
  return { kinds: found.map(({ kind, count }) => `${count} ${kind}`), shown: shownMerged(merged, words) };
}

describe('tests that become rows of one with parameters', () => {
  it('are not deleted where it has their values and runs as often; the judge is shown them', async () => {
    const now = pytest(...ROWS_RAN);
    expect(await weak(OLD, table(ROWS), BEFORE, now)).toMatchObject({
      kinds: [],
      shown: [{ by: 'judge', as: 'rows', tests: ['test_positive', 'test_negative', 'test_zero'] }],
    });
    const asked = `Refactor ${PATH} to use pytest.mark.parametrize.`;
    expect((await weak(OLD, table(ROWS), BEFORE, now, asked)).shown).toMatchObject([{ by: 'owner' }]);
  });

  it('may keep the name of one of them, and stand beside a table and new tests', async () => {
    const rows = pytest('positive[1]', 'positive[2]', 'positive[3]', 'more');
    const kept = `ROWS = [${ROWS}]\n${table('', 'positive').replace('[]', 'ROWS')}${one('more', 4, 4, 8)}`;
    expect((await weak(OLD, kept, BEFORE, rows)).kinds).toEqual([]);
  });

  it.each<[string, string, TestRun, string?]>([
    ['one of them has no row', table('(1, 2, 3), (1, -2, -1), (1, 2, 3)'), pytest(...ROWS_RAN), '1 deleted'],
    ['fewer ran than they were', table(ROWS), pytest('add[1-2-3]', 'add[7-0-7]'), '2 deleted'],
    ['it does not run', table(ROWS), pytest(), '2 deleted'],
    [
      'it has no parameters',
      one('add', 1, 2, 3).replace('    ', '    x = [-2, -1, 7, 0]\n    '),
      pytest('add'),
    ],
    [
      'another is new beside it',
      table('(1, 2, 3), (1, -2, -1)') + one('more', 4, 4, 8),
      pytest('add[1-2-3]', 'add[1--2--1]', 'more'),
      '1 deleted',
    ],
  ])('are deleted where %s', async (_why, text, now, kind = '2 deleted') => {
    const { kinds } = await weak(OLD, text, BEFORE, now, `Refactor ${PATH} to use parametrize.`);
    expect(kinds).toEqual([kind]);
  });

  it('are deleted where the owner wants the tests as they are', async () => {
    const words = `Do not change ${PATH}.`;
    expect((await weak(OLD, table(ROWS), BEFORE, pytest(...ROWS_RAN), words)).kinds).toEqual(['2 deleted']);
  });

  it('are told by number alone where a run names none', async () => {
    const path = 'test/sum.test.js';
    const title = (n: number, text: string) =>
      `test('adds ${text}', () => { expect(add(1, ${n})).toBe(${n + 1}); });\n`;
    const old = title(2, 'two') + title(-2, 'less') + title(0, 'none');
    const each = (body: string) =>
      `test.each([[2, 3], [-2, -1], [0, 1]])('adds %i', (n, sum) => { ${body} });\n`;
    const checks = each('expect(add(1, n)).toBe(sum);');
    const kinds = async (text: string, now: number) =>
      (await weak(old, text, counted(3), counted(now), '', path)).kinds;
    expect(await kinds(checks, 3)).toEqual([]);
    expect(await kinds(checks, 2)).toEqual(['2 deleted']);
    expect(await kinds(checks + title(5, 'more'), 3)).toEqual(['1 deleted']);
    expect(await kinds(checks + title(5, 'more'), 4)).toEqual([]);
    expect(await kinds(each('add(n, sum);'), 3)).toEqual(['1 checks nothing']);
    expect(await kinds(checks.replace('.each', '.skip.each'), 3)).toContain('1 skipped');
  });

  it('are found by reading each test with parameters once, however many tests are gone', () => {
    const old = new Map(Array.from({ length: 50 }, (_, n) => [`test_${n}`, one(String(n), n, n, n)]));
    const now = new Map(Array.from({ length: 9 }, (_, n) => [`all_${n}`, table(`(${n}, ${n}, ${n})`)]));
    const rest = 'ROWS = []  # of all\n';
    const read = vi.spyOn(String.prototype, 'matchAll');
    try {
      expect(mergedInto(old, now, rest)).toMatchObject({ test_0: 'all_0', test_8: 'all_8' });
      expect(read.mock.contexts.filter((text) => String(text).includes(rest))).toHaveLength(9);
    } finally {
      read.mockRestore();
    }
  });
});
