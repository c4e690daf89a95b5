import { describe, expect, it } from 'vitest';
import { withOldPackages } from '../../../../src/factory/gates/proof/still-named.ts';
import { testsOfBase } from '../../../../src/factory/gates/proof/seen-red.ts';
import { sampleProject } from '../../../support/samples.ts';
import { findBetween, gitOver } from '../proof/two-commits.ts';

type Files = Record<string, string>;

const changesOf = (base: Files, changed: Files) => findBetween(base, { ...base, ...changed });
const pathsOf = async (base: Files, changed: Files) => (await changesOf(base, changed)).paths;
const manifest = (imports: object, rest: object = {}) => JSON.stringify({ ...rest, imports });

describe('names in a package.json by which tests find what they compare with', () => {
  const imports = {
    '#vectors/*': './test/vectors/*',
    '#data/*': { node: './data/*.json', default: './data/*.json' },
    '#assert': 'chai',
    '#rates': './config/rates.json',
    '#sum': './src/sum.js',
  };
  const base = {
    'package.json': manifest(imports),
    'test/sum.test.js':
      "import '#sum';\nimport '#vectors/add.json';\nimport '#data/add';\nimport '#rates';\n",
    'test/vectors/add.json': '5',
    'data/add.json': '5',
    'config/rates.json': '1',
    'src/sum.js': "import rates from '#rates';\n",
  };
  const named = async (more: object) => {
    const { names, paths } = await changesOf(base, { 'package.json': manifest({ ...imports, ...more }) });
    expect(paths.length, 'put back').toBe(Object.keys(names ?? {}).length);
    return names?.['package.json'] ?? {};
  };

  it.each<[string, object, object]>([
    [
      'by an exact one',
      { '#vectors/add.json': './data/add.json' },
      { '#vectors/add.json': './test/vectors/add.json' },
    ],
    ['by a longer one', { '#vectors/a*': './data/a*' }, { '#vectors/add.json': './test/vectors/add.json' }],
    ['by none at all', { '#vectors/*': null }, { '#vectors/add.json': './test/vectors/add.json' }],
    [
      'by a condition',
      { '#data/*': { node: './mine/*.json', default: './data/*.json' } },
      { '#data/add': { node: './data/add.json', default: './data/add.json' } },
    ],
    ['in place of a package', { '#assert': './lib/assert.js' }, { '#assert': 'chai' }],
  ])('A107 names: stand for what they stood for, exchanged %s', async (_, more, names) => {
    expect(await named(more)).toEqual(names);
  });

  it.each<[string, object]>([
    ['new names', { '#add': './src/add.js', '#vectors-of-mine/*': './vectors/*' }],
    ['what the product reads as well', { '#rates': './config/new.json' }],
    ['the product', { '#sum': './src/new.js' }],
    ['another package', { '#assert': 'node:assert' }],
  ])('are left alone: %s', async (_, more) => {
    expect(await named(more)).toEqual({});
  });

  it('are put back in the package.json that the gate sees, beside new names and the scripts of the base commit', async () => {
    const project = sampleProject({ baseCommit: 'base' });
    const more = { ...imports, '#vectors/add.json': './data/add.json', '#new': './src/new.js' };
    const head = { ...base, 'package.json': manifest(more, { scripts: { test: 'true' } }) };
    const content = {
      commit: 'head',
      texts: { 'package.json': manifest(more, { scripts: { test: 'mocha' } }) },
    };
    const changes = await findBetween(base, head);
    const old = testsOfBase({ project }, content, changes);
    const { over, texts } = await withOldPackages(gitOver(base, head), project, old, changes);
    expect(over?.flatMap(({ paths }) => paths)).not.toContain('package.json');
    expect(JSON.parse(texts?.['package.json'] ?? '')).toEqual({
      scripts: { test: 'mocha' },
      imports: { ...more, '#vectors/add.json': './test/vectors/add.json' },
    });
  });
});

describe('a new file that is loaded in place of what tests compare with', () => {
  const base = {
    'test/sum.test.js':
      "require('../src/sum');\nrequire('../vectors/add');\nrequire('../expected');\nimport '../vectors/values.js';\nrequire('../vectors/sub.json');\n",
    'test/fixtures.test.js': "require('../fixtures/one');\n",
    'tests/test_sum.py': 'import vectors\nfrom sum import add\n',
    'src/sum.js': "require('../config/rates');\n",
    'sum.py': 'def add(a, b): return a + b\n',
    'vectors/add.json': '5',
    'vectors/sub.json': '5',
    'vectors/values.ts': 'export const VALUE = 5;\n',
    'fixtures/one.json': '1',
    'expected.json': '5',
    'config/rates.json': '1',
    'vectors.py': 'VALUES = [5]\n',
  };

  it.each([
    'vectors/add.js',
    'vectors/add/index.js',
    'vectors/values.js',
    'vectors/__init__.py',
    'expected.js',
    'fixtures/one.js',
  ])('A107 beside: is taken away where old tests run: %s', async (path) => {
    expect(await pathsOf(base, { [path]: 'module.exports = -1;\n' })).toEqual([
      { path, before: false, after: true },
    ]);
  });

  it.each([
    ['of a name that tests say with its ending', 'vectors/sub.js'],
    ['of a name that no test says', 'vectors/mul.js'],
    ['beside the product', 'src/sum.ts'],
    ['beside what the product reads as well', 'config/rates.js'],
    ['that is only types', 'vectors/add.d.ts'],
  ])('is not one %s', async (_, path) => {
    expect(await pathsOf(base, { [path]: 'module.exports = -1;\n' })).toEqual([]);
  });
});
