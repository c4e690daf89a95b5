import { describe, expect, it } from 'vitest';
import { lines } from '../red-sum.ts';
import { trial } from '../trial.ts';
import { CART, cartTest, NODE_CART } from './cart.ts';

const TASK = 'The discount becomes 15 %: adapt test/cart.test.js';

describe('work that changes what the code does', () => {
  it('a changed expectation is asked about once, and accepted with a task that names the test file', async () => {
    const t = await trial(NODE_CART, 'node --test');
    const files = {
      'cart.js': CART.replace('0.9', '0.85'),
      'test/cart.test.js': cartTest('takes the discount', 85),
    };
    const asked = await t.of({ files });
    expect(asked.objections).toHaveLength(1);
    expect(asked.objections[0]).toContain('say so in a task that names the test file');
    const report = await t.of({ files, tasks: [TASK] });
    expect(report.objections).toEqual([]);
    expect(report.passed).toBe(true);
    expect(report.changedTests).toEqual([
      {
        path: 'test/cart.test.js',
        tests: ['takes the discount'],
        by: 'task',
        before: "test('takes the discount', () => assert.equal(total(100), 90))",
        after: "test('takes the discount', () => assert.equal(total(100), 85))",
      },
    ]);
    const leave = await t.of({ files, description: 'Take 15 % off. Update the tests.' });
    expect(leave.passed).toBe(true);
    const kept = await t.of({ files, tasks: [TASK], description: 'Tidy up. Do not change the tests.' });
    expect(kept.objections.join()).toContain('stay as they are');
  });

  it('a changed expectation of which the owner speaks is put to the judge, unless something failed before', async () => {
    const t = await trial(NODE_CART, 'node --test');
    const files = {
      'cart.js': CART.replace('0.9', '0.85'),
      'test/cart.test.js': cartTest('takes the discount', 85),
    };
    const report = await t.of({ files, description: 'The discount becomes 15 %.' });
    expect(report.objections).toEqual([]);
    expect(report.changedTests).toMatchObject([{ path: 'test/cart.test.js', by: 'judge' }]);
    const asked = 'passed on the base commit and, as it was there, fails';
    expect((await t.of({ files, description: 'Show prices in red.' })).objections.join()).toContain(asked);
    const weak = {
      ...files,
      'test/cart.test.js': files['test/cart.test.js'].replace('equal(total(100), 85)', 'ok(total)'),
    };
    expect(
      (await t.of({ files: weak, description: 'The discount becomes 15 %.' })).objections.join(),
    ).toContain(asked);
    const red = "test('rounds', () => assert.equal(total(1.111), 1));";
    const broken = await trial(
      { ...NODE_CART, 'test/cart.test.js': cartTest('takes the discount', 90, red) },
      'node --test',
    );
    const bent = await broken.of({
      files: {
        'cart.js': 'export const total = (sum) => Math.round(sum * 0.85);\n',
        'test/cart.test.js': cartTest('takes the discount', 85, red),
      },
      description: 'The discount is not rounded.',
    });
    expect(bent.objections.join()).toContain(asked);
  });

  it('a changed expectation under another title is followed, and needs new tests beside it as well', async () => {
    const t = await trial(NODE_CART, 'node --test');
    const code = { 'cart.js': 'export const total = (sum) => Math.round(sum * 85) / 100;\n' };
    const fresh = "test('rounds', () => assert.equal(total(1.111), 0.94));";
    const beside = await t.of({ files: { ...code, 'test/cart.test.js': cartTest('takes 15 %', 85, fresh) } });
    expect(beside.objections).toEqual([]);
    expect(beside.changedTests).toMatchObject([
      { tests: ['takes the discount'], by: 'judge', after: expect.stringContaining("'takes 15 %'") },
    ]);
    // The one most like it may have passed before: it lives on in one that was seen red.
    const green = "test('takes all of nothing', () => assert.equal(total(0), 0));";
    const among = await t.of({
      files: { ...code, 'test/cart.test.js': cartTest('takes 15 %', 85, `${green}\n${fresh}`) },
    });
    expect(among.objections).toEqual([]);
    const alone = await t.of({ files: { ...code, 'test/cart.test.js': cartTest('takes 15 %', 85) } });
    expect(alone.objections.join()).toContain('passed on the base commit and, as it was there, fails');
  });

  it('a changed expectation beside new tests that were seen red is put to the judge without being asked about', async () => {
    const t = await trial(NODE_CART, 'node --test');
    const fresh = "test('rounds', () => assert.equal(total(1.111), 0.94));";
    const report = await t.of({
      files: {
        'cart.js': 'export const total = (sum) => Math.round(sum * 85) / 100;\n',
        'test/cart.test.js': cartTest('takes the discount', 85, fresh),
      },
    });
    expect(report.objections).toEqual([]);
    expect(report.changedTests).toMatchObject([{ path: 'test/cart.test.js', by: 'judge' }]);
    const weaker = await t.of({
      files: {
        'cart.js': 'export const total = (sum) => Math.round(sum * 85) / 100;\n',
        'test/cart.test.js': cartTest('takes the discount', 85, fresh).replace(
          'equal(total(100), 85)',
          'ok(total(100))',
        ),
      },
    });
    expect(weaker.objections.join()).toContain('passed on the base commit and, as it was there, fails');
  });

  it('a function that is renamed everywhere is put to the judge without being asked about; one that is broken beside it is not', async () => {
    const t = await trial(NODE_CART, 'node --test');
    const renamed = cartTest('takes the discount', 90).replaceAll('total', 'price');
    const report = await t.of({
      files: { 'cart.js': CART.replace('total', 'price'), 'test/cart.test.js': renamed },
    });
    expect(report.objections).toEqual([]);
    expect(report.passed).toBe(true);
    expect(report.changedTests).toMatchObject([{ path: 'test/cart.test.js', by: 'judge' }]);
    const broken = 'export const price = (sum) => sum * 0.9;\nexport const total = (sum) => sum * 9;\n';
    for (const files of [
      { 'cart.js': broken, 'test/cart.test.js': renamed },
      {
        'cart.js': CART.replace('total', 'price').replace('0.9', '0.8'),
        'test/cart.test.js': renamed.replace('90', '80'),
      },
      {
        'cart.js': CART.replace('total', 'price'),
        'test/cart.test.js': renamed.replace('equal(price(100), 90)', 'ok(price(100))'),
      },
    ])
      expect((await t.of({ files })).objections.join()).toContain(
        'passed on the base commit and, as it was there, fails',
      );
  });

  it('a function that is exported in another way is put to the judge where nothing names the tests, too', async () => {
    const check = (total: string, sum: number) =>
      lines(
        "import assert from 'node:assert';",
        `import ${total} from '../cart.js';`,
        `assert.equal(${total.replace(/\W/g, '')}(100), ${sum});`,
        "console.log('fine');",
      );
    const base = {
      'package.json': NODE_CART['package.json'],
      'cart.js': CART.replace('const total =', 'default'),
    };
    const t = await trial({ ...base, 'test/check.js': check('fn', 90) }, 'node test/check.js');
    const report = await t.of({ files: { 'cart.js': CART, 'test/check.js': check('{ total }', 90) } });
    expect(report.objections).toEqual([]);
    expect(report.changedTests).toMatchObject([{ path: 'test/check.js', by: 'judge' }]);
    const changed = { 'cart.js': CART.replace('0.9', '0.8'), 'test/check.js': check('{ total }', 80) };
    const both = 'export const total = (sum) => sum * 0.9;\nexport default (sum) => sum * 9;\n';
    for (const files of [changed, { 'cart.js': both, 'test/check.js': check('{ total }', 90) }])
      expect((await t.of({ files })).objections.join()).toContain(
        'passed on the base commit and, as it was there, fails',
      );
  });

  it('a task that names an emptied helper hides no regression', async () => {
    const helper = lines(
      "import assert from 'node:assert';",
      'export const same = (a, b) => assert.equal(a, b);',
    );
    const base = {
      ...NODE_CART,
      'test/same.js': helper,
      'test/cart.test.js': lines(
        "import test from 'node:test';",
        "import { total } from '../cart.js';",
        "import { same } from './same.js';",
        "test('takes the discount', () => same(total(100), 90));",
      ),
    };
    const t = await trial(base, 'node --test');
    const files = { 'cart.js': CART.replace('0.9', '9'), 'test/same.js': 'export const same = () => {};\n' };
    for (const path of ['', '// x\n']) {
      const report = await t.of({
        files: {
          ...files,
          ...(path === '' ? {} : { 'test/cart.test.js': `${base['test/cart.test.js']}${path}` }),
        },
        tasks: ['Change test/same.js and test/cart.test.js'],
      });
      expect(report.objections.join()).toContain('nothing fails on the base commit any more');
    }
  });
});
