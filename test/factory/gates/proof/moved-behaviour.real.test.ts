import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { lines, NODE, RED_SUM, SUM_TEST } from '../red-sum.ts';
import { trial } from '../trial.ts';
import { CART, cartTest, NODE_CART } from './cart.ts';

function works(command: string): boolean {
  try {
    execFileSync('/bin/sh', ['-c', command], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('work that changes what the code does', () => {
  it('a renamed function, a helper with another argument, a fixture and a moved file are accepted with a task', async () => {
    const base = {
      ...NODE_CART,
      'test/helper.js':
        "import { total } from '../cart.js';\nexport const cents = (sum) => total(sum) * 100;\n",
      'test/expected.json': '{"cents":9000}',
      'test/cents.test.js': lines(
        "import assert from 'node:assert';",
        "import { readFileSync } from 'node:fs';",
        "import test from 'node:test';",
        "import { cents } from './helper.js';",
        "const expected = JSON.parse(readFileSync(new URL('expected.json', import.meta.url), 'utf8'));",
        "test('counts cents', () => assert.equal(cents(100), expected.cents));",
      ),
    };
    const t = await trial(base, 'node --test');
    const report = await t.of({
      files: {
        'cart.js': 'export const price = (sum, share) => sum * (1 - share);\n',
        'test/cart.test.js': null,
        'test/unit/cart.test.js': cartTest('takes the discount', 85)
          .replace('../cart.js', '../../cart.js')
          .replace('{ total }', '{ price }')
          .replace('total(100)', 'price(100, 0.15)'),
        'test/helper.js':
          "import { price } from '../cart.js';\nexport const cents = (sum) => price(sum, 0.15) * 100;\n",
        'test/expected.json': '{"cents":8500}',
      },
      tasks: [
        'Rename total to price, with the share, also in test/unit/cart.test.js, test/helper.js and test/expected.json',
      ],
    });
    expect(report.objections).toEqual([]);
    expect([...new Set((report.changedTests ?? []).map(({ path }) => path))].sort()).toEqual([
      'test/expected.json',
      'test/helper.js',
      'test/unit/cart.test.js',
    ]);
  });

  it('tests that are only moved, split, renamed or tidied up need no word', async () => {
    const two = cartTest(
      'takes the discount',
      90,
      "test('takes none of nothing', () => assert.equal(total(0), 0));",
    );
    const t = await trial({ ...NODE_CART, 'test/cart.test.js': two }, 'node --test');
    const one = (line: number) =>
      two
        .split('\n')
        .filter((_, index) => index < 3 || index === line)
        .join('\n');
    const report = await t.of({
      files: {
        'cart.js': `${CART}// tidy\n`,
        'test/cart.test.js': null,
        'test/cart/discount.test.js': one(3).replace('../cart.js', '../../cart.js'),
        'test/cart/nothing.test.js': one(4).replace('../cart.js', '../../cart.js'),
      },
    });
    expect(report.objections).toEqual([]);
    expect(report.passed).toBe(true);
  });

  it('a test that does without a package any more needs no word, though linters look for the package', async () => {
    const linter = lines(
      "import { readFileSync } from 'node:fs';",
      "const wanted = /needs (\\w+)/.exec(readFileSync('test/sum.test.js', 'utf8'))?.[1];",
      "const { devDependencies: named = {} } = JSON.parse(readFileSync('package.json', 'utf8'));",
      'process.exit(wanted === undefined || wanted in named ? 0 : 1);',
    );
    const manifest = (devDependencies: object) =>
      `${JSON.stringify({ type: 'module', devDependencies }, null, 2)}\n`;
    const base = {
      'package.json': manifest({ delay: '1', left: '1' }),
      'scripts/lint.mjs': linter,
      'sum.js': 'export const add = (a, b) => a + b;\n',
      'test/sum.test.js': `// needs delay\n${SUM_TEST}`,
    };
    const t = await trial(base, 'node scripts/lint.mjs && node --test');
    const done = await t.of({
      files: { 'package.json': manifest({ left: '1' }), 'test/sum.test.js': SUM_TEST },
      description: 'Do without delay in tests.',
    });
    expect([done.objections, done.passed]).toEqual([[], true]);
    const used = await t.of({
      files: { 'package.json': manifest({ left: '1' }), 'sum.js': 'export const add = () => 5;\n' },
      description: 'Do without delay in tests.',
    });
    expect(used.passed).toBe(false);
  });

  it('a fixed red test may move meanwhile, and a first test in a repository without any needs no word', async () => {
    const red = await trial({ ...NODE, 'test/sum.test.js': SUM_TEST }, 'node --test');
    const moved = await red.of({
      files: {
        'sum.js': RED_SUM.replace('a - b', 'a + b'),
        'test/sum.test.js': null,
        'test/unit/sum.test.js': SUM_TEST.replace('../sum', '../../sum'),
      },
    });
    expect(moved.objections).toEqual([]);
    const none = await trial(
      { 'package.json': NODE['package.json'], 'cart.js': CART },
      'test -d test && node --test',
    );
    const first = await none.of({
      files: {
        'cart.js': CART.replace('0.9', '0.85'),
        'test/cart.test.js': cartTest('takes the discount', 85),
      },
    });
    expect(first.objections).toEqual([]);
    expect(first.passed).toBe(true);
  });

  it.each([
    ['unittest', 'python3 -m unittest'],
    // Without the plugins that a machine happens to have: loading them takes four times as long as the rest.
    ['pytest', 'PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 python3 -m pytest -q'],
  ])('is accepted in %s with a task that names the tests', async (_, command) => {
    if (!works(`${command} --version || ${command} --help`)) return;
    const tests = (sum: number, name = 'total') =>
      lines(
        'import unittest',
        `from cart import ${name}`,
        'class TestCart(unittest.TestCase):',
        '    def test_discount(self):',
        `        self.assertEqual(${name}(100), ${sum})`,
      );
    const base = {
      'cart.py': 'def total(amount):\n    return amount * 90 / 100\n',
      'tests/__init__.py': '',
      'tests/test_cart.py': tests(90),
    };
    const t = await trial(base, command);
    const files = {
      'cart.py': 'def price(amount):\n    return amount * 85 / 100\n',
      'tests/test_cart.py': tests(85, 'price'),
    };
    const report = await t.of({ files, tasks: ['Rename total to price and adapt tests/test_cart.py'] });
    expect(report.objections).toEqual([]);
    expect(report.changedTests?.[0]).toMatchObject({ path: 'tests/test_cart.py', by: 'task' });
    expect(report.changedTests?.[0]?.before).toContain('total(100), 90');
    expect(report.changedTests?.[0]?.after).toContain('price(100), 85');
    const moved = await t.of({
      files: {
        'cart.py': `${base['cart.py']}# tidy\n`,
        'tests/test_cart.py': null,
        'tests/test_total.py': tests(90),
      },
    });
    expect(moved.objections).toEqual([]);
  });

  it('a function of Python, its module and the tests that are named after it may be renamed together', async () => {
    const tests = lines(
      'import unittest',
      'from shop.total import total',
      'class TestTotal(unittest.TestCase):',
      '    def test_total_of_two(self):',
      '        self.assertEqual(total([1, 2]), 3)',
    );
    const code = 'def total(prices):\n    return sum(prices)\n';
    const base = { 'shop/__init__.py': '', 'shop/total.py': code, 'tests/__init__.py': '' };
    const t = await trial({ ...base, 'tests/test_total.py': tests }, 'python3 -m unittest');
    const rename = (text: string) =>
      text
        .replace('shop.total', 'shop.prices')
        .replaceAll('total', 'sum_up')
        .replace('TestTotal', 'TestSumUp');
    const work = (now: string) => ({
      'shop/total.py': null,
      'shop/prices.py': rename(code),
      'tests/test_total.py': null,
      'tests/test_prices.py': now,
    });
    const description = 'Rename total to sum_up, and its module to prices.';
    const honest = await t.of({ files: work(rename(tests)), description });
    expect(honest.objections).toEqual([]);
    expect(honest.passed).toBe(true);
    const bent = await t.of({
      files: {
        ...work(rename(tests).replace('3)', '4)')),
        'shop/prices.py': 'def sum_up(prices):\n    return 4\n',
      },
      description,
    });
    expect(bent.passed).toBe(false);
  });

  it('deleted tests need the owner’s words, and the hint says so', async () => {
    const t = await trial(NODE_CART, 'node --test');
    const files = { 'cart.js': 'export const price = 1;\n', 'test/cart.test.js': null };
    const refused = await t.of({ files, tasks: ['Delete test/cart.test.js'] });
    expect(refused.objections.join('\n')).toContain('only the owner may allow it');
    const allowed = await t.of({ files, description: 'Remove total and delete test/cart.test.js.' });
    expect(allowed.objections).toEqual([]);
  });
});
