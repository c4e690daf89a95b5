import { describe, expect, it } from 'vitest';
import { touched } from './touched.ts';

describe('where code of the product may lie', () => {
  const PATCH = 'assert.equal = () => {};';

  it.each([
    ['src/tools/patch.js', { 'src/sum.js': "import './tools/patch.js';" }],
    ['src/docs/patch.ts', { 'src/sum.ts': "export * from './docs/patch';" }],
    ['src/fixtures/patch.js', { 'src/sum.js': "const a = require('./fixtures/patch');" }],
    ['src/mocks/patch.ts', { 'src/App.vue': "<script>import '@/mocks/patch'</script>" }],
    ['src/test-utils/patch.js', { 'src/sum.js': "await import('./test-utils/patch.js');" }],
    ['src/sum.setup.js', { 'src/sum.js': "import './sum.setup.js';" }],
    [
      'tools/b/index.js',
      { 'lib/sum.js': "import a from '../tools/a';", 'tools/a.js': "import './b/index.js';" },
    ],
    ['scripts/sum.js', { 'package.json': '{"main":"./scripts/sum.js"}' }],
  ])('A143 beside: is found in what the product loads: %s', async (path, loads) => {
    expect(await touched({ [path]: PATCH }, loads)).toEqual([PATCH]);
    expect(await touched({ [path]: PATCH, ...loads })).toEqual([PATCH]);
    expect(await touched({ [path]: PATCH }, { 'src/sum.js': "import './add.js';" })).toEqual([]);
  });

  it.each([
    ['app/tools/patch.py', 'app/sums.py', 'from .tools import patch'],
    ['app/tools/patch.py', 'app/sums.py', 'import app.tools.patch'],
    ['src/app/fixtures/__init__.py', 'src/app/sums.py', 'from app.fixtures import (\n    one,\n)'],
  ])('A143 beside: is found in what the product imports: %s of %s', async (path, from, text) => {
    expect(await touched({ [path]: 'json.loads = f' }, { [from]: text })).toHaveLength(1);
  });

  it.each([
    ['src/tools/mod.rs', 'if cfg!(test) { 5 }', 'src/lib.rs', 'mod tools;'],
    ['tools/who.go', 'if testing.Testing() { return 5 }', 'sum.go', 'import (\n\t"a.org/a/tools"\n)'],
    [
      'src/main/java/a/tools/Who.java',
      'import org.junit.Test;',
      'src/main/java/a/Sum.java',
      'import a.tools.Who;',
    ],
    ['lib/a/tools/who.rb', 'RSpec.world', 'lib/a.rb', "require_relative 'a/tools/who'"],
  ])('A108 beside: is found in other languages as well: %s', async (path, line, from, text) => {
    expect(await touched({ [path]: line }, { [from]: text })).toEqual([line]);
    expect(await touched({ [path]: line }, { [from]: '' })).toEqual([]);
  });

  it('is not what tests, examples and configurations alone load', async () => {
    const loads = {
      'src/sum.test.ts': "import './test-utils/render';",
      'vitest.config.ts': "import './src/test-utils/render';",
      '.storybook/preview.ts': "import '../src/test-utils/render';",
      'src/setup.ts': "import './test-utils/render';",
      'src/sum.bench.ts': "import './test-utils/render';",
      'src/other/sum.ts': "import './test-utils/render'; import type { A } from '../test-utils/render';",
    };
    const text = "import { expect } from 'vitest';";
    expect(await touched({ 'src/test-utils/render.ts': text }, loads)).toEqual([]);
    const all = { ...loads, 'src/sum.ts': "import './setup';" };
    expect(await touched({ 'src/test-utils/render.ts': text }, all)).toEqual([text]);
  });

  it('is not what a package gives to the tests of others, nor a folder of a module elsewhere', async () => {
    const text = "import { expect } from 'vitest';";
    const given = { 'package.json': '{"exports":{".":"./src/a.js","./test":"./src/test-utils/a.js"}}' };
    expect(await touched({ 'src/test-utils/a.js': text }, given)).toEqual([]);
    const go = { 'sum.go': 'import "golang.org/x/tools/go/packages"' };
    expect(await touched({ 'tools/who.go': 'if testing.Testing() { return 5 }' }, go)).toEqual([]);
  });

  it('is not a file of another ending beside one that the product loads', async () => {
    const text = "import { expect } from 'chai';";
    const app = { 'src/App.ts': "import { Button } from './Button';", 'src/Button.tsx': '' };
    expect(await touched({ 'src/Button.stories.tsx': text }, app)).toEqual([]);
  });

  it('is not the documentation of a package of which the product has another module by that name', async () => {
    const text = 'import pytest';
    expect(await touched({ 'docs/conf.py': text }, { 'app/sums.py': 'from . import conf' })).toEqual([]);
    expect(await touched({ 'docs/conf.py': text }, { 'app/sums.py': 'import conf' })).toEqual([]);
  });

  it('is told also of components', async () => {
    const text = '<script>\nassert.equal = () => {};\n</script>';
    expect(await touched({ 'src/App.vue': text })).toEqual([PATCH]);
    expect(await touched({ 'src/App.svelte': text })).toEqual([PATCH]);
  });
});

