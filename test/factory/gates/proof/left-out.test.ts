import { describe, expect, it } from 'vitest';
import { readTestFile } from '../../../../src/factory/gates/test-source/test-files.ts';
import { skipped } from '../test-source/skipped.ts';

describe('a key of an object in JavaScript', () => {
  const marks = (text: string) => readTestFile('a.test.js', text)?.skips;
  const test = "test('a', () => { assert.equal(f(), 1); });\n";

  it.each([
    'const page = { skip: 10, take: 5 };',
    "const item = { todo: 'Buy milk' };",
    "test('b', () => { assert.equal(list({ skip: 10 }), 1); });",
    "test('b', () => assert.deepEqual(list(), { only: 1 }));",
    "test('b', () => ({ skip: 10 }));",
    "test.each([{ skip: 10 }])('b', ({ skip }) => assert.ok(list(skip)));",
    "const page = { skip: 10 };\ntest('b', () => assert.ok(list(page, 1)));",
    "const all: Query = { where: { skip: 1 } };\ntest('b', () => assert.ok(list(all)));",
  ])('leaves out no test as a value: %s', (text) => {
    expect(marks(`${text}\n${test}`)).toBe(0);
  });

  it.each([
    "test('b', { skip: true }, () => assert.ok(f()));",
    "test('b', { timeout: 5, todo: 'later' }, () => assert.ok(f()));",
    'test(`b`, { only: true }, () => assert.ok(f()));',
    "test({ name: 'b', skip: true }, () => assert.ok(f()));",
    "describe('b', { skip: isWindows() }, () => {});",
    "t.test('b', { skip: 'no shell' }, (t) => t.ok(f()));",
    "test.each([[1, 2]])('b', { skip: true }, () => assert.ok(f()));",
    "test('b', () => assert.ok(f()), { skip: true });",
    "const later = { skip: true };\ntest('b', later, () => assert.ok(f()));",
    "const later = { skip: true };\ntest('b', { ...later, timeout: 5 }, () => assert.ok(f()));",
  ])('leaves out a test as an option: %s', (text) => {
    expect(marks(`${text}\n${test}`)).toBe(1);
  });

  it('is quickly told from an option in hostile text', () => {
    expect(marks('skip: 1, '.repeat(20_000))).toBe(0);
    expect(marks('const a = { skip: 1 };\n'.repeat(5_000))).toBe(0);
    expect(marks('it({ skip: 1,'.repeat(300))).toBe(300);
  });
});

