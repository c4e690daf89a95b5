/** A small shop with an honest fault: the total forgets how many of an item there are, and one test says so. */
export const SHOP_FILES: Readonly<Record<string, string>> = {
  'package.json': `{
  "name": "shop",
  "version": "1.0.0",
  "private": true,
  "type": "module",
  "scripts": {
    "test": "node --test",
    "lint": "node scripts/style.js lint",
    "format:check": "node scripts/style.js format"
  }
}
`,
  'README.md': `# Shop

\`total(items)\` adds up a cart. An item has a \`price\` in cents and a \`quantity\`.
`,
  'src/cart.js': `/** The total of a cart, in cents. */
export function total(items) {
  return items.reduce((sum, item) => sum + item.price, 0);
}
`,
  'test/cart.test.js': `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { total } from '../src/cart.js';

test('an empty cart costs nothing', () => {
  assert.equal(total([]), 0);
});

test('counts every piece of an item', () => {
  assert.equal(total([{ price: 250, quantity: 3 }]), 750);
});
`,
  'scripts/style.js': `import { readdirSync, readFileSync } from 'node:fs';

const RULES = {
  lint: [
    [/\\bvar\\b/, 'use const or let'],
    [/console\\.log/, 'no console.log'],
    [/[^=!]==[^=]/, 'use ==='],
  ],
  format: [
    [/\\t/, 'no tabs'],
    [/ +$/, 'no blanks at the end of a line'],
  ],
};

const rules = RULES[process.argv[2]];
const files = ['src', 'test'].flatMap((folder) => readdirSync(folder).map((name) => folder + '/' + name));
const problems = files.flatMap((file) =>
  readFileSync(file, 'utf8')
    .split('\\n')
    .flatMap((line, index) =>
      rules.filter(([pattern]) => pattern.test(line)).map(([, why]) => file + ':' + (index + 1) + ' ' + why),
    ),
);
for (const problem of problems) console.error(problem);
process.exit(problems.length === 0 ? 0 : 1);
`,
};

export const SHOP_TASK = `The test "counts every piece of an item" fails: the total of a cart ignores quantities. Make it pass.

Then add a discount: from five pieces on, an item costs 10 % less. Prices are whole cents; round the price of an item down. Add tests for it.`;