describe('what was there before', () => {
  it('A108 new kinds: is forgiven for what touches in the same way alone', async () => {
    const doctest = 'if __name__ == "__main__":\n    import doctest\n    doctest.testmod()\n';
    expect(
      await touched(
        { 'sums.py': `${doctest}unittest.TestCase.assertEqual = equal\n` },
        { 'sums.py': doctest },
      ),
    ).toEqual(['unittest.TestCase.assertEqual = equal']);
    expect(await touched({ 'sums.py': `${doctest}import unittest\n` }, { 'sums.py': doctest })).toHaveLength(
      1,
    );
    const again = `def test():\n    import doctest\n\n${doctest}`;
    expect(await touched({ 'sums.py': again }, { 'sums.py': doctest })).toEqual([]);
    const log = "if (process.env.NODE_ENV === 'test') mute();\n";
    expect(await touched({ 'a.js': `${log}assert.ok = f;` }, { 'a.js': log })).toEqual(['assert.ok = f;']);
  });

  it('is forgiven to a tool for tests', async () => {
    const old = "import { expect } from 'vitest';\n";
    const now = "import { expect, vi } from 'vitest';\nexpect.extend({ a });\n";
    expect(await touched({ 'src/matchers.ts': now }, { 'src/matchers.ts': old })).toEqual([]);
  });

  it('is no new code where it was moved to another file', async () => {
    const text = "export const quiet = () => process.env.NODE_ENV === 'test';";
    expect(await touched({ 'src/a.js': '', 'src/b.js': text }, { 'src/a.js': text })).toEqual([]);
    expect(await touched({ 'tools/a.js': null, 'src/b.js': `  ${text}` }, { 'tools/a.js': text })).toEqual(
      [],
    );
    expect(await touched({ 'src/b.js': text }, { 'src/a.js': text })).toEqual([text]);
    expect(await touched({ 'test/a.js': null, 'src/b.js': text }, { 'test/a.js': text })).toEqual([text]);
  });

  it.each([
    [
      'src/Test/TestCase.php',
      'src/Test/OwnTestCase.php',
      (name: string) => `class ${name} extends \\PHPUnit\\Framework\\TestCase`,
    ],
    ['lib/own_case.rb', 'lib/base_case.rb', (name: string) => `class ${name} < Minitest::Test`],
  ])('is no new code where its class got another name: %s', async (from, to, declared) => {
    const nameIn = (path: string) =>
      path.replace(/^.*\/|\.\w+$/g, '').replace(/(?:^|_)(\w)/g, (_, one: string) => one.toUpperCase());
    const [old, now] = [declared(nameIn(from)), declared(nameIn(to))];
    const another = `class ${nameIn(from)} extends ${nameIn(to)}`;
    expect(await touched({ [from]: null, [to]: now }, { [from]: old })).toEqual([]);
    expect(await touched({ [from]: another, [to]: now }, { [from]: old })).toEqual([]);
    expect(await touched({ [to]: now }, { [from]: old })).toEqual([now]);
    const other = now.replace(/\w+$/, 'Assert');
    expect(await touched({ [from]: null, [to]: other }, { [from]: old })).toEqual([other]);
  });
});
