import { expect, it } from 'vitest';
import { findBetween } from '../proof/two-commits.ts';

type Files = Record<string, string>;

/** What is put back where old tests run, of a commit that changes all but the tests. */
async function putBack(base: Files): Promise<string[]> {
  const changed = Object.entries(base).map(([path, text]) =>
    /test|package/.test(path) && !path.startsWith('lib/testing/')
      ? [path, text]
      : [path, `${text}// other\n`],
  );
  const { paths } = await findBetween(base, Object.fromEntries(changed));
  return paths.map(({ path }) => path);
}

const HELPER = "import assert from 'node:assert';\nexport const same = (a, b) => assert.equal(a, b);\n";
const NODE = {
  'src/sum.js': 'export const add = (a, b) => a + b;\n',
  'lib/testing/assert.js': HELPER,
  'test/sum.test.js':
    "import { same } from '../lib/testing/assert.js';\nimport { add } from '../src/sum.js';\ntest('adds', () => {\n  same(add(2, 3), 5);\n});\n",
};
const PYTHON = {
  'shop/__init__.py': '',
  'shop/cart.py': 'def total():\n    return 1\n',
  'shop/checks.py': 'def same(one, other):\n    if one != other:\n        raise ValueError(one)\n',
  'tests/test_cart.py':
    'from shop import checks\nfrom shop.cart import total\n\n\ndef test_total():\n    checks.same(total(), 1)\n',
};

it('A107 helpers: puts back a module by which tests assert, whatever folder it lies in', async () => {
  expect(await putBack(NODE)).toEqual(['lib/testing/assert.js']);
  const own = 'export function same(a, b) {\n  if (a !== b) throw new Error(a);\n}\n';
  expect(await putBack({ ...NODE, 'lib/testing/assert.js': own })).toEqual(['lib/testing/assert.js']);
  const named = NODE['test/sum.test.js'].replace('../lib/testing/assert.js', '#check');
  const manifest = JSON.stringify({ main: 'src/sum.js', imports: { '#check': './lib/testing/assert.js' } });
  expect(await putBack({ ...NODE, 'test/sum.test.js': named, 'package.json': manifest })).toEqual([
    'lib/testing/assert.js',
  ]);
  expect(await putBack(PYTHON)).toEqual(['shop/checks.py']);
  const derived = {
    ...PYTHON,
    'shop/checks.py': 'import unittest\n\n\nclass Base(unittest.TestCase):\n    pass\n',
    'tests/test_cart.py':
      'from shop.checks import Base\nfrom shop.cart import total\n\n\nclass TestCart(Base):\n    def test_total(self):\n        self.same(total(), 1)\n',
  };
  expect(await putBack(derived)).toEqual(['shop/checks.py']);
});

it('takes away a new file that would be loaded in its place', async () => {
  const base = { ...NODE, 'test/sum.test.js': NODE['test/sum.test.js'].replace('assert.js', 'assert') };
  const { paths } = await findBetween(base, { ...base, 'lib/testing/assert.ts': HELPER });
  expect(paths).toEqual([{ path: 'lib/testing/assert.ts', before: false, after: true }]);
});

it.each<[string, Files]>([
  ['the product imports', { 'src/cart.js': "import { same } from '../lib/testing/assert.js';\n" }],
  ['the product imports by another name', { 'src/cart.ts': "import { same } from '@/testing/assert';\n" }],
  ['the package is for', { 'package.json': '{"exports":{"./assert":"./lib/testing/assert.js"}}' }],
  ['has tests of its own', { 'test/assert.test.js': "import { same } from '../lib/testing/assert.js';\n" }],
  ['asserts nothing', { 'lib/testing/assert.js': 'export const same = (a, b) => queue.push(a, b);\n' }],
  [
    'is all that its tests ask',
    {
      'test/sum.test.js': NODE['test/sum.test.js'].replace(/^.*src\/sum.*\n/m, '').replace('add(2, 3)', '1'),
    },
  ],
  [
    'gives something that tests take',
    {
      'test/sum.test.js': NODE['test/sum.test.js'].replace(
        'same(add(2, 3), 5)',
        'assert(same(add(2, 3), 5))',
      ),
    },
  ],
])('leaves to work what %s', async (_, more) => {
  expect(await putBack({ ...NODE, ...more })).toEqual([]);
});

it('leaves to work what the product of Python imports', async () => {
  for (const line of [
    'from shop import checks\n',
    'from . import (\n    checks,\n)\n',
    'import shop.checks as c\n',
  ])
    expect(await putBack({ ...PYTHON, 'shop/order.py': line }), line).toEqual([]);
});
