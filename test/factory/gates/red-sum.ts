/** A repository whose only test is red, for trials of what agents do about it. */

export const lines = (...text: string[]) => `${text.join('\n')}\n`;

export const RED_SUM = 'export const add = (a, b) => a - b;\n';
export const NODE = {
  'package.json': '{"type":"module","scripts":{"test":"node --test"}}',
  'sum.js': RED_SUM,
};
export const SUM_TEST = lines(
  "import assert from 'node:assert';",
  "import test from 'node:test';",
  "import { add } from '../sum.js';",
  "test('adds', () => assert.equal(add(2, 3), 5));",
);

/** A runner of a repository's own, at `lib/harness.js`. */
export const OWN_RUNNER = lines(
  'const all = [];',
  'export const check = (name, run) => all.push([name, run]);',
  'export async function runAll() {',
  '  let failed = 0;',
  '  for (const [name, run] of all) {',
  '    try {',
  '      await run();',
  '    } catch (error) {',
  '      failed += 1;',
  "      console.log('FAILED', name, error.message);",
  '    }',
  '  }',
  '  return failed;',
  '}',
);

/** By which tests assert, and that nothing of the product needs. */
export const OWN_ASSERTION = lines(
  "import assert from 'node:assert';",
  'export const same = (a, b) => assert.equal(a, b);',
);
