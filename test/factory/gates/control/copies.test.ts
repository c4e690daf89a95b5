import { describe, expect, it } from 'vitest';
import { withControl } from '../../../../src/factory/gates/control/control.ts';
import { otherwise } from '../../../../src/factory/gates/control/copies.ts';

describe('tests that must fail', () => {
  const copies = (path: string, text: string) =>
    withControl(path, text, { mark: 'm', named: false })?.text.split('\n') ?? [];

  it('stand beside the tests of JavaScript that they are copies of, and ask for something else', () => {
    const text =
      "import assert from 'node:assert';\nimport test from 'node:test';\nimport { add } from '../sum.js';\n\ntest('adds', () => {\n  const sum = add(2, 3);\n  assert.equal(sum, 5, 'five');\n  later(() => {\n    assert.equal(n, 1);\n  });\n});\n";
    expect(copies('a.test.js', text).slice(4, 8)).toEqual([
      'test("test_m_copy1_", () => {',
      '  const sum = add(2, 3);',
      "  assert.equal(sum, (5 + 1013), 'five');",
      '  later(() => {',
    ]);
    expect(copies('a.test.js', text).join('\n')).not.toContain('copy2');
    const expects = "describe('s', () => {\n  it('a', () => {\n    expect(f(1)).toEqual('x');\n  });\n});\n";
    expect(copies('a.test.ts', expects)[1]).toContain('test_m_copy1_');
    expect(copies('a.test.ts', expects)[2]).toBe('    expect(f(1)).toEqual("something else");');
  });

  it('ask for something else also where it is no constant, or stands in a loop', () => {
    const lines = (body: string) => copies('a.test.js', `test('a', () => {\n${body}\n});\n`);
    const pairs = [
      ['assert.equal(add(2, 3), want);', 'assert.equal(add(2, 3), [want, "something else"]);'],
      ['assert.equal(want.sum, add(2, 3));', 'assert.equal([want.sum, "something else"], add(2, 3));'],
      ['expect(got).toEqual(row[1]);', 'expect(got).toEqual([row[1], "something else"]);'],
      [
        'for (const [n, want] of rows) assert.equal(add(n), want);',
        'for (const [n, want] of rows) assert.equal(add(n), [want, "something else"]);',
      ],
      [
        'for (const n of all(rows)) {\n  assert.equal(add(n), 1);\n}',
        'for (const n of all(rows)) {\n  assert.equal(add(n), (1 + 1013));\n}',
      ],
      [
        'rows.forEach(([n, want]) => assert.equal(add(n), want));',
        'rows.forEach(([n, want]) => assert.equal(add(n), [want, "something else"]));',
      ],
      [
        'rows.forEach(function (n) {\n  expect(add(n)).toBe(1);\n});',
        'rows.forEach(function (n) {\n  expect(add(n)).toBe((1 + 1013));\n});',
      ],
    ];
    for (const [from = '', to = ''] of pairs)
      expect(lines(from).join('\n')).toContain(`copy1_", () => {\n${to}\n`);
    const python = (body: string) => copies('test_a.py', `def test_a():\n${body}\n`).join('\n');
    expect(python('    assert add(2, 3) == want')).toContain(
      '\ndef test_m_copy1_():\n    assert add(2, 3) == [want, "something else"]\n',
    );
    expect(
      python('    for a, want in ROWS:\n        with within(a):\n            self.assertEqual(add(a), want)'),
    ).toContain('            self.assertEqual(add(a), [want, "something else"])\n');
  });

  it('leave alone what a condition may leave out, and what would not parse with it', () => {
    for (const body of [
      'if (x) {\n  assert.equal(f(), want);\n}',
      'for (const n of rows) {\n  if (n) assert.equal(f(n), want);\n}',
      'for (let i = 0; assert.equal(f(), want); i += 1) g();',
      'assert.equal(f(), want /* five */);',
      "assert.equal(f(), want + 'five');",
      'assert.equal(f(), await want());',
    ])
      expect(copies('a.test.js', `test('a', () => {\n${body}\n});\n`).join('\n')).not.toContain('copy');
    for (const body of [
      '    assert f() == want and g()',
      '    assert f() == want, "no"',
      '    assert f() == want  # five',
      '    if x:\n        assert f() == want',
      '    for n in rows:\n        try:\n            assert f() == want\n        except E:\n            pass',
    ])
      expect(copies('test_a.py', `def test_a():\n${body}\n`).join('\n')).not.toContain('copy');
    expect(
      copies('a.test.ts', "test('a', () => {\n  expect(f()).toBe(want);\n});\n").join('\n'),
    ).not.toContain('copy');
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

  it('ask a script once more with something else in its last assertion that no loop leaves out', () => {
    const script = 'from a import f\nassert f() == 1\nfor n in f():\n    assert n == 1\n';
    expect(otherwise('check.py', script)).toBe(script.replace('== 1\nfor', '== (1 + 1013)\nfor'));
    const control = withControl('check.py', 'assert f() == 1\n', { mark: 'm', named: true });
    expect(control?.other).toBe('assert f() == (1 + 1013)\n');
  });
});
