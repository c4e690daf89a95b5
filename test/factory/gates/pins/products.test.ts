import { describe, expect, it } from 'vitest';
import { findBetween as find } from '../proof/two-commits.ts';

/** What of a change is put back or taken away with the tests. */
async function withTests(base: Record<string, string>, change: Record<string, string>) {
  const { paths } = await find(base, { ...base, ...change });
  return paths.map(({ path }) => path);
}

const each: [path: string, text: string, by: string, use: string][] = [
  [
    'src/commands/test.js',
    'export function test(names) {}\n',
    'src/cli.js',
    "import './commands/test.js';\n",
  ],
  ['src/cli/test.py', 'def run():\n    pass\n', 'src/cli/main.py', 'from .test import run\n'],
  ['lib/spec/parse.py', 'one = 1\n', 'lib/main.py', 'from lib.spec.parse import one\n'],
  ['lib/spec/__init__.py', 'one = 1\n', 'lib/main.py', 'from .spec import one\n'],
  ['src/commands/test.rs', 'pub fn run() {}\n', 'src/commands/mod.rs', 'pub mod test;\n'],
  ['internal/cmd/test.go', 'package cmd\n', 'internal/cmd/root.go', 'package cmd\n'],
  ['pkg/spec/types.go', 'package spec\n', 'pkg/run.go', 'import "example.com/x/pkg/spec"\n'],
  ['src/spec/mod.rs', 'pub struct Spec;\n', 'src/lib.rs', 'pub mod spec;\n'],
  ['lib/spec/parser.ts', 'export const a = 1;\n', 'lib/read.ts', "import { a } from './spec/parser';\n"],
  ['src/Pods/ImageSpec.swift', 'struct ImageSpec {}\n', 'src/Pods/Pod.swift', 'let image: ImageSpec\n'],
  ['src/Foo/PodSpec.cs', 'class PodSpec {}\n', 'src/Foo/Pod.cs', 'PodSpec spec;\n'],
];

describe('a file that has the name of tests', () => {
  it.each(each)('is the work where the product uses it, changed or new: %s', async (path, text, by, use) => {
    expect(await withTests({ [path]: text, [by]: use }, { [path]: `${text}// more\n` })).toEqual([]);
    expect(await withTests({ [by]: '' }, { [by]: use, [path]: text })).toEqual([]);
  });

  it.each(each)(
    'A107 is put back where no product of the base commit uses it: %s',
    async (path, text, by, use) => {
      // Go has no test in a file of this name, and compiles it into its package.
      if (path === 'internal/cmd/test.go') return;
      expect(await withTests({ [path]: text, [by]: '' }, { [by]: use, [path]: `${text}// bent\n` })).toEqual([
        path,
      ]);
    },
  );

  it.each([
    ['src/test.js', "test('adds', () => check(add(2, 3), 5));\n", 'src/index.js', "import './test.js';\n"],
    [
      'src/test.js',
      'export const run = () => assert.equal(add(2, 3), 5);\n',
      'src/index.js',
      "import './test.js';\n",
    ],
    ['src/test.py', 'def test_adds():\n    assert add(2, 3) == 5\n', 'src/main.py', 'from . import test\n'],
    ['src/test.rs', '#[test]\nfn adds() {}\n', 'src/lib.rs', '#[cfg(test)]\nmod test;\n'],
    ['app/SumSpec.kt', 'class SumSpec : StringSpec({})\n', 'app/Sum.kt', '// see SumSpec\n'],
    ['cmd/test.go', 'package cmd\n\nimport "testing"\n', 'cmd/root.go', 'package cmd\n'],
    ['src/spec/kotlin/Help.kt', 'class Help\n', 'src/main/kotlin/Page.kt', '// See Help.\n'],
    ['spec/help.py', 'one = 1\n', 'sums/main.py', 'import help\n'],
    ['spec/help.js', 'export const one = 1;\n', 'test/a.test.js', "import '../spec/help.js';\n"],
    ['test/help.js', 'export const one = 1;\n', 'src/a.js', "import '../test/help.js';\n"],
    ['src/mocks/api.ts', 'export const one = 1;\n', 'src/a.ts', "import './mocks/api.ts';\n"],
    ['src/a.test.js', 'export const one = 1;\n', 'src/a.js', "import './a.test.js';\n"],
  ])('A107 is put back where it holds tests, or belongs to them: %s', async (path, text, by, use) => {
    expect(await withTests({ [path]: text, [by]: use }, { [path]: `${text}\n` })).toContain(path);
  });

  it('A107 gives no test away that gets such a name', async () => {
    const test = "test('adds', () => assert.equal(add(2, 3), 5));\n";
    const base = { 'test/sum.test.js': test, 'src/cli.js': '' };
    const { 'test/sum.test.js': _gone, ...rest } = base;
    const { paths, files } = await find(base, {
      ...rest,
      'src/cli.js': "import './test.js';\n",
      'src/test.js': test.replace('5', '-1'),
    });
    expect(paths.map(({ path }) => path).sort()).toEqual(['src/test.js', 'test/sum.test.js']);
    expect(files).toMatchObject([{ path: 'src/test.js', from: 'test/sum.test.js' }]);
  });
});
