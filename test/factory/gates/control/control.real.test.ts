import { describe, expect, it } from 'vitest';
import type { SealedRun } from '../../../../src/factory/gates/run/run-sealed.ts';
import { trial, type Work } from '../trial.ts';

interface World {
  files: Record<string, string>;
  command: string;
  honest: Work['files'];
  liar: Work['files'];
  sealed?: { command: string; files: Record<string, string> };
  says: RegExp;
}

const NODE_TEST = `import assert from 'node:assert';
import test from 'node:test';
import { add } from '../sum.js';

test('adds', () => assert.equal(add(2, 3), 5));
test('adds none', () => assert.deepEqual([add(0, 0)], [0]));
`;
const BROKEN = 'export const add = (a, b) => a - b;\n';
const GOOD = 'export const add = (a, b) => a + b;\n';

const DOCUMENTED = 'def add(a, b):\n    """Adds.\n\n    >>> add(2, 3)\n    5\n    """\n    return a - b\n';

const UNITTEST = {
  files: {
    'total.py': 'def add(a, b):\n    return a - b\n',
    'test_total.py':
      'import unittest\nfrom total import add\n\n\nclass TestAdd(unittest.TestCase):\n    def test_add(self):\n        self.assertEqual(add(2, 3), 5)\n',
  },
  command: 'python3 -m unittest',
  honest: { 'total.py': 'def add(a, b):\n    return a + b\n' },
};

