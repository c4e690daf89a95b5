import { describe, expect, it } from 'vitest';
import { readTestFile, testPlaces } from '../../../../src/factory/gates/test-source/test-files.ts';

const js = (text: string) => readTestFile('a.test.js', text);

describe('readTestFile', () => {
  it('counts tests, and none that stand in comments or strings', () => {
    expect(
      js(
        "test('a', () => assert(x));\n// test('b', () => {});\n/* it('c', f) */\nconst s = \"it('d', g)\";\nit('e', () => expect(x).toBe(2));",
      )?.titles,
    ).toEqual(['a', 'e']);
  });

  it('counts tests within tests, and takes no regular expression for one', () => {
    const text = `t.test('a', (t) => {
      t.test('b', { skip: isWindows }, (t) => t.equal(f(), 1));
      sub.test(\`c\`, async () => assert(/x/.test('d') && re.test('e')));
    })`;
    expect(js(text)).toMatchObject({ titles: ['a', 'b', 'c'], skips: 1, left: [['b']], hollow: [] });
  });

  it.each([
    "it.skip('a', () => assert(x))",
    "test.only('a', () => assert(x))",
    "xit('a', () => assert(x))",
    "describe.skip('s', () => {})",
    "test('a', { skip: true }, () => assert(x))",
    "test('a', (t) => { t.skip(); assert(x); })",
    'process.exit(0);',
  ])('sees a test left out by %s', (text) => {
    expect(js(text)?.skips).toBe(1);
  });

  it('sees tests left out in Python, Rust and Go', () => {
    expect(readTestFile('test_a.py', '@pytest.mark.skip\ndef test_a():\n    assert f()\n')).toEqual({
      titles: ['test_a'],
      skips: 1,
      left: [['test_a']],
      hollow: [],
    });
    expect(readTestFile('a.rs', '#[test]\n#[ignore]\nfn works() { assert_eq!(f(), 2); }\n')).toEqual({
      titles: ['works'],
      skips: 1,
      left: [['works']],
      hollow: [],
    });
    expect(readTestFile('a_test.go', 'func TestA(t *testing.T) {\n\tt.Skip()\n\tt.Fatal(f())\n}\n')).toEqual({
      titles: ['TestA'],
      skips: 1,
      left: [['TestA']],
      hollow: [],
    });
  });

  it('reads a raw string of Go to its end, whatever stands before that', () => {
    const first = 'func TestA(t *testing.T) {\n\tif f(`{a\\`) != `}` {\n\t\tt.Fatal(1)\n\t}\n}';
    const second = 'func TestB(t *testing.T) {\n\tif f(`\\`) {\n\t\tt.Fatal(2)\n\t}\n}';
    const text = `package a\n\n${first}\n\n${second}\n`;
    expect(readTestFile('a_test.go', text)).toEqual({ titles: ['TestA', 'TestB'], skips: 0, hollow: [] });
    expect(testPlaces('a_test.go', text).map(({ start, end }) => text.slice(start, end))).toEqual([
      first,
      second,
    ]);
  });

  it.each([
    "test('a', () => {})",
    "test('a', () => { const sum = add(1, 2); })",
    "test('a', () => { assert.ok(true); })",
    "test('a', () => { expect(true).toBe(true); })",
    "test('a', () => { assert.equal(1, 1); })",
    "test('a', async function () {})",
    "const macro = (t, text) => {\n  f(text);\n};\ntest('a', macro, 'x', 1)",
    "const nothing = () => {};\ntest('a', nothing)",
    "const parses = (text) => { f(text); };\ntest('a', () => { parses('--x'); })",
    "function parses(text) { assert.ok(true); }\ntest('a', () => { parses('--x'); })",
    "function other() { assert.ok(f()); }\ntest('a', () => { parses('--x'); })",
  ])('finds that %s checks nothing', (text) => {
    expect(js(text)?.hollow).toEqual(['a']);
  });

  it.each([
    "test('a', () => assert.equal(add(1, 2), 3))",
    "test('a', () => { expect(add(1, 2)).toBe(3); })",
    "test('a', () => checkRoundTrip(1))",
    "test('a', (t) => { t.is(add(1, 2), 3); })",
    "test('a', async () => { await assert.rejects(run()); })",
    "test('a', (t) => { parses(t, ['--x'], { x: true }); })",
    "const macro = (t, text) => {\n  t.is(f(text), 1);\n};\ntest('a', macro, 'x', 1)",
    "const macro = test.macro((t, text, wanted = {}) => {\n  t.is(f(text), wanted);\n});\ntest('a', macro, 'x', 1)",
    "test('a', parses)",
    "const parses = (text, wanted) => {\n  assert.equal(f(text), wanted);\n};\ntest('a', () => parses('--x', true))",
    "function parses(text) { t.is(f(text), 1); }\ntest('a', () => { parses('--x'); })",
  ])('finds that %s checks something', (text) => {
    expect(js(text)?.hollow).toEqual([]);
  });

  it.each([
    "it.each([[new Date(0), 1]])('a', (at, n) => { expect(f(at)).toBe(n); })",
    "it.each(Object.entries(cases))('a', (n, text) => { expect(pad(n)).toBe(text); })",
    "it.each<[string, number]>([['x', f(1)]])('a', (x, n) => { expect(g(x)).toBe(n); })",
    `test.each\`\n  x | y\n  \${f(1)} | \${2}\n\`('a', ({ x, y }) => { expect(g(x)).toBe(y); })`,
    "it.skipIf(isOld(process.version()))('a', () => { expect(g()).toBe(1); })",
    "test('a', async () => { render(<A />); screen.getByText('Save'); })",
    "it('a', () => { cy.contains('Save'); })",
    "test('a', async ({ page }) => { await page.getByRole('button', { name: 'Save' }).click(); })",
  ])('reads a test with a table, or of what is shown: %s', (text) => {
    expect(js(text)).toMatchObject({ titles: ['a'], hollow: [] });
  });

  it.each([
    "it.each([[new Date(0), 1]])('a', (at, n) => { f(at, n); })",
    "it.each([[expect(1), assert(2)]])('a', (x) => { f(x); })",
    `test.each\`\n  x\n  \${expect(1)}\n\`('a', ({ x }) => { f(x); })`,
    "test('a', async ({ page }) => { page.getByText('Save'); })",
    "it('a', () => { cy.log('Save'); })",
    "it('a', () => { button.click(); })",
  ])('finds that its table checks nothing, nor what shows nothing: %s', (text) => {
    expect(js(text)).toMatchObject({ titles: ['a'], hollow: ['a'] });
  });

  it('leaves examples of Go alone whose output is compared, and what is given many inputs', () => {
    const hollow = (text: string) => readTestFile('a_test.go', text)?.hollow;
    const example = (end: string) => `func ExampleAdd() {\n\tfmt.Println(sum.Add(1, 2))\n${end}}\n`;
    const fuzz = (inside: string) => `func FuzzParse(f *testing.F) {\n\tf.Add("a")\n${inside}}\n`;
    expect(hollow(example('\t// Output: 3\n'))).toEqual([]);
    expect(hollow(fuzz('\tf.Fuzz(func(_ *testing.T, s string) { Parse(s) })\n'))).toEqual([]);
    expect(hollow(fuzz(''))).toEqual(['FuzzParse']);
    expect(hollow('func TestA(x *testing.T) {\n\tsum.Add(1, 2)\n\t// Output: 3\n}\n')).toEqual(['TestA']);
  });

  it('finds empty tests in Python, Rust and Go', () => {
    expect(
      readTestFile(
        'test_a.py',
        'def test_a():\n    pass\n\ndef test_b():\n    assert True\n\ndef test_c():\n    assert f() == 1\n',
      )?.hollow,
    ).toEqual(['test_a', 'test_b']);
    expect(readTestFile('a.rs', '#[test]\nfn a() {}\n#[test]\nfn b() { assert!(f()); }')?.hollow).toEqual([
      'a',
    ]);
    expect(
      readTestFile('a_test.go', 'func TestA(t *testing.T) {}\nfunc TestB(t *testing.T) { t.Error(f()) }\n')
        ?.hollow,
    ).toEqual(['TestA']);
  });

  it.each([
    [
      'a string over several lines',
      'def test_a():\n    text = """\nfirst\n  second\n"""\n    assert f(text) == 1\n',
    ],
    [
      'a docstring over several lines',
      'def test_a():\n    """Says\nwhat it is about.\n    """\n    assert f() == 1\n',
    ],
    ['a signature over several lines', 'def test_a(\n    one,\n    two,\n):\n    assert f(one) == two\n'],
    ['brackets over several lines', 'def test_a():\n    rows = [\n1,\n2,\n]\n    assert f(rows) == 3\n'],
    ['a continued line', 'def test_a():\n    total = 1 + \\\n2\n    assert f(total)\n'],
    ['a return type', 'async def test_a(x: dict[str, int]) -> None:\n    assert f(x) == 1\n'],
    ['a comment at the margin', 'def test_a():\n    x = f()\n# note\n    assert x\n'],
    ['quotes in a comment', "def test_a():\n    x = 1  # it's\n    assert f(x)  # isn't it\n"],
    ['a prefixed string', "def test_a():\n    x = rb'''\na\n'''\n    assert f(x)\n"],
    [
      'a long decorator',
      '@pytest.mark.parametrize(\n    "a", [1,\n2],\n)\ndef test_a(a):\n    assert f(a)\n',
    ],
    ['a helper of the project', 'def test_a():\n    round_trip(1)\n'],
    ['a fixture that is called', 'def test_a(client):\n    client.get("/")\n'],
    [
      'a method',
      'class TestIt:\n    def test_a(self):\n        """One."""\n\n        assert self.f() == 1\n',
    ],
  ])('does not take a Python test for empty because of %s', (_, text) => {
    expect(readTestFile('test_a.py', text)).toMatchObject({ titles: ['test_a'], hollow: [] });
  });

  it.each([
    'def test_a(): pass\n',
    'def test_a(\n    one,\n):\n    """Says what\nit would check: assert one."""\n',
    'def test_a():\n    ...\n',
    'def test_a():\n    x = "assert f()"\n    print(x)\n',
    'class TestIt:\n    def test_a(self):\n        # assert f()\n        return None\n',
  ])('finds the Python test empty that is %j', (text) => {
    expect(readTestFile('test_a.py', text)?.hollow).toEqual(['test_a']);
  });

  it('takes neither a function within a Python test nor text for a test', () => {
    const text =
      'def test_a():\n    def test_inner():\n        pass\n    assert f(test_inner)\n\nX = """\ndef test_b():\n    pass\n"""\n';
    expect(readTestFile('test_a.py', text)).toEqual({ titles: ['test_a'], skips: 0, hollow: [] });
  });

  it.each([
    ['assert.equal(1, f());', []],
    ['assert(\n /x/.test(f())\n);', []],
    ['assert("a".includes(x));', []],
    ['expect(1).toBe(f(x));', []],
    ['ok(1 + f());', []],
    ['ok(f());', []],
    ['assert.ok(\n true\n);', ['x']],
    ['assert.equal(1, 1, "one");', ['x']],
    ['expect(true).to.be.true;', ['x']],
    ['expect("a").toEqual("a"); f();', ['x']],
    ['ok(true);', ['x']],
  ])('tells what is asserted of a literal from an assertion of literals alone: %s', (body, hollow) => {
    expect(js(`test('x', () => {\n ${body}\n});`)?.hollow).toEqual(hollow);
  });

  it('is not led astray by quotes in a regular expression', () => {
    const text =
      "test('a', () => {\n  const found = /[\"'`]/.exec(text);\n  assert.equal(found, null);\n});\ntest('b', () => { expect(f(/`/)).toBe(1); });";
    expect(js(text)).toMatchObject({ titles: ['a', 'b'], hollow: [] });
  });

  it('is quick with hostile text', () => {
    expect(js('it('.repeat(1_500))?.titles).toHaveLength(1_500);
    expect(readTestFile('test_a.py', `def test_a():\n${'("'.repeat(20_000)}`)?.titles).toEqual(['test_a']);
    expect(js('=/'.repeat(20_000))?.titles).toEqual([]);
  });
});
