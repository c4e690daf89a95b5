import { expect, it } from 'vitest';
import { ownRunner } from '../../../../src/factory/gates/proof/own-runner.ts';

const RUNNER: Record<string, string> = {
  'run.js': "import { runAll } from './lib/harness.js';\nawait import(file);\nrunAll();\n",
  'lib/harness.js':
    "import { tell } from './tell';\nexport const check = (name, run) => all.push([name, run]);\n",
  'lib/tell.mjs': 'export const tell = console.log;\n',
  'checks/sum.js':
    "import assert from 'node:assert';\nimport { check } from '../lib/harness.js';\nimport { add } from '../sum.js';\ncheck('adds', () => assert.equal(add(2, 3), 5));\n",
  'sum.js': 'export const add = (a, b) => a + b;\n',
};
const found = async (files: Record<string, string>, products: string[] = []) => [
  ...(await ownRunner(async (path) => files[path] ?? '', Object.keys(files), products)),
];

it('is a module by whose function tests are declared, with what it needs', async () => {
  expect(await found(RUNNER)).toEqual(['lib/harness.js', 'lib/tell.mjs']);
  const python = (tests: string) =>
    found({ 'kit/harness.py': '', 'kit/__init__.py': '', 'total.py': '', 'checks/sums.py': tests });
  const head = 'from kit.harness import check\nfrom total import add\n\n\n';
  expect(await python(`${head}@check('adds')\ndef adds():\n    assert add(2, 3) == 5\n`)).toEqual([
    'kit/harness.py',
  ]);
  expect(await python(`${head}check('adds', lambda: expect(add(2, 3)).toBe(5))\n`)).toEqual([
    'kit/harness.py',
  ]);
});

it('is nothing that the package is for, that lies among the tests, or that is called while something is asserted', async () => {
  expect(await found(RUNNER, ['lib/harness.js'])).toEqual([]);
  const moved = Object.entries(RUNNER).map(([path, text]) => [
    path.replace('lib/', 'test/'),
    text.replace('lib/', 'test/'),
  ]);
  expect(await found(Object.fromEntries(moved))).toEqual([]);
  const routes =
    "import { route } from '../lib/harness.js';\nroute('/x', () => 1);\nassert.equal(ask('/x'), 1);\n";
  expect(await found({ ...RUNNER, 'checks/sum.js': routes })).toEqual([]);
  expect(
    await found({
      ...RUNNER,
      'checks/sum.js': "import { check } from 'kit';\ncheck('a', () => assert(x));\n",
    }),
  ).toEqual([]);
});
