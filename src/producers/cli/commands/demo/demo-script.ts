import type { DemoReply, DemoTurn } from './model-server.ts';

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

type Call = [name: string, args: object];

/** What the model says, turn by turn; `ids` are those of the tasks that the factory made. */
const STEPS: readonly ((ids: readonly string[]) => Call[])[] = [
  () => [
    ['bash', { command: 'git log --oneline; npm test 2>&1 | tail -n 25' }],
    ['read_file', { path: 'src/cart.js' }],
  ],
  () => [['add_tasks', { tasks: TASKS }]],
  ([first]) => [
    ['update_task', { id: first, status: 'in_progress' }],
    [
      'edit_file',
      {
        path: 'src/cart.js',
        old_text: 'return items.reduce((sum, item) => sum + item.price, 0);',
        new_text: FIXED,
      },
    ],
  ],
  ([first]) => [['update_task', { id: first, status: 'completed', note: 'Price times quantity.' }]],
  ([, second]) => [
    ['update_task', { id: second, status: 'in_progress' }],
    ['write_file', { path: 'src/cart.js', content: WITH_DISCOUNT }],
    ['write_file', { path: 'test/discount.test.js', content: DISCOUNT_TESTS }],
    ['bash', { command: 'npm test 2>&1 | tail -n 12; npm run --silent lint; git status --short' }],
  ],
  ([, second]) => [['update_task', { id: second, status: 'completed', note: 'Three new tests.' }]],
  () => [
    [
      'finish',
      { summary: 'The total counts quantities, and five pieces or more of an item cost 10 % less.' },
    ],
  ],
];

const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/**
 * Answers for the model of the demonstration. Only the words are made up: each tool call is carried out by the factory as it
 * would be for any model, and each outcome is real.
 */
export function demoScript({ step, asked, added }: DemoTurn): DemoReply {
  if (asked.includes('You are auditing task completion status')) return { text: VERDICT };
  if (asked.startsWith('Reply with')) return { text: 'ok' };
  const ids = [...new Set(added.match(UUID))];
  const calls = STEPS[Math.min(step, STEPS.length - 1)]?.(ids) ?? [];
  return { calls: calls.map(([name, args]) => ({ name, arguments: args })) };
}

const VERDICT = JSON.stringify({
  complete: true,
  evidence: 'The criteria pass and the code does what the task says.',
  confidence: 0.95,
});