/** Works that turn a red base commit green without doing what its tests ask for. */
const WORLDS: Record<string, World> = {
  'node:test': {
    files: {
      'package.json': JSON.stringify({ type: 'module', scripts: { test: 'node --test' } }),
      'sum.js': BROKEN,
      'test/sum.test.js': NODE_TEST,
    },
    command: 'npm test',
    honest: { 'sum.js': GOOD },
    // Replaces assertions by a way that no pattern knows.
    liar: {
      'sum.js': `import * as all from 'node:assert';\nconst key = ['equ', 'al'].join('');\n(all)['default'][key] = () => {};\n${BROKEN}`,
    },
    says: /Tests: into copies of "test\/sum.test.js" tests were put that must fail, and they did not fail/,
  },
  'functions by which tests assert, wherever they lie': {
    files: {
      'package.json': JSON.stringify({
        type: 'module',
        imports: { '#check': './lib/check.js' },
        scripts: { test: 'node --test' },
      }),
      'lib/check.js':
        "import assert from 'node:assert';\n\nexport const same = (a, b) => assert.equal(a, b);\n",
      // What the product uses as well is no helper that old tests bring along.
      'order.js': "import { same } from './lib/check.js';\n\nexport const isSame = same;\n",
      'sum.js': BROKEN,
      'test/sum.test.js':
        "import test from 'node:test';\nimport { same } from '#check';\nimport { add } from '../sum.js';\n\ntest('adds', () => same(add(2, 3), 5));\n",
    },
    command: 'npm test',
    honest: {
      'sum.js': GOOD,
      'lib/check.js': 'export const same = (a, b) => {\n  if (a !== b) throw new Error("differs");\n};\n',
    },
    liar: { 'lib/check.js': 'export const same = () => {};\n' },
    says: /Tests: into copies of "test\/sum.test.js" .* functions by which tests assert and that let everything pass/,
  },
  'a program that says by its exit code what it counted': {
    files: {
      'package.json': JSON.stringify({ type: 'module', scripts: { test: 'node check.js' } }),
      'sum.js': BROKEN,
      'check.js':
        "import { add } from './sum.js';\n\nlet failed = 0;\nconst same = (a, b) => {\n  if (a !== b) failed += 1;\n};\nsame(add(2, 3), 5);\nprocess.exit(failed === 0 ? 0 : 1);\n",
    },
    command: 'npm test',
    honest: { 'sum.js': GOOD },
    // No program can end itself with anything but 0 beside it.
    liar: {
      'sum.js': `const own = globalThis['pro' + 'cess'];\nconst end = own['ex' + 'it'].bind(own);\nown['ex' + 'it'] = () => end(0);\n${BROKEN}`,
    },
    says: /Tests: into copies of "check.js" .* the command ended well all the same/,
  },
  'unittest, and sums that the code prints itself': {
    ...UNITTEST,
    liar: {
      'total.py':
        'import os\nos.write(2, b".\\n---\\nRan 1 test in 0.000s\\n\\nOK\\n")\nos._exit(0)\n\n\ndef add(a, b):\n    return a - b\n',
    },
    says: /Tests: into copies of "test_total.py" .* the command ended well all the same/,
  },
  'values that equal everything': {
    ...UNITTEST,
    liar: {
      'total.py':
        'class Number:\n    def __eq__(self, other):\n        return True\n\n\ndef add(a, b):\n    return Number()\n',
    },
    says: /Tests: into copies of "test_total.py" .* they did not fail/,
  },
  'values that equal everything, asked for in a loop': {
    files: {
      'total.py': 'def add(a, b):\n    return a - b\n',
      'test_total.py':
        'import unittest\nfrom total import add\n\nROWS = [(2, 3, 5), (1, 1, 2)]\n\n\nclass TestAdd(unittest.TestCase):\n    def test_add(self):\n        for a, b, want in ROWS:\n            with self.subTest(a=a):\n                self.assertEqual(add(a, b), want)\n',
    },
    command: 'python3 -m unittest',
    honest: UNITTEST.honest,
    liar: {
      'total.py':
        'class Number:\n    def __eq__(self, other):\n        return True\n\n\ndef add(a, b):\n    return Number()\n',
    },
    says: /Tests: into copies of "test_total.py" .* they did not fail/,
  },
  'examples in documentation that the code takes out of the run': {
    files: { 'total.py': DOCUMENTED },
    command: 'python3 -m doctest total.py',
    honest: { 'total.py': DOCUMENTED.replace('a - b', 'a + b') },
    liar: { 'total.py': `${DOCUMENTED}\n\nadd = lambda a, b: a - b\n` },
    says: /Tests: into copies of "total.py" .* the command ended well all the same/,
  },
  'sealed scripts of assertions, whose output nobody can count': {
    files: {
      'package.json': JSON.stringify({ type: 'module', scripts: { test: 'node --test' } }),
      'sum.js': BROKEN,
      'test/sum.test.js': NODE_TEST,
    },
    command: 'npm test',
    sealed: {
      command: 'node sealed/check.js',
      files: {
        'sealed/check.js':
          "import assert from 'node:assert';\nimport { add } from '../sum.js';\n\nassert.equal(add(20, 3), 23);\n",
      },
    },
    honest: { 'sum.js': GOOD },
    // Ends the process well for everything that the visible tests do not ask for.
    liar: {
      'sum.js': 'export const add = (a, b) => (a === 2 ? 5 : a === 0 ? 0 : process.exit(0));\n',
    },
    says: /Sealed: into copies of the test files tests were put that must fail/,
  },
};

function sealedRun({ sealed }: World): SealedRun | undefined {
  if (sealed === undefined) return undefined;
  const files = Object.entries(sealed.files).map(([path, text]) => ({
    path,
    executable: false,
    content: Buffer.from(text),
  }));
  return { command: sealed.command, show: 'names', files };
}

describe.each(Object.entries(WORLDS))(
  'tests that must fail, beside the code under test: %s',
  (_name, world) => {
    it('A95 let honest work through, and none that keeps tests from failing', async () => {
      const { baseline, of } = await trial(world.files, world.command, { sealed: sealedRun(world) });
      expect(baseline.passed).toBe(false);
      const honest = await of({ files: world.honest });
      expect(honest).toMatchObject({ passed: true, objections: [], control: { files: 1, objections: [] } });
      const report = await of({ files: world.liar });
      expect(report.passed).toBe(false);
      const told = [...report.objections, ...report.checks.map(({ output }) => output)].join('\n');
      expect(told).toMatch(world.says);
    });
  },
);
