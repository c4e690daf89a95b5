import { describe, expect, it } from 'vitest';
import { findTouches } from '../../../../src/factory/gates/control/touches.ts';
import { sampleProject } from '../../../support/samples.ts';
import { gitOver } from '../proof/two-commits.ts';

type Files = Record<string, string>;

/** What is objected to when a commit has these files beside those of the base commit. */
async function touched(base: Files, changed: Files) {
  const words = { allowAll: false, owner: [], agents: [] };
  const project = sampleProject({ baseCommit: 'base' });
  const found = await findTouches(gitOver(base, { ...base, ...changed }), project, 'head', words);
  return found.map(({ path, line }) => `${path} ${line}`);
}

const manifest = (all: object) => JSON.stringify(all);

describe('a package of Node with the name of one that its tests import', () => {
  const package_ = { name: 'sum', devDependencies: { chai: '5.0.0' } };
  const base = {
    'package.json': manifest(package_),
    'test/sum.test.js': "import { expect } from 'chai';\nimport { add } from 'sum/add';\n",
    'packages/a/package.json': manifest({ name: '@acme/a', exports: './index.js' }),
    'packages/a/test/a.test.js': "import { a } from '@acme/a';\n",
    'packages/b/package.json': manifest({ name: '@acme/b', dependencies: { '@acme/a': 'workspace:*' } }),
    'packages/b/test/b.test.js': "import { a } from '@acme/a';\n",
  };
  const exports = { '.': './src/index.js' };

  it('A143 its own name: is found where it exports something', async () => {
    const now = manifest({ ...package_, name: 'chai', exports });
    expect(await touched(base, { 'package.json': now })).toEqual(['package.json "name": "chai"']);
  });

  it.each<[string, Files]>([
    ['a name that no test imports', { 'package.json': manifest({ ...package_, name: 'adder', exports }) }],
    [
      'exports and imports that are added',
      { 'package.json': manifest({ ...package_, exports, imports: { '#add': './add.js' } }) },
    ],
    [
      'a dependency in another section',
      { 'package.json': manifest({ name: 'sum', dependencies: { chai: '5.0.0' } }) },
    ],
    [
      'a package of a workspace renamed with its tests',
      {
        'packages/a/package.json': manifest({ name: '@acme/alpha', exports: './index.js' }),
        'packages/a/test/a.test.js': "import { a } from '@acme/alpha';\n",
      },
    ],
    [
      'another package of the workspace under a name that one of it had',
      { 'packages/b/package.json': manifest({ name: '@acme/a', exports: './index.js' }) },
    ],
  ])('is not: %s', async (_, changed) => {
    expect(await touched(base, changed)).toEqual([]);
  });

  it('is not a name that old tests wait for and nothing has yet', async () => {
    const waiting = {
      'package.json': manifest({ name: 'sum' }),
      'test/a.test.js': "import { add } from 'adder';\n",
    };
    expect(await touched(waiting, { 'package.json': manifest({ name: 'adder', exports }) })).toEqual([]);
  });
});

describe('a name in an import map that leads into the repository', () => {
  const test = [
    'import { assertEquals } from "@std/assert";',
    'import { stub } from "jsr:@std/testing@1/mock";',
    'import { parse } from "@std/csv";',
    'import { add } from "@/sum.ts";',
    'import { check } from "./check.ts";',
  ].join('\n');
  const imports = { '@std/assert': 'jsr:@std/assert@1', '@std/csv': 'jsr:@std/csv@1', '@/': './src/' };
  const base = {
    'deno.json': manifest({ imports }),
    'test/sum.test.ts': test,
    'src/main.ts': 'import { parse } from "@std/csv";\n',
    'lib/deno.json': manifest({ name: '@acme/lib', exports: './mod.ts' }),
  };
  const with_ = (more: object, rest: object = {}) => ({
    'deno.json': manifest({ imports: { ...imports, ...more }, ...rest }),
  });

  it.each<[string, Files, string]>([
    [
      'by the name itself',
      with_({ '@std/assert': './lib/assert.ts' }),
      'deno.json "@std/assert": "/lib/assert.ts"',
    ],
    [
      'by an address',
      with_({ 'jsr:@std/testing@1/': './lib/' }),
      'deno.json "jsr:@std/testing@1/mock": "/lib/mock"',
    ],
    [
      'in a scope',
      with_({}, { scopes: { './test/': { '@std/assert': './lib/assert.ts' } } }),
      'deno.json "@std/assert": "/lib/assert.ts"',
    ],
    [
      'in a file of its own',
      {
        'deno.json': manifest({ importMap: './map.json' }),
        'map.json': manifest({ imports: { ...imports, '@std/assert': './lib/assert.ts' } }),
      },
      'map.json "@std/assert": "/lib/assert.ts"',
    ],
    [
      'in place of a file beside the tests',
      with_({ './test/check.ts': './lib/check.ts' }),
      'deno.json "/test/check.ts": "/lib/check.ts"',
    ],
    [
      'by a package of its own',
      { 'lib/deno.json': manifest({ name: '@std/assert', exports: './mod.ts' }) },
      'lib/deno.json "name": "@std/assert"',
    ],
    [
      'by a package that is linked',
      {
        ...with_({}, { links: ['./packages/util'] }),
        'packages/util/package.json': manifest({ name: '@std/assert', exports: './mod.ts' }),
      },
      'packages/util/package.json "name": "@std/assert"',
    ],
  ])('A143 import maps: is found %s', async (_, changed, line) => {
    expect(await touched(base, changed)).toEqual([line]);
  });

  it.each<[string, Files]>([
    [
      'another version, and a new package',
      with_({ '@std/assert': 'jsr:@std/assert@1.0.2', '@std/path': 'jsr:@std/path@1' }),
    ],
    ['a folder that got another name', with_({ '@/': './source/' })],
    ['a name that no test imports', with_({ 'lib/': './lib/', './': './' })],
    ['what the product uses as well', with_({ '@std/csv': './vendor/csv.ts' })],
    [
      'a package that is called otherwise',
      { 'lib/deno.json': manifest({ name: '@acme/util', exports: './mod.ts' }) },
    ],
  ])('is not: %s', async (_, changed) => {
    expect(await touched(base, changed)).toEqual([]);
  });

  it('is not an alias that old tests wait for', async () => {
    const waiting = { 'deno.json': '{}', 'test/a.test.ts': 'import { add } from "@/sum.ts";\n' };
    expect(await touched(waiting, with_({}))).toEqual([]);
  });
});

