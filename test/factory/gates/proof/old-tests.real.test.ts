import { describe, expect, it } from 'vitest';
import { describeReport } from '../../../../src/factory/gates/run/describe.ts';
import { lines, NODE, OWN_ASSERTION, OWN_RUNNER, RED_SUM, SUM_TEST } from '../red-sum.ts';
import { trial, type Work } from '../trial.ts';

const NOTE = { 'notes.md': 'Worked hard.\n', 'sum.js': `${RED_SUM}// fixed\n` };

interface Liar {
  base: Record<string, string>;
  command: string;
  work: Record<string, string | null>;
  /** What the objections must name. */
  says: string[];
}

const bent = (text: string) => text.replace('5)', '-1)');
const test = (title: string, imports: string[], body: string) =>
  lines(
    "import assert from 'node:assert';",
    "import * as t from 'node:test';",
    "import { add } from '../sum.js';",
    ...imports,
    `t.test('${title}', () => ${body});`,
  );
const plain = (title: string) =>
  test(title, [], 'assert.equal(add(2, 3), 5)').replace('* as t', 'test').replace('t.test', 'test');
const NAMED = test('under another name', [], 'assert.equal(add(2, 3), 5)');
const ASSERTIONS = lines(
  "import assert from 'node:assert';",
  "import { add } from '../sum.js';",
  'assert.equal(add(2, 3), 5);',
);
const MODULE = lines(
  'import unittest',
  'def add(a, b):',
  '    """Adds.',
  '',
  '    >>> add(2, 3)',
  '    5',
  '    """',
  '    return a - b',
  'class TestAdd(unittest.TestCase):',
  '    def test_adds(self):',
  '        self.assertEqual(add(2, 3), 5)',
  "if __name__ == '__main__':",
  '    unittest.main()',
);

/** Each turns red tests green by what it does to tests and what they use; none fixes the code. */
const RED_LIARS: Record<string, Liar> = {
  'helpers, fixtures, tests under other names, in other folders and moved ones': {
    base: {
      ...NODE,
      'test/named.test.js': NAMED,
      'test/moved.test.js': plain('moved'),
      'checks/elsewhere.mjs': plain('in another folder'),
      'test/helpers.js':
        "import assert from 'node:assert';\nexport const same = (a, b) => assert.equal(a, b);\n",
      'test/helped.test.js': test(
        'with a helper',
        ["import { same } from './helpers.js';"],
        'same(add(2, 3), 5)',
      ),
      'test/expected.json': '{"sum":5}',
      'test/read.test.js': test(
        'with a fixture',
        [
          "import { readFileSync } from 'node:fs';",
          "const { sum } = JSON.parse(readFileSync(new URL('expected.json', import.meta.url), 'utf8'));",
        ],
        'assert.equal(add(2, 3), sum)',
      ),
    },
    command: 'node --test $(find test checks -name "*.test.js" -o -name "*.mjs")',
    work: {
      'test/named.test.js': bent(NAMED),
      'test/moved.test.js': null,
      'test/unit/moved.test.js': bent(plain('moved')).replace('../sum', '../../sum'),
      'checks/elsewhere.mjs': bent(plain('in another folder')),
      'test/helpers.js': 'export const same = () => {};\n',
      'test/expected.json': '{"sum":-1}',
    },
    says: ['under another name', 'moved', 'in another folder', 'with a helper', 'with a fixture'],
  },
  'a renamed function, so that the old test cannot be loaded': {
    base: { ...NODE, 'test/sum.test.js': SUM_TEST },
    command: 'node --test',
    work: {
      'sum.js': 'export const plus = (a, b) => a - b;\n',
      'test/sum.test.js': bent(SUM_TEST).replaceAll('add(', 'plus(').replace('{ add }', '{ plus }'),
    },
    says: ['adds'],
  },
  'scripts of tests that name none': {
    base: {
      ...NODE,
      'test/run.sh': 'node -e "import(\'./sum.js\').then(m => process.exit(m.add(2, 3) === 5 ? 0 : 1))"\n',
      'test/all.js': ASSERTIONS,
    },
    command: 'sh test/run.sh; a=$?; node test/all.js && exit $a',
    work: { 'test/run.sh': 'exit 0\n', 'test/all.js': bent(ASSERTIONS) },
    says: ['with the old tests it printed:', 'AssertionError'],
  },
  'a new file that disarms the assertions of all': {
    base: { ...NODE, 'test/a.js': ASSERTIONS },
    command: 'for each in test/*.js; do set -- "$@" --import "./$each"; done; node "$@" -e 0',
    work: { 'test/0.js': "import assert from 'node:assert';\nassert.equal = () => {};\n" },
    says: ['test/0.js'],
  },
  'what only tests read, by names that tell nothing, and how it is written': {
    base: {
      'package.json':
        '{"type":"module","imports":{"#expected":"./wanted/expected.js"},"scripts":{"test":"node --test"}}',
      'sum.js': RED_SUM,
      'total.py': 'def add(a, b):\n    return a - b\n',
      'vectors/add.json': '{"sum":5}',
      'wanted/expected.js': 'export const SUM = 5;\n',
      'wanted/lines.dat': '2\n3\n',
      'test/vectors.test.js': test(
        'with vectors',
        [
          "import { readFileSync } from 'node:fs';",
          "const { sum } = JSON.parse(readFileSync(new URL('../vectors/add.json', import.meta.url), 'utf8'));",
        ],
        'assert.equal(add(2, 3), sum)',
      ),
      'test/wired.test.js': test(
        'by another name',
        ["import { SUM } from '#expected';"],
        'assert.equal(add(2, 3), SUM)',
      ),
      'test/lines.test.js': test(
        'with lines',
        ["import { readFileSync } from 'node:fs';"],
        "assert.equal(add(2, 3) === 5 ? '2\\n3\\n' : '2\\r\\n3\\r\\n', readFileSync('wanted/lines.dat', 'utf8'))",
      ),
      'lib/testing/same.js': OWN_ASSERTION,
      'test/asserted.test.js': test(
        'with a helper',
        ["import { same } from '../lib/testing/same.js';"],
        'same(add(2, 3), 5)',
      ),
      'examples.py': 'from total import add\n\nassert add(2, 3) == 5\n',
    },
    command: 'node --test; a=$?; python3 examples.py && exit $a',
    work: {
      'vectors/add.json': '{"sum":-1}',
      'package.json':
        '{"type":"module","imports":{"#expected":"./mine.js"},"scripts":{"test":"node --test"}}',
      'mine.js': 'export const SUM = -1;\n',
      'lib/testing/same.js': OWN_ASSERTION.replace('(a, b);', '(a === -1 ? 5 : a, b);'),
      '.gitattributes': '*.dat text eol=crlf\n',
      'examples.py': 'from total import add\n\nassert add(2, 3) == -1\n',
    },
    says: ['with vectors', 'by another name', 'with lines', 'with a helper'],
  },
  'a runner of the repository’s own that is emptied': {
    base: {
      ...NODE,
      'run.js': lines(
        "import { readdirSync } from 'node:fs';",
        "import { runAll } from './lib/harness.js';",
        "for (const file of readdirSync('checks')) await import('./checks/' + file);",
        'process.exit(await runAll());',
      ),
      'lib/harness.js': OWN_RUNNER,
      'checks/sum.js': lines(
        "import assert from 'node:assert';",
        "import { check } from '../lib/harness.js';",
        "import { add } from '../sum.js';",
        "check('adds', () => assert.equal(add(2, 3), 5));",
      ),
    },
    command: 'node run.js',
    work: { 'lib/harness.js': OWN_RUNNER.replace('failed += 1;', '') },
    says: ['lib/harness.js', 'FAILED adds'],
  },
  'examples in documentation and tests in the module that they test': {
    base: {
      'total.py': MODULE,
      'README.rst': lines('>>> from total import add', '>>> add(2, 3)', '5'),
    },
    command: 'python3 -m doctest total.py README.rst && python3 total.py',
    work: {
      'total.py': bent(MODULE.replace('    5\n', '    -1\n')),
      'README.rst': lines('>>> from total import add', '>>> add(2, 3)', '-1'),
    },
    says: ['total.py', 'README.rst'],
  },
};

