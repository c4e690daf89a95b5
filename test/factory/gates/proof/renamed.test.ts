import { describe, expect, it } from 'vitest';
import { filesOfModule } from '../../../../src/factory/gates/ecosystems/modules.ts';
import { hasAny, namesGone } from '../../../../src/factory/gates/proof/renamed.ts';

const isModuleGone = (path: string, module: string, files: ReadonlySet<string>) =>
  filesOfModule(path, module, files).length === 0;
const isOnlyRenamed = (path: string, old: string, now: string) => namesGone(path, old, now) !== null;

const JS = `// Sums.
import assert from 'node:assert';
import test from 'node:test';
import { add, minus } from '../sum.js';
import { same } from './helpers.js';

test('add adds', () => {
  assert.equal(add(2, 3), 5);
  same(add(0, 1), 1);
  assert.equal(minus(3, 2), 1);
});
`;
const PY = `import unittest

from shop import cart
from shop.price import total


class TestTotal(unittest.TestCase):
    def test_total(self):
        self.assertEqual(total([1, 2]), 3)
        self.assertEqual(cart.empty(), [])
`;
const js = (change: (text: string) => string) => isOnlyRenamed('test/sum.test.js', JS, change(JS));
const py = (change: (text: string) => string) => isOnlyRenamed('tests/test_price.py', PY, change(PY));

describe('a test that asks for the same under other names', () => {
  it.each<[string, boolean]>([
    ['a function of the product has another name', js((text) => text.replaceAll(/\badd\b/g, 'plus'))],
    ['its title keeps the old one', js((text) => text.replaceAll(/\badd\b(?! adds)/g, 'plus'))],
    ['it is exported in another way', js((text) => text.replace('{ add, minus }', 'add, { minus }'))],
    [
      'layout and comments differ as well',
      js((text) =>
        text
          .replace('// Sums.\n', '')
          .replaceAll(/\badd\b/g, 'plus')
          .replace('{\n  assert', '{\n\n    assert'),
      ),
    ],
    ['Python: a function', py((text) => text.replaceAll(/\btotal\b/g, 'sum_up'))],
    [
      'Python: a function, and the tests that are named after it',
      py((text) => text.replaceAll('total', 'sum_up').replaceAll('Total', 'SumUp')),
    ],
    ['Python: a member of a module', py((text) => text.replace('cart.empty', 'cart.fresh'))],
  ])('is only renamed: %s', (_, renamed) => {
    expect(renamed).toBe(true);
  });

  it('is so where the whole module is exported in another way', () => {
    const old = "import ms from './index';\nit('says', () => { expect(ms('1m')).toBe(60000); });\n";
    expect(isOnlyRenamed('src/index.test.ts', old, old.replace('ms from', '{ ms } from'))).toBe(true);
    expect(isOnlyRenamed('src/index.test.ts', old, old.replace("'./index'", "'./other'"))).toBe(false);
    // What is under test may be called as assertions are; what asserts may not be replaced.
    const deep = "import fn from '../src';\nassert.is(fn(1, 1), true);\n";
    const named = deep.replace('fn from', '{ dequal } from').replace('fn(', 'dequal(');
    expect(isOnlyRenamed('test/index.js', deep, named)).toBe(true);
    expect(isOnlyRenamed('test/index.js', named, named.replaceAll('dequal', 'same'))).toBe(false);
  });

  it.each<[string, boolean]>([
    ['an expected value', js((text) => text.replaceAll(/\badd\b/g, 'plus').replace('5)', '-1)'))],
    ['an argument', js((text) => text.replaceAll(/\badd\b/g, 'plus').replace('(2, 3)', '(2, 4)'))],
    ['the assertion', js((text) => text.replaceAll('assert.equal', 'assert.notEqual'))],
    ['what asserts', js((text) => text.replace("'node:assert'", "'./assert.js'"))],
    ['a helper of the tests', js((text) => text.replaceAll(/\bsame\b/g, 'loose'))],
    [
      'two functions that change places',
      js((text) =>
        text
          .replaceAll(/\badd\b/g, 'x')
          .replaceAll(/\bminus\b/g, 'add')
          .replaceAll(/\bx\b/g, 'minus'),
      ),
    ],
    ['two functions that become one', js((text) => text.replaceAll(/\b(?:add|minus)\b/g, 'plus'))],
    [
      'one of its calls alone',
      js((text) => text.replace('{ add,', '{ add, plus,').replace('add(2', 'plus(2')),
    ],
    ['a test that is left out', js((text) => text.replace("test('add", "test.skip('add"))],
    ['one assertion fewer', js((text) => text.replace('  same(add(0, 1), 1);\n', ''))],
    ['where it is imported from', js((text) => text.replace("'../sum.js'", "'../fake.js'"))],
    ['a text that is compared', js((text) => text.replace("'add adds'", "'adds'"))],
    ['the runner', js((text) => text.replace("'node:test'", "'./test.js'"))],
    ['Python: an expected value', py((text) => text.replace('3)', '4)'))],
    ['Python: an assertion', py((text) => text.replaceAll('assertEqual', 'assertTrue'))],
    [
      'Python: how lines are set in',
      py((text) =>
        text.replace('        self.assertEqual(cart', '    def helper(self):\n        self.assertEqual(cart'),
      ),
    ],
    ['Python: a name of the test itself', py((text) => text.replace('test_total', 'total_test'))],
    [
      'Python: a module for tests',
      isOnlyRenamed(
        'tests/test_x.py',
        'from tests.util import a\n\ndef test_x():\n    a(1)\n',
        'from tests.util import b\n\ndef test_x():\n    b(1)\n',
      ),
    ],
    ['another language', isOnlyRenamed('spec/x_spec.rb', 'add', 'plus')],
  ])('is not where something else differs: %s', (_, renamed) => {
    expect(renamed).toBe(false);
  });
});