describe('a module of Python with the name of a package that tests import', () => {
  const base = {
    'requirements-dev.txt': 'pytest\nassertpy==1.1\nsix\n',
    'pyproject.toml':
      '[project]\nname = "cart"\ndependencies = [\n  "approx-equal>=1",\n]\n[project.scripts]\ncart = "cart:main"\n',
    'tests/test_cart.py':
      'import unittest\nimport six\nfrom approx_equal import close\nfrom assertpy import assert_that\nfrom cart import total\nfrom shop.till import open\n',
    'backend/shop/__init__.py': '',
    'backend/shop/till.py': 'import six\n',
  };

  it.each([
    'assertpy.py',
    'assertpy/__init__.py',
    'src/assertpy.py',
    'src/unittest.py',
    'backend/assertpy.py',
    'approx_equal.py',
  ])('A143 modules: is found: %s', async (path) => {
    expect(await touched(base, { [path]: 'def assert_that(x): ...\n' })).toHaveLength(1);
  });

  it.each([
    ['the module that tests wait for', 'cart.py'],
    ['one that no test imports', 'src/prices.py'],
    ['one within a package', 'backend/shop/assertpy.py'],
    ['a package of which the product uses a copy', 'six.py'],
  ])('is not %s', async (_, path) => {
    expect(await touched(base, { [path]: 'x = 1\n' })).toEqual([]);
  });

  it('is not a module below a package that is called src', async () => {
    const whole = { ...base, 'tests/test_a.py': 'from src.cart import total\n', 'src/__init__.py': '' };
    expect(await touched(whole, { 'src/assertpy.py': 'x = 1\n' })).toEqual([]);
  });
});

describe('a module of Go with the name of one that tests import', () => {
  const source = (...modules: string[]) =>
    `package sum\n\nimport (\n${modules.map((each) => `\t"${each}"\n`).join('')})\n`;
  const mod = (name: string) =>
    `module ${name}\n\nrequire (\n\tgithub.com/stretchr/testify v1.8.0\n\tgithub.com/log/log v1.0.0 // indirect\n)\n`;
  const base = {
    'go.mod': mod('github.com/acme/sum'),
    'sum.go': source('github.com/log/log'),
    'sum_test.go': source(
      'testing',
      'github.com/acme/sum/add',
      'github.com/log/log/test',
      'github.com/stretchr/testify/assert',
    ),
  };

  it.each(['github.com/stretchr/testify', 'github.com/stretchr/testify/assert', 'github.com/stretchr'])(
    'A143 module lines: is found: %s',
    async (name) => {
      for (const text of [mod(name), `module ${name}\n`])
        expect(await touched(base, { 'go.mod': text })).toEqual([`go.mod module ${name}`]);
    },
  );

  it.each([
    ['another version of its own name', 'github.com/acme/sum/v2'],
    ['the name of what the product uses as well', 'github.com/log/log'],
    ['a name around its own', 'github.com/acme'],
  ])('is not %s', async (_, name) => {
    expect(await touched(base, { 'go.mod': mod(name) })).toEqual([]);
  });
});
