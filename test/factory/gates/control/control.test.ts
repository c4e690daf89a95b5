import { describe, expect, it } from 'vitest';
import { withControl } from '../../../../src/factory/gates/control/control.ts';
import {
  type ControlRun,
  disarmed,
  doubtful,
  filesThatRan,
  seenOf,
} from '../../../../src/factory/gates/control/judge.ts';
import { noTests, testRun } from '../../../../src/factory/gates/outputs/test-run.ts';

const added = (path: string, text: string, named = false) => {
  const control = withControl(path, text, { mark: 'm', named });
  return control === null ? null : control.text.slice(text.trimEnd().length).trim().split('\n');
};

describe('tests that must fail', () => {
  it.each([
    [
      'a.test.js',
      "import t, { it as works } from 'node:test';\nimport { equal, ok as yes } from 'node:assert/strict';\nequal(1, 1);\n",
      [
        't("test_m_1", () => { equal("a", "b");  });',
        't("test_m_2", () => { yes(false);  });',
        't("test_m_3", () => { equal(1, 2);  });',
      ],
    ],
    [
      'a.test.ts',
      "describe('s', () => { it('a', () => { expect(a).toBe(1); expect(b).not.toContain(2); }); });\n",
      [
        'it("test_m_1", () => { expect("a").toBe("b");  });',
        'it("test_m_2", () => { expect(["a"]).toContain("b");  });',
        'it("test_m_3", () => { expect(1).toBe(2);  });',
        'it("test_m_4", () => { expect([1]).toContain(2);  });',
      ],
    ],
    [
      'a.test.cjs',
      "const test = require('tape');\ntest('a', (t) => { t.equal(1, 1); t.end(); });\n",
      [
        'test("test_m_1", (t) => { t.equal("a", "b"); t.end(); });',
        'test("test_m_2", (t) => { t.equal(1, 2); t.end(); });',
      ],
    ],
    [
      'b.test.js',
      "import test from 'node:test';\ntest('a', (t) => t.assert.ok(f()));\n",
      ['test("test_m_1", (t) => { t.assert.ok(false);  });'],
    ],
    [
      'a.test.mjs',
      "import { suite } from 'uvu';\nimport * as assert from 'uvu/assert';\nconst sums = suite('sums');\nsums('a', () => assert.is(1, 1));\nsums.run();\n",
      [
        'sums("test_m_1", () => { assert.is("a", "b");  });',
        'sums("test_m_2", () => { assert.is(1, 2);  });',
        'sums.run();',
      ],
    ],
  ])('call the assertions that %s uses, in its own way', (path, text, lines) => {
    expect(added(path, text)?.slice(1)).toEqual(lines);
  });

  it('come before what starts a Python file’s tests', () => {
    const text =
      'import unittest\n\nclass TestA(unittest.TestCase):\n    def test_a(self):\n        self.assertTrue(f())\n\nif __name__ == "__main__":\n    unittest.main()\n';
    const control = withControl('test_a.py', text, { mark: 'm', named: false });
    expect(control?.text).toMatch(
      /class Test_m\(unittest\.TestCase\):\n {4}def test_m_1\(self\):\n {8}self\.assertTrue\(False\)\n\nif __name__/,
    );
  });

  it('come behind the last assertion of a script, or in place of its exit', () => {
    expect(added('check.py', 'from a import f\nassert f() == 1\nprint("fine")\n', true)).not.toBeNull();
    const python = withControl('check.py', 'assert f() == 1\nprint("fine")\n', { mark: 'm', named: true });
    expect(python?.text).toBe('assert f() == 1\nassert "m" == ""\nprint("fine")\n');
    const exits = withControl('check.py', 'def main(): ...\nsys.exit(main())\n', { mark: 'm', named: true });
    expect(exits).toMatchObject({ text: 'def main(): ...\n(main())\nassert "m" == ""\n', sure: true });
    const shell = withControl('check.sh', 'set -e\n./a\nexit 0\n', { mark: 'm', named: true });
    expect(shell).toMatchObject({ text: 'set -e\n./a\nexit 97\nexit 0\n', sure: true });
  });

  it.each([
    [
      'a.test.js',
      "import test from 'node:test';\nimport { same } from '../lib/check.js';\ntest('a', () => same(f(2), 5));\n",
      ['same'],
    ],
    [
      'a.test.js',
      "import test from 'node:test';\nimport check from '@acme/checks';\ntest('a', () => {\n  check.equal<number>(f(2), 5);\n});\n",
      ['check.equal'],
    ],
    ['test_a.py', 'from support import verify\n\ndef test_a():\n    verify.same(f(2), 5)\n', ['verify.same']],
    [
      'test_a.py',
      'from support import Base\n\nclass TestA(Base):\n    def test_a(self):\n        self.check_sum(2, 5)\n',
      ['self.check_sum'],
    ],
    // What is done with a result, what a package gives, and names that judge nothing.
    [
      'a.test.js',
      "import test from 'node:test';\nimport { same } from '../lib/check.js';\ntest('a', () => ok(same(f(2), 5)));\n",
      [],
    ],
    [
      'a.test.js',
      "import test from 'node:test';\nimport { init } from '../index.js';\nimport { same, build } from '@acme/checks';\ntest('a', () => {\n  init('x');\n  same({ got: 1 });\n  build(1);\n});\n",
      [],
    ],
  ])('ask the functions of the repository’s own by which a file asserts: %s', (path, text, callees) => {
    const control = withControl(path, text, { mark: 'm', named: false });
    const own = control?.helpers?.filter(({ title }) => !title.includes('copy'));
    expect(own?.map(({ callee }) => callee)).toEqual(callees);
    for (const { title } of control?.helpers ?? []) expect(control?.text).toContain(title);
  });

  it('are examples in documentation that fail, one in each text that has examples', () => {
    const text = 'def f():\n    """F.\n\n    >>> f()\n    1\n    """\n\n\ndef g():\n    """G."""\n';
    const control = withControl('a.py', text, { mark: 'm', named: true });
    expect(control).toMatchObject({ titles: [], helpers: [{ title: 'test_m_own1_', callee: 'f >>>' }] });
    expect(control?.text).toMatch(/ 1\n\s+>>> "test_m_own1_"\n {4}'otherwise'\n {4}"""/);
  });

  it('end the main function of a compiled program that asserts with another code', () => {
    const c = '#include <assert.h>\nint main(void) {\n  assert(add(2, 3) == 5);\n  return 0;\n}\n';
    const control = withControl('test_sum.c', c, { mark: 'm', named: true });
    expect(control).toMatchObject({ titles: [], sure: true });
    expect(control?.text).toContain('== 5);\nreturn 97;\n}');
    const java =
      'class A {\n  public static void main(String[] a) {\n    if (f() != 1) throw new AssertionError();\n  }\n}\n';
    expect(withControl('A.java', java, { mark: 'm', named: true })?.text).toContain('System.exit(97);');
    expect(withControl('main.c', 'int main(void) { return run(); }', { mark: 'm', named: true })).toBeNull();
    expect(withControl('test_sum.c', c, { mark: 'm', named: false })).toBeNull();
  });

  it('are made for no file that holds no tests', () => {
    for (const [path, text] of [
      ['test/helper.js', 'export const x = 1;\n'],
      ['test/expected.json', '{}'],
      ['src/lib.rs', 'fn f() {}'],
      ['test/conftest.py', 'import os\n'],
    ] as const)
      expect(added(path, text), path).toBeNull();
  });
});

const runOf = (tests: Partial<ReturnType<typeof noTests>>) => testRun('tap', { ...noTests(), ...tests });

describe('what became of a test that must fail', () => {
  const controls = new Map([['a.test.js', { titles: ['test_m_1'], sure: true }]]);
  const usual = { passed: true, run: runOf({ passed: ['a'] }) };
  const run = (outcome: ControlRun['outcome'], rest: Partial<ControlRun> = {}): ControlRun => ({
    controls,
    outcome,
    usual,
    ran: new Set(['a.test.js']),
    ...rest,
  });
  const red = (tests: Partial<ReturnType<typeof noTests>>) => ({ passed: false, run: runOf(tests) });
  const good = run(red({ passed: ['a'], failed: ['test_m_1'] }));
  const absent = run(red({ passed: ['a'], failed: ['b'] }));

  it('is seen by its name', () => {
    expect(seenOf('a.test.js', good)).toBe('failed');
    expect(seenOf('a.test.js', run(red({ passed: ['a', 'test_m_1'], failed: ['b'] })))).toBe('passed');
    expect(seenOf('a.test.js', run({ passed: true, run: runOf({ failed: ['test_m_1'] }) }))).toBe('passed');
    expect(seenOf('a.test.js', absent)).toBe('absent');
  });

  it('is not known where the run ended with the first failure, the file does not run, or the exit code was red anyway', () => {
    expect(seenOf('a.test.js', run(red({ failed: [] })))).toBe('unknown');
    expect(seenOf('a.test.js', { ...absent, ran: new Set() })).toBe('unknown');
    expect(
      seenOf('a.test.js', run({ passed: false, run: null }, { usual: { passed: false, run: null } })),
    ).toBe('unknown');
  });

  it('counts where the base commit saw it fail, and not where it did not there either', () => {
    expect(disarmed(absent, good)).toEqual(['a.test.js']);
    expect(disarmed(absent, absent)).toEqual([]);
    expect(disarmed(good, null)).toEqual([]);
  });

  it('of a function by which a file asserts counts where that function judged on the base commit', () => {
    const helpers = [{ title: 'test_m_own1_', callee: 'same' }];
    const own = { controls: new Map([['a.test.js', { titles: ['test_m_1'], helpers, sure: true }]]) };
    const judges = run(red({ passed: ['a'], failed: ['test_m_1', 'test_m_own1_'] }), own);
    const lets = run(red({ passed: ['a', 'test_m_own1_'], failed: ['test_m_1'] }), own);
    expect(disarmed(lets, judges)).toEqual(['a.test.js']);
    expect(disarmed(lets, lets)).toEqual([]);
    expect(disarmed(judges, judges)).toEqual([]);
    expect([doubtful(lets), doubtful(judges)]).toEqual([['a.test.js'], []]);
  });

  it('of a script counts without a green base commit only where it must have been reached', () => {
    const script = (sure: boolean) => ({
      ...run({ passed: true, run: null }),
      controls: new Map([['check.js', { titles: [], sure }]]),
    });
    const redBase = {
      ...script(true),
      outcome: { passed: false, run: null },
      usual: { passed: false, run: null },
    };
    expect(disarmed(script(true), redBase)).toEqual(['check.js']);
    expect(disarmed(script(false), redBase)).toEqual([]);
    expect(disarmed(script(false), { ...redBase, usual: { passed: true, run: null } })).toEqual(['check.js']);
  });

  it('is expected of files whose tests ran, by titles that no other file has', () => {
    const texts = new Map([
      ['a.test.js', "test('a', () => {});\ntest('both', () => {});"],
      ['b.test.js', "test('both', () => {});"],
    ]);
    expect(filesThatRan(texts, runOf({ passed: ['s > a', 'both'] }))).toEqual(new Set(['a.test.js']));
    expect(filesThatRan(texts, null)).toBeNull();
  });
});
