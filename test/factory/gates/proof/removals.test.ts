import { describe, expect, it } from 'vitest';
import { noTests, testRun } from '../../../../src/factory/gates/outputs/test-run.ts';
import { findTestChanges } from '../../../../src/factory/gates/proof/find-test-changes.ts';
import { knownWithout, withoutRemoved } from '../../../../src/factory/gates/proof/removals.ts';
import { findWeakenings } from '../../../../src/factory/gates/proof/test-changes.ts';
import { sampleProject } from '../../../support/samples.ts';

type Files = Record<string, string>;

const git = (base: Files, head: Files) => ({
  changedFiles: async () =>
    [...new Set([...Object.keys(base), ...Object.keys(head)])].filter((path) => base[path] !== head[path]),
  listFiles: async (_: string, commit: string) => Object.keys(commit === 'base' ? base : head),
  showFile: async (_: string, commit: string, path: string) =>
    (commit === 'base' ? base : head)[path] ?? null,
});

async function removed(base: Files, head: Files, description: string) {
  const project = sampleProject({ baseCommit: 'base' });
  const reader = git(base, head);
  const found = await findTestChanges(reader, project, 'head');
  const { changes, removals } = await withoutRemoved(reader, project, 'head', found, [description]);
  const words = { allowAll: false, owner: [description], agents: [] };
  return { changes, removals, weak: findWeakenings(changes, words).map(({ kind }) => kind) };
}

const LIB =
  'export const distance = (a, b) => a - b;\nexport const distance_in_vec = (a, all) => all.map((b) => a - b);\n';
const NEW_LIB = 'export const distance = (a, b) => a - b;\n';
const ONE = "test('one', () => assert.equal(distance(3, 2), 1));\n";
const MANY = "test('many', () => assert.deepEqual(distance_in_vec(3, [2]), [1]));\n";
const IMPORT = "import { distance, distance_in_vec } from '../lib.js';\n";
const BASE = { 'lib.js': LIB, 'test/a.test.js': IMPORT + ONE + MANY };
const HEAD = { 'lib.js': NEW_LIB, 'test/a.test.js': IMPORT.replace(', distance_in_vec', '') + ONE };
const ASKED = 'Remove the in_vec functions';

describe('tests of what the owner wants removed', () => {
  it('go with it, and what is left of their file is asked about the new code', async () => {
    const { changes, removals, weak } = await removed(BASE, HEAD, ASKED);
    expect(removals).toEqual([{ path: 'test/a.test.js', tests: ['many'] }]);
    expect(weak).toEqual([]);
    const left = changes.inline['test/a.test.js'];
    expect(left).toContain(ONE);
    expect(left).not.toMatch(/distance_in_vec|many/);
    expect(changes.paths).toContainEqual({ path: 'test/a.test.js', before: true, after: true });
  });

  it.each([
    'feat!: remove `distance_in_vec`',
    'Drop distance_in_vec().',
    'break: delete the distance_in_vec helper',
  ])('also by "%s"', async (asked) => expect((await removed(BASE, HEAD, asked)).removals).toHaveLength(1));

  it.each([
    'Make distance quicker',
    'Do not remove distance_in_vec',
    'Remove the many tests',
    'Fix the bug that was there since we had to remove the in_vec cache',
    'Remove the other_vec functions',
  ])('stay with "%s"', async (asked) => {
    const { removals, weak } = await removed(BASE, HEAD, asked);
    expect(removals).toEqual([]);
    expect(weak).toEqual(['deleted']);
  });

  it('stay where the product has the name still, and where they are about something else', async () => {
    expect((await removed(BASE, { ...HEAD, 'lib.js': LIB.replace('a - b;', 'b - a;') }, ASKED)).weak).toEqual(
      ['deleted'],
    );
    const { removals, weak } = await removed(BASE, { ...HEAD, 'test/a.test.js': IMPORT }, ASKED);
    expect(removals).toEqual([{ path: 'test/a.test.js', tests: ['many'] }]);
    expect(weak).toEqual(['deleted']);
    // A plain word is no name.
    const plain = {
      'lib.js': 'export const cache = 1;\n',
      'test/a.test.js': "test('x', () => assert(cache));\n",
    };
    expect((await removed(plain, { 'lib.js': '1\n' }, 'Remove the cache from the docs')).weak).toEqual([
      'deleted',
    ]);
  });

  it('go with their file, which is not put back', async () => {
    const base = { ...BASE, 'test/a.test.js': ONE, 'test/many.test.js': IMPORT + MANY };
    const { changes, weak } = await removed(base, { 'lib.js': NEW_LIB, 'test/a.test.js': ONE }, ASKED);
    expect([weak, changes.paths, changes.inline]).toEqual([[], [], {}]);
  });

  it('hide no other that is left out', async () => {
    const base = { ...BASE, 'test/a.test.js': IMPORT + ONE + MANY.replace('test(', 'test.skip(') };
    const head = { ...HEAD, 'test/a.test.js': ONE.replace('test(', 'test.skip(') };
    expect((await removed(base, head, ASKED)).weak).toEqual(['skipped']);
  });

  it('go from the files of the product as well', async () => {
    const tests = (all: string) => `#[cfg(test)]\nmod tests {\n    use super::*;\n${all}}\n`;
    const one = '    #[test]\n    fn one() { assert_eq!(distance(3, 2), 1); }\n';
    const many = '    #[test]\n    fn many() { assert_eq!(distance_in_vec(3), 1); }\n';
    const code = 'pub fn distance(a: u8, b: u8) -> u8 { a - b }\n';
    const base = { 'src/lib.rs': `${code}pub fn distance_in_vec(a: u8) -> u8 { a }\n${tests(one + many)}` };
    const { changes, removals, weak } = await removed(base, { 'src/lib.rs': code + tests(one) }, ASKED);
    expect([removals, weak]).toEqual([[{ path: 'src/lib.rs', tests: ['many'] }], []]);
    expect(changes.inline['src/lib.rs']).not.toContain('fn many');
    const bent = one.replace(', 1', ', 2');
    const other = await removed(base, { 'src/lib.rs': code + tests(bent) }, ASKED);
    expect(other.changes.inline['src/lib.rs']).toContain('assert_eq!(distance(3, 2), 1)');
  });

  it('are missed in no run, and neither are examples of it', async () => {
    const doc = '/// ```\n/// f();\n/// ```\n';
    const code = `${doc}pub fn distance() {}\n`;
    const base = { 'src/lib.rs': `${code}${doc}pub fn distance_in_vec() {}\n`, ...BASE };
    const { removals } = await removed(base, { 'src/lib.rs': code, ...HEAD }, ASKED);
    expect(removals).toContainEqual({ path: 'src/lib.rs', tests: [], examples: ['distance_in_vec'] });
    const examples = ['src/lib.rs - distance (line 2)', 'src/lib.rs - distance_in_vec (line 9)'];
    const all = testRun('cargo', { ...noTests(), passed: examples });
    const run = testRun('cargo', { ...noTests(), passed: ['tests::one', 'tests::many'] });
    const result = { name: 'Tests', passed: true, output: '', required: true, knownFailure: false };
    const left = knownWithout({ run, result }, [{ path: 'src/lib.rs', tests: ['many'] }])?.run;
    expect(left).toMatchObject({ passed: ['tests::one'], totals: { passed: 1, total: 1 } });
    expect(knownWithout({ run: all, result }, removals)?.run?.passed).toEqual(examples.slice(0, 1));
  });
});
