import { describe, expect, it } from 'vitest';
import { findTestChanges } from '../../../../src/factory/gates/proof/find-test-changes.ts';
import { findWeakenings } from '../../../../src/factory/gates/proof/test-changes.ts';
import { sampleProject } from '../../../support/samples.ts';

const words = { allowAll: false, owner: [] as string[], agents: ['delete a.test.js'] };

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

  const git = (base: Record<string, string>, head: Record<string, string>) => ({
    changedFiles: async () =>
      [...new Set([...Object.keys(base), ...Object.keys(head)])]
        .filter((path) => base[path] !== head[path])
        .sort(),
    listFiles: async (_: string, commit: string) => Object.keys(commit === 'base' ? base : head),
    showFile: async (_: string, commit: string, path: string) =>
      (commit === 'base' ? base : head)[path] ?? null,
  });
  const find = (base: Record<string, string>, head: Record<string, string>) =>
    findTestChanges(git(base, head), sampleProject({ baseCommit: 'base' }), 'head');
  const one = (title: string) => `test('${title}', () => assert(x))\n`;

  it('reads files of the base commit first however many new ones there are, and says how many it did not read', async () => {
    const junk = Object.fromEntries(
      Array.from({ length: 600 }, (_, at) => [`test/a${at}.test.js`, one(`${at}`)]),
    );
    const changes = await find({ 'test/z.test.js': one('z') }, { ...junk, 'test/z.test.js': '' });
    expect(changes.files.find(({ path }) => path === 'test/z.test.js')).toMatchObject({
      before: { titles: ['z'] },
    });
    expect(changes.unread).toBe(101);
  });

  it('puts back whatever lies with the tests, and takes away what is new there', async () => {
    const base = { 'test/helper.js': 'a', 'test/expected.json': '1', 'test/run.sh': 'x', 'src/a.js': '1' };
    const { paths } = await find(base, {
      'test/helper.js': 'b',
      'test/expected.json': '2',
      'test/new.txt': 'n',
      'src/test-utils/used-by-the-product.js': 'n',
      'src/a.js': '2',
    });
    expect(paths).toEqual([
      { path: 'test/expected.json', before: true, after: true },
      { path: 'test/helper.js', before: true, after: true },
      { path: 'test/new.txt', before: false, after: true },
      { path: 'test/run.sh', before: true, after: false },
    ]);
  });

  it('A107 puts back what only tests read, and scripts of assertions that the command starts', async () => {
    const test =
      "import { add } from '../sum.js';\nread('../vectors/add.json'); read('../config/rate.json');\n";
    const base = {
      'test/a.test.js': `${test}import { PORT } from '../lib/port.js';\n`,
      'test/host.test.js': "import { HOST } from '../lib/host.js';\n",
      'sum.js': "read('config/rate.json');\n",
      'vectors/add.json': '1',
      'config/rate.json': '1',
      'lib/port.js': 'export const PORT = 1;\n',
      'lib/host.js': 'export const HOST = 1;\n',
      'sum.py': 'def f():\n    return 1\nassert f() == 1\n',
      'examples.py': 'from sum import f\nassert f() == 1\n',
      'serve.py': 'from sum import f\nf()\n',
      'Sum.java': 'class Sum {}',
      'Check.java': 'class Check { static void main(String[] a) { throw new AssertionError(); } }',
      'package.json': '{"imports":{"#expected":"./vectors/add.json","#sum":"./sum.js"}}',
      'old.txt': '1',
    };
    const started = new Set(['sum.py', 'examples.py', 'serve.py', 'Check.java']);
    const found = async (changed: Record<string, string>) => {
      const sample = sampleProject({ baseCommit: 'base' });
      const head = git(base, { ...base, ...changed });
      const { paths } = await findTestChanges(head, sample, 'head', { started, isRead: true });
      return paths.map(({ path }) => path).sort();
    };
    const products = Object.entries(base).filter(([path]) => !/^test\/|package/.test(path));
    const all = Object.fromEntries(products.map(([path, text]) => [path, `${text} `]));
    expect(await found({ ...all, '.gitattributes': '* eol=crlf' })).toEqual([
      '.gitattributes',
      'Check.java',
      'examples.py',
      'lib/port.js',
      'vectors/add.json',
    ]);
    const wired = (imports: Record<string, string>) => found({ 'package.json': JSON.stringify({ imports }) });
    expect(await wired({ '#expected': './mine.json', '#sum': './sum.js' })).toEqual(['package.json']);
    expect(await wired({ '#expected': './vectors/add.json', '#sum': './new.js' })).toEqual([]);
  });

  it('A107 puts back what only tests read however many other files changed, and says how many were too many', async () => {
    const many = (of: number, value: string, name: (at: number) => string) =>
      Object.fromEntries(Array.from({ length: of }, (_, at) => [name(at), value]));
    const test = { 'test/a.test.js': "import { add } from '../sum.js';\nread('../vectors/add.json');\n" };
    const all = (value: string, of: number) => ({
      ...many(of, `export const f = () => ${value};\n`, (at) => `lib/${at}.js`),
      ...test,
      'sum.js': `export const add = () => ${value};\n`,
      'vectors/add.json': value,
    });
    const few = await find(all('1', 60), all('2', 60));
    expect([few.paths.map(({ path }) => path), few.unread]).toEqual([['vectors/add.json'], 0]);
    const data = (value: string) => ({ ...many(2_010, value, (at) => `data/${at}.json`), ...test });
    expect((await find(data('1'), data('2'))).unread).toBe(10);
  });

  it('finds tests where no name and no folder tells, and documents with examples', async () => {
    const doctest = '>>> add(2, 3)\n5\n';
    const base = {
      'checks/a.mjs': one('a'),
      'README.rst': doctest,
      'notes.md': 'a',
      'src/a.js': 'if (re.test(x)) assert(x)',
    };
    const head = {
      'checks/a.mjs': one('b'),
      'README.rst': doctest.replace('5', '6'),
      'notes.md': 'b',
      'src/a.js': '',
    };
    const { paths, files } = await find(base, head);
    expect(paths.map(({ path }) => path)).toEqual(['README.rst', 'checks/a.mjs']);
    expect(files.map(({ path }) => path)).toEqual(['checks/a.mjs']);
  });

  it('looks for tests that are left out among the tests of a file of the product, and not in its own code', async () => {
    const tests = '#[cfg(test)]\nmod tests {\n    #[test]\n    fn adds() { assert_eq!(add(2, 3), 5); }\n}\n';
    const lib = (own: string, now = tests) => `pub fn add(a: u8, b: u8) -> u8 { a + b }\n${own}${now}`;
    const weak = async (now: string) =>
      findWeakenings(await find({ 'src/lib.rs': lib('') }, { 'src/lib.rs': now }), words).map(
        ({ kind }) => kind,
      );
    const fresh = '#[cfg(unix)]\n    #[test]\n    fn bytes() { assert_eq!(add(1, 1), 2); }\n}\n';
    expect(await weak(lib('#[cfg(unix)]\npub fn end() { std::process::exit(2); }\n'))).toEqual([]);
    expect(await weak(lib('', tests.replace(/\}\n$/, fresh)))).toEqual([]);
    for (const now of [
      tests.replace('#[test]', '#[cfg(windows)]\n    #[test]'),
      tests.replace('#[test]', '#[test]\n    #[ignore]'),
      `#[cfg(any())]\n${tests}`,
      tests.replace('{ assert', '{ std::process::exit(0); assert'),
    ])
      expect(await weak(lib('', now)), now).toEqual(['skipped']);
  });

  describe('of tests that wait for something by a condition', () => {
    const kinds = async (path: string, before: string, after: string) =>
      findWeakenings(await find({ [path]: before }, { [path]: after }), words).map(({ kind }) => kind);
    const OLD = "it('x', () => assert(f()));\nit('y', () => assert(f()));\n";
    const fresh = "('z', () => assert(g()));\n";
    const alias = "const onUnix = process.platform === 'win32' ? it.skip : it;\n";
    const suite = (head: string, tests: string) => `${head}('s', () => {\n${tests}});\n`;

    it.each([
      ['a choice', `${OLD}(process.platform === 'win32' ? it.skip : it)${fresh}`],
      ['a choice with a call', `${OLD}(has('sh') ? it : it.skip)${fresh}`],
      ['a name of its own', `${alias}${OLD}onUnix${fresh}`],
      ['a name of its own, twice', `${alias}${OLD}onUnix${fresh}onUnix${fresh.replace('z', 'w')}`],
      ['a new suite', OLD + suite('describe.skip', `it${fresh}it${fresh.replace('z', 'w')}`)],
      ['a new suite with a condition', OLD + suite('describe.skipIf(isWindows())', `it${fresh}`)],
      ['a choice of suites', OLD + suite('(isWindows ? describe.skip : describe)', `it${fresh}`)],
    ])('lets new ones: %s', async (_, after) =>
      expect(await kinds('test/a.test.js', OLD, after)).toEqual([]),
    );

    it.each([
      ['a choice', OLD.replace('it(', '(process.platform ? it.skip : it)(')],
      [
        'a choice beside a new test',
        `${OLD.replace('it(', '(1 ? it.skip : it)(')}(c ? it.skip : it)${fresh}`,
      ],
      ['a name of its own', `${alias}${OLD.replace('it(', 'onUnix(')}`],
      ['a name of its own, and new tests under it', `${alias}${OLD.replace('it(', 'onUnix(')}onUnix${fresh}`],
      ['a suite around it', suite('describe.skip', `${OLD}it${fresh}`)],
      ['a suite for some of them', suite('(c ? describe.skip : describe)', `it${fresh}${OLD}`)],
      ['the usual name', `const it = true ? test.skip : test;\n${OLD}it${fresh}`],
      ['another value of the usual name', `it = true ? it.skip : it;\n${OLD}it${fresh}`],
    ])('lets none that was there: %s', async (_, after) =>
      expect(await kinds('test/a.test.js', OLD, after)).toContain('skipped'),
    );

    it('under a name that the base commit had already', async () => {
      const before = `${alias}${OLD}onUnix${fresh}`;
      expect(await kinds('test/a.test.js', before, `${before}onUnix${fresh.replace('z', 'w')}`)).toEqual([]);
      expect(await kinds('test/a.test.js', before, before.replace("it('x'", "onUnix('x'"))).toEqual([
        'skipped',
      ]);
    });

    it('in Rust and Python', async () => {
      const rust = '#[cfg(test)]\nmod tests {\n    #[test]\n    fn adds() { assert_eq!(add(2, 3), 5); }\n}\n';
      const unix =
        '#[cfg(all(test, unix))]\nmod unix {\n    #[test]\n    fn bytes() { assert_eq!(add(1, 1), 2); }\n}\n';
      const other = unix.replace('all(test, unix)', 'all(unix, test)');
      for (const more of [unix, other])
        expect(await kinds('src/lib.rs', rust, rust + more), more).toEqual([]);
      for (const now of [
        rust.replace('cfg(test)', 'cfg(all(test, windows))'),
        rust + unix.replace('bytes', 'adds'),
      ])
        expect(await kinds('src/lib.rs', rust, now), now).toEqual(['skipped']);
      const python = 'class TestA:\n    def test_a(self):\n        assert f() == 1\n';
      const mark = '@pytest.mark.skipif(WINDOWS, reason="no shell")\n';
      const later = `${mark}class TestB:\n    def test_b(self):\n        assert f() == 2\n`;
      expect(await kinds('tests/test_a.py', python, python + later)).toEqual([]);
      for (const now of [
        mark + python,
        `pytestmark = pytest.mark.skip\n${python}`,
        `${mark}${python}${later}`,
      ])
        expect(await kinds('tests/test_a.py', python, now), now).toEqual(['skipped']);
    });
  });

  it('follows a file that was moved, renamed or split', async () => {
    const moved = await find(
      { 'test/a.test.js': one('a') + one('b') },
      { 'test/unit/a.test.js': one('a'), 'test/b.test.js': one('b') },
    );
    expect(moved.files).toMatchObject([
      { path: 'test/b.test.js', before: null },
      { path: 'test/unit/a.test.js', from: 'test/a.test.js', before: { titles: ['a', 'b'] } },
    ]);
    expect(findWeakenings(moved, words)).toEqual([]);
  });
});
