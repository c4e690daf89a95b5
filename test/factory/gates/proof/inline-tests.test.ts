import { describe, expect, it } from 'vitest';
import { findWeakenings } from '../../../../src/factory/gates/proof/test-changes.ts';
import {
  hasInlineTests,
  rustTestsAsRead,
  withOldTests,
} from '../../../../src/factory/gates/test-source/inline-tests.ts';
import { findBetween } from './two-commits.ts';

const PYTHON = `import unittest

def add(a, b):
    """Adds.

    >>> add(2, 3)
    5
    """
    return a - b

class TestAdd(unittest.TestCase):
    def test_adds(self):
        self.assertEqual(add(2, 3), 5)

if __name__ == '__main__':
    unittest.main()
`;
const RUST = `/// Adds.
///
/// \`\`\`
/// assert_eq!(sum::add(2, 3), 5);
/// \`\`\`
pub fn add(a: i32, b: i32) -> i32 { a - b }

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn adds() { assert_eq!(add(2, 3), 5, "}}"); }
}
`;
const VITEST = `export const add = (a, b) => a - b;
if (import.meta.vitest) {
  const { it, expect } = import.meta.vitest;
  it('adds', () => { expect(add(2, 3)).toBe(5); });
}
`;

describe('withOldTests', () => {
  it.each([
    ['total.py', PYTHON],
    ['src/lib.rs', RUST],
    ['src/sum.ts', VITEST],
  ])('puts the tests within %s back, and leaves the new code', (path, before) => {
    expect(hasInlineTests(path, before)).toBe(true);
    const bent = before.replaceAll('5', '-1').replace('a - b', 'b - a');
    expect(withOldTests(path, before, bent)).toEqual({ text: before.replace('a - b', 'b - a'), lost: [] });
    expect(withOldTests(path, before, before.replace('a - b', 'a + b'))).toEqual({ text: null, lost: [] });
  });

  it('puts tests that were taken out where they still run', () => {
    const gone = PYTHON.replace(/class TestAdd[\s\S]*?\n\n/, '');
    expect(withOldTests('total.py', PYTHON, gone).text).toMatch(
      /class TestAdd[\s\S]*add\(2, 3\), 5\)\n+if __name__/,
    );
    const rust = RUST.replace(/#\[cfg\(test\)\][\s\S]*/, '');
    expect(withOldTests('src/lib.rs', RUST, rust).text).toContain('fn adds()');
  });

  it('says which examples went with their code or their words', () => {
    const gone = PYTHON.replace(/ {4}"""[\s\S]*?"""\n/, '');
    expect(withOldTests('total.py', PYTHON, gone)).toEqual({ text: null, lost: ['the examples of add'] });
    expect(withOldTests('src/lib.rs', RUST, RUST.replace('pub fn add', 'pub fn plus')).lost).toEqual([
      'the examples of pub fn add',
    ]);
    expect(withOldTests('total.py', PYTHON, null).lost).toEqual(['TestAdd', 'the examples of add']);
  });

  describe('of tests of Rust that stand in no module', () => {
    const code = 'pub fn add(a: i32, b: i32) -> i32 { a - b }\n';
    const test = '#[test]\nfn adds() { assert_eq!(add(2, 3), 5); }\n';
    const bent = test.replace('5', '-1');

    it('puts a bent one back', () => {
      expect(hasInlineTests('src/lib.rs', code + test)).toBe(true);
      expect(withOldTests('src/lib.rs', code + test, code + bent).text).toBe(code + test);
      expect(withOldTests('src/lib.rs', code + test, code).text).toContain(test);
    });

    it('finds one in the module that it was moved to', () => {
      const within = (each: string) => `${code}#[cfg(test)]\nmod tests {\n    use super::*;\n${each}}\n`;
      expect(withOldTests('src/lib.rs', code + test, within(`    ${test}`)).text).toBeNull();
      expect(withOldTests('src/lib.rs', code + test, within(bent)).text).toBe(within(`${test.trimEnd()}\n`));
    });

    it('asks one no more that was moved to another file as it was', () => {
      const moved = new Set(rustTestsAsRead('src/sum.rs', `mod a {\n    ${test}}`));
      expect(withOldTests('src/lib.rs', code + test, 'mod sum;\n', moved).text).toBeNull();
      const other = new Set(rustTestsAsRead('src/sum.rs', bent));
      expect(withOldTests('src/lib.rs', code + test, 'mod sum;\n', other).text).toContain(test);
    });
  });

  describe('of parts with one name', () => {
    const one = (type: string, value: number) =>
      `impl ${type} {\n    /// Makes one.\n    ///\n    /// \`\`\`\n    /// assert_eq!(sum::${type}::new().0, ${value});\n    /// \`\`\`\n    pub fn new() -> Self { ${type}(${value}) }\n}\n`;
    const three = one('A', 1) + one('B', 2) + one('C', 3);

    it('asks for nothing where none of them changed', () => {
      expect(withOldTests('src/lib.rs', three, `${three}pub fn added() {}\n`)).toEqual({
        text: null,
        lost: [],
      });
    });

    it('puts each bent one back in its own place', () => {
      const bent = three.replace('new().0, 2', 'new().0, 7').replace('new().0, 3', 'new().0, 8');
      expect(withOldTests('src/lib.rs', three, bent).text).toBe(three);
    });

    it('leaves one more of the name where it is, before or between them', () => {
      for (const more of [one('D', 4) + three, one('A', 1) + one('D', 4) + one('B', 2) + one('C', 3)])
        expect(withOldTests('src/lib.rs', three, more)).toEqual({ text: null, lost: [] });
      const bent = `${one('D', 4)}${three.replace('new().0, 2', 'new().0, 7')}`;
      expect(withOldTests('src/lib.rs', one('B', 2), one('B', 2) + one('D', 4)).text).toBeNull();
      expect(withOldTests('src/lib.rs', three, bent).text).toContain('B::new().0, 2');
    });

    it('puts a module of tests within another back together with it', () => {
      const inner = '    #[cfg(test)]\n    mod tests { fn b() { assert_eq!(two(), 2); } }\n';
      const outer = `#[cfg(test)]\nmod tests {\n${inner}    fn a() { assert_eq!(one(), 1); }\n}\n`;
      const bent = outer.replace('two(), 2', 'two(), 2222').replace('one(), 1', 'one(), 1111');
      expect(withOldTests('src/lib.rs', outer, `${bent}pub fn added() {}\n`).text).toBe(
        `${outer}pub fn added() {}\n`,
      );
    });
  });

  it('finds none in ordinary code', () => {
    for (const [path, text] of [
      ['a.py', 'def add(a, b):\n    """Adds."""\n    return a + b\n'],
      ['a.rs', '/// Adds.\nfn add() {}\nconst S: &str = "#[cfg(test)] mod x {";\n'],
      ['a.ts', '// if (import.meta.vitest) {\nexport const a = 1;\n'],
      ['a.go', 'package a\n'],
    ] as const)
      expect(hasInlineTests(path, text), path).toBe(false);
  });
});

