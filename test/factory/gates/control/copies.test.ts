import { describe, expect, it } from 'vitest';
import { withControl } from '../../../../src/factory/gates/control/control.ts';

describe('tests that must fail', () => {
  const copies = (path: string, text: string) =>
    withControl(path, text, { mark: 'm', named: false })?.text.split('\n') ?? [];

  it('stand beside the tests of JavaScript that they are copies of, and ask for something else', () => {
    const text =
      "import assert from 'node:assert';\nimport test from 'node:test';\nimport { add } from '../sum.js';\n\ntest('adds', () => {\n  const sum = add(2, 3);\n  assert.equal(sum, 5, 'five');\n  list.forEach((n) => {\n    assert.equal(n, 1);\n  });\n});\n";
    expect(copies('a.test.js', text).slice(4, 8)).toEqual([
      'test("test_m_copy1_", () => {',
      '  const sum = add(2, 3);',
      "  assert.equal(sum, (5 + 1013), 'five');",
      '  list.forEach((n) => {',
    ]);
    expect(copies('a.test.js', text).join('\n')).not.toContain('copy2');
    const expects = "describe('s', () => {\n  it('a', () => {\n    expect(f(1)).toEqual('x');\n  });\n});\n";
    expect(copies('a.test.ts', expects)[1]).toContain('test_m_copy1_');
    expect(copies('a.test.ts', expects)[2]).toBe('    expect(f(1)).toEqual("something else");');
  });

  it('are copies of no test that starts what a failure would leave open, or that stands behind a condition', () => {
    for (const test of [
      "test('a', () => {\n  server.listen(0);\n  assert.equal(f(), 1);\n});",
      "if (x)\n  test('a', () => assert.equal(f(), 1));",
      "test('a', () => assert.equal(1, 1));",
      "test('a', () => assert.notEqual(f(), 1));",
      "test('a', async () => { await f().then((n) => assert.equal(n, 1)); });",
    ])
      expect(copies('a.test.js', `import test from 'node:test';\n${test}\n`).join()).not.toContain('copy');
  });

  it('stand beside the tests of Python in the same way', () => {
    const text =
      'import unittest\nfrom kit import alike\n\n\nclass TestA(unittest.TestCase):\n    def test_a(self):\n        self.assertEqual(f(), [1])\n        alike(f(), "x")\n\n\ndef test_b():\n    assert f() == 5\n';
    const all = copies('test_a.py', text).join('\n');
    const copy = (name: string, ...lines: string[]) => [`def ${name}`, ...lines].join('\n');
    for (const each of [
      copy(
        'test_m_copy1_(self):',
        '        self.assertEqual(f(), "something else")',
        '        alike(f(), "x")',
      ),
      copy(
        'test_m_copy2_(self):',
        '        self.assertEqual(f(), [1])',
        '        alike(f(), "something else")',
      ),
      copy('test_m_copy3_():', '    assert f() == (5 + 1013)'),
    ])
      expect(all).toContain(each);
  });

  it('ask a script once more with something else in its last assertion', () => {
    const control = withControl('check.py', 'from a import f\nassert f() == 1\n', { mark: 'm', named: true });
    expect(control?.other).toBe('from a import f\nassert f() == (1 + 1013)\n');
  });
});