describe('in Go', () => {
  const go = (name: string, body = 'if f() != 2 { t.Fatal() }') =>
    `func ${name}(t *testing.T) {\n\t${body}\n}\n`;
  const wait = 'if testing.Short() { t.Skip("long") }\n\tif f() != 2 { t.Fatal() }';
  const main = (body: string) => `func TestMain(m *testing.M) {\n${body}\n}\n`;
  const path = 'a_test.go';

  it('a new test may skip itself, and an old one may not', () => {
    expect(skipped('big_test.go', null, go('TestBig', wait))).toBe(0);
    expect(skipped(path, go('TestA'), go('TestA') + go('TestBig', wait))).toBe(0);
    expect(skipped(path, go('TestA'), go('TestA', wait))).toBe(1);
    expect(skipped(path, go('TestA'), go('TestA', wait) + go('TestBig', wait))).toBe(1);
  });

  it('a file that is new may have a constraint, and an old one gets none', () => {
    for (const mark of ['//go:build linux\n\n', '//go:build linux\n// +build linux\n\n']) {
      expect(skipped('linux_test.go', null, mark + go('TestLinux'))).toBe(0);
      expect(skipped('help_test.go', null, `${mark}func help() int { return 1 }\n`)).toBe(0);
      expect(skipped(path, go('TestA'), mark + go('TestA')), mark).toBeGreaterThan(0);
      expect(skipped(path, go('TestA'), mark + go('TestA') + go('TestB')), mark).toBeGreaterThan(0);
    }
  });

  it.each([
    '\tos.Exit(m.Run())',
    '\tsetUp()\n\tdefer func() { done() }()\n\tos.Exit(m.Run())',
    '\tcode := m.Run()\n\tif code != 0 { say(code) }\n\tos.Exit(code)',
    '\tsetUp()\n\tm.Run()\n\tdone()',
    '\tcode := m.Run()\n\tsay(code)',
    '\tgoleak.VerifyTestMain(m)',
    '\tgoleak.VerifyTestMain(m, goleak.IgnoreCurrent())',
    '\tflag.Parse()\n\tos.Exit(m.Run())',
    '\t// Say nothing of the flag.\n\tos.Exit(m.Run())',
  ])('a main that runs all tests leaves out none: %s', (body) => {
    expect(skipped('main_test.go', null, main(body) + go('TestA'))).toBe(0);
  });

  it.each([
    '\tos.Exit(0)',
    '\tif slow { return }\n\tos.Exit(m.Run())',
    '\tif slow { os.Exit(0) }\n\tos.Exit(m.Run())',
    '\tif fast { os.Exit(m.Run()) }',
    '\tcode := m.Run()\n\tcode = 0\n\tos.Exit(code)',
    '\tflag.Set("test.run", "TestB")\n\tos.Exit(m.Run())',
    '\tm.Run()\n\tos.Exit(0)',
    '\tif fast { m.Run() }',
    '\tgo m.Run()',
    '\tsetUp()',
    '\t/*\n\tm.Run()\n\t*/',
    '\tif fast { goleak.VerifyTestMain(m) }',
    '\tgoleak.VerifyTestMain(m, goleak.Cleanup(func(int) { os.Exit(0) }))',
  ])('a main that may run fewer is one that leaves out: %s', (body) => {
    expect(skipped('main_test.go', null, main(body) + go('TestA'))).toBeGreaterThan(0);
  });
});

describe('a file without tests', () => {
  const js = 'process.exit(Number(process.argv[2]));\n';
  const python = 'def main():\n    return 3\n\nsys.exit(main())\n';
  const go = 'package main\n\nfunc main() {\n\tos.Exit(2)\n}\n';
  const rust = 'fn main() {\n    std::process::exit(2);\n}\n';

  it.each([
    ['test/fixtures/exit.js', js],
    ['test/programs/crash.mjs', js],
    ['tests/fixtures/failing_script.py', python],
    ['testdata/crash/main.go', go],
    ['tests/fixtures/crash.rs', rust],
  ])('that is new may end its own process: %s', (path, text) => {
    expect(skipped(path, null, text)).toBe(0);
  });

  it('that lies with the fixtures may end it in one more place', () => {
    expect(skipped('test/fixtures/exit.js', js, `if (late) process.exit(1);\n${js}`)).toBe(0);
  });

  it.each([
    ['test/help.js', 'export const a = 1;\n', `export const a = 1;\n${js}`],
    ['tests/conftest.py', null, 'os._exit(0)\n'],
    ['tests/__init__.py', null, 'sys.exit(0)\n'],
    ['tests/plugin.py', null, 'pytest.exit("done")\n'],
    ['main_test.go', null, 'func TestMain(m *testing.M) {\n\tos.Exit(0)\n}\n'],
    ['init_test.go', null, 'func init() {\n\tos.Exit(0)\n}\n'],
    ['test/hooks.js', null, 'beforeEach(function () { this.skip(); });\n'],
    ['tests/conftest.py', null, 'collect_ignore = ["test_a.py"]\n'],
  ])('takes others out of the run where it is loaded with them: %s', (path, before, after) => {
    expect(skipped(path, before, after)).toBeGreaterThan(0);
  });
});

