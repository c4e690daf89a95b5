import { lines } from '../red-sum.ts';

export const CART = 'export const total = (sum) => sum * 0.9;\n';
export const cartTest = (title: string, sum: number, body = '') =>
  lines(
    "import assert from 'node:assert';",
    "import test from 'node:test';",
    "import { total } from '../cart.js';",
    `test('${title}', () => assert.equal(total(100), ${sum}));`,
    ...(body === '' ? [] : [body]),
  );
export const NODE_CART = {
  'package.json': '{"type":"module","scripts":{"test":"node --test"}}',
  'cart.js': CART,
  'test/cart.test.js': cartTest('takes the discount', 90),
};