describe('a name that the product still has', () => {
  it('was not renamed: the old tests fail because it does something else', () => {
    const gone = namesGone('test/sum.test.js', JS, JS.replaceAll(/\badd\b/g, 'plus')) ?? [];
    expect(gone).toEqual(['add']);
    expect(hasAny('export const plus = (a, b) => a + b;', gone)).toBe(false);
    expect(hasAny('export const plus = 1; export const add = 2;', gone)).toBe(true);
    expect(hasAny('export { plus as add };', gone)).toBe(true);
  });

  it('may be all of a module', () => {
    const old = "import ms from './index';\nms(1);\n";
    const gone = namesGone('index.test.ts', old, old.replace('ms from', '{ ms } from')) ?? [];
    expect(gone).toEqual(['default']);
    expect(hasAny('export function ms() {}', gone)).toBe(false);
    expect(hasAny('export default function broken() {}', gone)).toBe(true);
    expect(hasAny('export { ms as default };', gone)).toBe(true);
    expect(hasAny('module.exports = ms;', gone)).toBe(true);
  });
});

describe('a module of the product that got another name', () => {
  const old = "import { price } from '../price.js';\ntest('a', () => equal(price(1), 1));\n";
  const now = "import { cost } from '../cost.js';\ntest('a', () => equal(cost(1), 1));\n";
  const gone = (...files: string[]) =>
    namesGone('test/a.test.js', old, now, (module) => isModuleGone('test/a.test.js', module, new Set(files)));

  it('is imported by its new one, where it is there under the old one no more', () => {
    expect(gone('cost.js', 'lib/price.js')).toEqual(['price']);
    expect(gone('cost.js', 'price.js')).toBeNull();
    expect(gone('cost.js', 'price/index.ts')).toBeNull();
  });

  it('is found in Python as well', () => {
    expect(isModuleGone('test_a.py', 'price', new Set(['cost.py', 'test_a.py']))).toBe(true);
    expect(isModuleGone('test_a.py', 'shop.price', new Set(['src/shop/price/__init__.py']))).toBe(false);
  });
});