it('an exit beside tests takes them out of the run, also in a new file and among fixtures', () => {
  const test = "test('a', () => { assert.equal(f(), 1); });\n";
  for (const path of ['test/a.test.js', 'test/fixtures/a.test.js'])
    for (const before of [null, test]) expect(skipped(path, before, `${test}process.exit(0);\n`)).toBe(1);
});

describe('a condition in Rust', () => {
  const test = '#[test]\nfn adds() { assert_eq!(add(2, 3), 5); }\n';

  it.each([
    '#[cfg(unix)]\nuse std::os::unix::fs::PermissionsExt;\n',
    '#[cfg(windows)]\nconst NL: &str = "\\r\\n";\n',
    '#[cfg(unix)]\n#[allow(unused)]\npub fn help() -> i32 { 1 }\n',
    '#[cfg(unix)]\nmod help { pub fn one() -> i32 { 1 } }\n',
  ])('before what holds no test leaves out none: %s', (text) => {
    expect(skipped('tests/perm.rs', null, text + test)).toBe(0);
    expect(skipped('tests/perm.rs', test, text + test)).toBe(0);
  });

  it.each([
    `#[cfg(windows)]\n${test}`,
    test.replace('fn', '#[cfg(windows)]\nfn'),
    `#[cfg(windows)]\n#[allow(unused)]\nmod unit {\n${test}}\n`,
    `#[cfg(windows)]\nmod unit;\n${test}`,
    `#[cfg(windows)]\nproptest! {\n${test}}\n`,
    `#[cfg(windows)]\nall_tests!(a);\n${test}`,
    `#[ignore]\n${test}`,
  ])('before a test, or what may hold one, leaves it out: %s', (text) => {
    expect(skipped('tests/perm.rs', test, text)).toBe(1);
  });

  const guarded = (part: string) => `#[test]\nfn adds() {\n    ${part}\n    assert_eq!(add(2, 3), 5);\n}\n`;

  it.each([
    '#[cfg(feature = "color")]\n    assert_eq!(add(2, 2), 4);',
    '#[cfg(windows)]\n    let two = 2;',
    '#[cfg(windows)]\n    {\n        prepare();\n    }',
  ])('before a part of a test does not leave out the test: %s', (part) => {
    expect(skipped('tests/perm.rs', test, guarded(part))).toBe(0);
  });

  it.each([
    '#[cfg(windows)]\n    return;',
    '#[cfg(windows)]\n    { say(); return; }',
    'std::process::exit(0);',
  ])('before what ends a test leaves it out: %s', (part) => {
    expect(skipped('tests/perm.rs', test, guarded(part))).toBe(1);
  });
});

describe('an exit in Python', () => {
  const test = 'def test_a():\n    assert f() == 1\n';
  const cli =
    '\ndef test_b():\n    @click.command()\n    def cli():\n        sys.exit(3)\n    assert run(cli) == 3\n';
  const last = (end: string) => `\nif __name__ == "__main__":\n    ${end}\n`;

  it.each([cli, last('sys.exit(unittest.main())'), last('sys.exit(pytest.main([__file__, *args()]))')])(
    'within a test, or with what the tests gave, leaves out none: %s',
    (text) => {
      for (const before of [null, test]) expect(skipped('test_a.py', before, test + text)).toBe(0);
    },
  );

  it.each([
    cli.replace('sys.exit', 'os._exit'),
    cli.replace('@click.command()', 'pytest.exit("done")'),
    '\nsys.exit(unittest.main())\n',
    '\n@needs(sys.exit(0))\ndef test_b():\n    assert f() == 1\n',
    '\ndef test_b(x=sys.exit(0)):\n    assert f() == x\n',
    '\ndef setup_module():\n    sys.exit(0)\n',
    last('sys.exit(0)'),
    last('sys.exit(unittest.main(exit=False) and 0)'),
  ])('anywhere else takes tests out of the run: %s', (text) => {
    expect(skipped('test_a.py', test, test + text)).toBeGreaterThan(0);
  });
});
