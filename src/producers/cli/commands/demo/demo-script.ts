import { call, calls, type Script, sequence, taskIds } from '../../../../llm/scripted/index.ts';

const FIXED = 'return items.reduce((sum, item) => sum + item.price * item.quantity, 0);';

const WITH_DISCOUNT = `const DISCOUNT_FROM = 5;

/** The total of a cart, in cents. From five pieces on, an item costs 10 % less. */
export function total(items) {
  return items.reduce((sum, item) => sum + itemPrice(item), 0);
}

function itemPrice({ price, quantity }) {
  const full = price * quantity;
  return quantity >= DISCOUNT_FROM ? Math.floor(full * 0.9) : full;
}
`;

const DISCOUNT_TESTS = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { total } from '../src/cart.js';

test('four pieces cost the full price', () => {
  assert.equal(total([{ price: 100, quantity: 4 }]), 400);
});

test('from five pieces on an item costs 10 % less', () => {
  assert.equal(total([{ price: 100, quantity: 5 }]), 450);
});

test('the price of an item is rounded down to whole cents', () => {
  assert.equal(total([{ price: 33, quantity: 5 }]), 148);
});
`;

const TASKS = [
  {
    title: 'Count every piece of an item',
    description: 'The total ignores quantities.',
    priority: 1,
    criteria: [
      {
        name: 'The failing test passes',
        command: 'node --test --test-name-pattern="counts every piece" test/cart.test.js',
      },
    ],
  },
  {
    title: 'Discount of 10 % from five pieces on',
    description: 'Per item, rounded down to whole cents, with tests.',
    priority: 2,
    dependencies: ['Count every piece of an item'],
    criteria: [{ name: 'The tests of the discount pass', command: 'node --test test/discount.test.js' }],
  },
];

/**
 * What the model of the demonstration says, turn by turn. Only the words are made up: each tool call is carried out by the
 * factory as it would be for any model, and each outcome is real.
 *
 * @param thinkMs milliseconds before each answer, so that a person can follow
 */
export function demoScript(thinkMs: number): Script {
  const answers = sequence([
    calls(
      ['bash', { command: 'git log --oneline; npm test 2>&1 | tail -n 25' }],
      ['read_file', { path: 'src/cart.js' }],
    ),
    call('add_tasks', { tasks: TASKS }),
    (turn) =>
      calls(
        ['update_task', { id: taskIds(turn)[0], status: 'in_progress' }],
        [
          'edit_file',
          {
            path: 'src/cart.js',
            old_text: 'return items.reduce((sum, item) => sum + item.price, 0);',
            new_text: FIXED,
          },
        ],
      ),
    (turn) =>
      call('update_task', { id: taskIds(turn)[0], status: 'completed', note: 'Price times quantity.' }),
    (turn) =>
      calls(
        ['update_task', { id: taskIds(turn)[1], status: 'in_progress' }],
        ['write_file', { path: 'src/cart.js', content: WITH_DISCOUNT }],
        ['write_file', { path: 'test/discount.test.js', content: DISCOUNT_TESTS }],
        ['bash', { command: 'npm test 2>&1 | tail -n 12; npm run --silent lint; git status --short' }],
      ),
    (turn) => call('update_task', { id: taskIds(turn)[1], status: 'completed', note: 'Three new tests.' }),
    call('finish', {
      summary: 'The total counts quantities, and five pieces or more of an item cost 10 % less.',
    }),
  ]);
  return async (turn) => ({ delayMs: thinkMs, ...(await answers(turn)) });
}