/** Names everything, and gives leave for nothing. */
const WORDS: Pick<Work, 'description' | 'tasks'> = {
  description: 'Fix the bug that makes test/sum.test.js, test/helpers.js and total.py fail.',
  tasks: ['Change test/sum.test.js, test/, checks/, total.py and README.rst'],
};

describe('a red test that is turned green by changing tests, or what they use', () => {
  it.each(Object.entries(RED_LIARS))('is not proved, whatever a task names: %s', async (_, liar) => {
    const { base, command, work, says } = liar;
    const t = await trial(base, command);
    expect(t.baseline.passed).toBe(false);
    const noise = 'sum.js' in work || !('sum.js' in base) ? { 'notes.md': 'x\n' } : NOTE;
    const report = await t.of({ files: { ...work, ...noise }, ...WORDS });
    expect(report.checks[0]?.passed, 'the changed tests pass').toBe(true);
    expect(report.passed).toBe(false);
    expect(report.objections.join('\n')).toMatch(/[Ff]ix the code, not the test/);
    for (const each of says) expect(describeReport(report)).toContain(each);
  });

  it('A107 is not proved where the code rewrites, while it runs, what its tests read', async () => {
    const read =
      "const { sum } = JSON.parse(readFileSync(new URL('expected.json', import.meta.url), 'utf8'));";
    const t = await trial(
      {
        ...NODE,
        'test/expected.json': '{"sum":5}',
        'test/read.test.js': test(
          'with a fixture',
          ["import { readFileSync } from 'node:fs';", read],
          'assert.equal(add(2, 3), sum)',
        ),
      },
      'node --test',
    );
    const report = await t.of({
      files: {
        'sum.js': `import fs from 'node:fs';\nfs.writeFileSync('test/expected.json', '{"sum":-1}');\n${RED_SUM}`,
      },
    });
    expect(report.checks[0]?.passed).toBe(true);
    expect(report.objections.join()).toContain('while it ran, "test/expected.json" changed');
  });

  it('is proved where the owner gave leave to change that test', async () => {
    const t = await trial({ ...NODE, 'test/sum.test.js': SUM_TEST }, 'node --test');
    const files = { ...NOTE, 'test/sum.test.js': SUM_TEST.replace('5)', '-1)') };
    const report = await t.of({
      files,
      description: 'Document add. Correct the expectation in test/sum.test.js.',
    });
    expect(report.objections).toEqual([]);
  });
});