describe('a file of the product', () => {
  const words = { allowAll: false, owner: [], agents: [] };
  type Files = Record<string, string>;
  const weak = async (base: Files, head: Files) =>
    findWeakenings(await findBetween(base, head), words).map(({ kind, count }) => `${count} ${kind}`);
  const hook = 'class Hook(BaseHook):\n    def test_connection(self):\n        return self.get()\n';
  const asked = 'def test(args, model):\n    return model.run(args)\n';
  const adds = 'import unittest\n\nclass TestAdd(unittest.TestCase):\n    def test_adds(self):\n        ';
  const checks = `${adds}self.assertEqual(add(2, 3), 5)\n`;
  const plain = 'def test_adds(capsys):\n    assert add(2, 3) == 5\n';
  const gone = 'def test_adds():\n    assert add(2, 3) == 5\n';

  it('may have methods and functions named like tests, which are renamed, moved and new like others', async () => {
    for (const text of [hook, asked]) {
      expect(hasInlineTests('pkg/hook.py', text)).toBe(false);
      expect(await weak({ 'pkg/hook.py': text }, { 'pkg/hook.py': text.replace('test', 'check') })).toEqual(
        [],
      );
      expect(await weak({ 'pkg/hook.py': text }, { 'pkg/moved/hook.py': text })).toEqual([]);
      expect(await weak({}, { 'pkg/hook.py': text.replace(/return.*/, 'return True') })).toEqual([]);
    }
    expect(
      await weak({ 'a.py': checks + hook }, { 'a.py': checks + hook.replace('test_', 'check_') }),
    ).toEqual([]);
  });

  it.each<[string, string]>([
    ['total.py', checks],
    ['total.py', plain],
    ['total.py', gone],
    ['sum.ts', VITEST],
  ])('takes its tests with it where it is moved: %s', async (name, text) => {
    expect(await weak({ [`src/${name}`]: text }, { [`src/sums/${name}`]: text })).toEqual([]);
    expect(await weak({ [`src/${name}`]: text }, { 'src/other.py': 'a = 1\n' })).toEqual(['1 deleted']);
  });

  it.each<[string, Files, Files]>([
    ['its test is renamed', { 'total.py': plain }, { 'total.py': plain.replace('test_', 'check_') }],
    ['it checks nothing any more', { 'a.py': checks }, { 'b.py': `${adds}pass\n` }],
    [
      'it is left out',
      { 'a.py': checks },
      { 'b.py': checks.replace('    def', '    @unittest.skip("later")\n    def') },
    ],
    ['it was one of a file of tests', { 'tests/test_a.py': gone }, { 'pkg/a.py': gone }],
  ])('keeps no test that is gone alive: %s', async (_what, base, head) => {
    expect(await weak(base, head)).toEqual(['1 deleted']);
  });
});
