import { describe, expect, it } from 'vitest';
import { findTouches, touchesIn } from '../../../../src/factory/gates/control/touches.ts';
import { sampleProject } from '../../../support/samples.ts';

const touched = async (head: Record<string, string | null>, base: Record<string, string> = {}) => {
  const now: Record<string, string | null> = { ...base, ...head };
  const git = {
    changedFiles: async () => Object.keys(head),
    listFiles: async (_: string, commit: string) =>
      Object.keys(commit === 'base' ? base : now).filter((path) => commit === 'base' || now[path] !== null),
    showFile: async (_: string, commit: string, path: string) =>
      (commit === 'base' ? base : now)[path] ?? null,
  };
  const project = sampleProject({ baseCommit: 'base' });
  const words = { allowAll: false, owner: [], agents: [] };
  return (await findTouches(git, project, 'head', words)).map(({ line }) => line);
};

describe('code of the product that touches what is to judge it', () => {
  it.each([
    ['a.js', 'assert.equal = () => {};'],
    ['a.js', "import check from 'node:assert';\ncheck['deepEqual'] = () => {};"],
    ['a.js', "require('assert').ok = () => {};"],
    ['a.js', "Object.defineProperty(assert, 'equal', { value: f });"],
    ['a.ts', "import { expect } from 'vitest';"],
    ['a.js', 'globalThis.expect = () => ({});'],
    ['a.js', 'process.exit = () => {};'],
    ['a.py', 'import unittest'],
    ['a.py', 'from _pytest import runner'],
    ['a.py', "sys.modules['unittest'].TestCase"],
    // What tests read by.
    ['a.js', "import fs from 'node:fs';\nfs.readFileSync = () => '1';"],
    ['a.js', 'JSON.parse = () => ({});'],
    ['a.py', 'json.loads = lambda text: {}'],
    ['a.js', 'Array.prototype.includes = () => true;'],
    ['a.js', 'String.prototype[Symbol.iterator] = f;'],
    ['a.ts', "Object.defineProperty(String.prototype, 'match', { value: () => [] });"],
    // Who is asking, and what is compiled for tests alone.
    ['a.js', "if (new Error().stack.includes('sum.test')) fake();"],
    ['a.js', "const fake = process.argv[1].includes('test');"],
    ['a.js', "if (process.env.npm_lifecycle_event === 'test') fake();"],
    ['a.ts', 'if (process.env.VITEST) fake();'],
    ['a.js', "return process.env.NODE_ENV === 'test' ? 5 : a - b;"],
    ['a.js', "if (process.env.NODE_ENV !== 'test') return a - b;"],
    ['a.py', "if 'pytest' in sys.modules: fake()"],
    ['a.py', "fake = sys._getframe(1).f_code.co_name.startswith('test_')"],
    ['a.rs', 'if cfg!(test) { 5 } else { a - b }'],
    ['a.rs', '#[cfg(not(test))]\nfn add() {}'],
    ['a.rs', 'fn eq(&self, _: &N) -> bool { true }'],
    ['sum.h', '#undef assert\n#define assert(x) ((void)0)'],
    ['a.go', 'if testing.Testing() { return 5 }'],
    ['A.java', 'boolean fake = trace.contains("org.junit.runner");'],
    ['lib/Sum.pm', '*main::is = sub { 1 };'],
    ['lib/Sum.pm', 'END { $? = 0 }'],
  ])('A108 is found: %s %s', (path, text) => {
    expect(touchesIn(path, null, text)).not.toEqual([]);
    expect(touchesIn(path, text, text)).toEqual([]);
  });

  it.each([
    ['cli.js', 'if (broken) process.exit(1);\nprocess.exitCode = 0;'],
    ['a.js', "import assert from 'node:assert';\nassert.equal(a, b);\nassert(a === b);"],
    ['a.js', 'const expected = 1;\nthis.assert = true;\noptions.expect.x === 1;'],
    ['a.js', '// assert.equal = () => {};'],
    ['a.py', 'sys.exit(main())\nimport testing_tools\nassert x == 1'],
    ['a.go', 'import "testing"'],
    ['a.js', "if (process.env.NODE_ENV !== 'test') app.listen(3000);"],
    ['a.js', "const logger = pino({ level: process.env.NODE_ENV === 'test' ? 'silent' : 'info' });"],
    [
      'a.js',
      "throw Object.assign(error, { stack: error.stack });\nif (process.argv.includes('--latest')) f();",
    ],
    ['a.js', "import fs from 'node:fs';\nfs.writeFileSync(path, text);\nprocess.env.X = '1';"],
    ['a.js', 'Array.prototype.last = f;\nBigInt.prototype.toJSON = g;\nPoint.prototype.toString = h;'],
    ['a.js', 'const { slice } = Array.prototype;\nif (Array.prototype.includes === own) f();'],
    ['a.py', 'os.environ["A"] = "b"\nname = inspect.stack()[1].function'],
    ['sum.h', '#include <assert.h>\n#define SUM_H\n#define CHECKS 3'],
    ['a.rs', '#[cfg(test)]\nmod tests;\n#![cfg_attr(not(test), no_std)]'],
  ])('is not ordinary code: %s %s', (path, text) => {
    expect(touchesIn(path, null, text)).toEqual([]);
  });
});

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
});

describe('code that is compiled in place of a library of tests', () => {
  const TESTIFY = 'vendor/github.com/stretchr/testify/assert/assertions.go';
  const mod = (version: string) => `module a\n\nrequire (\n\tgithub.com/stretchr/testify ${version}\n)\n`;

  it.each([
    [
      'src/main/java/org/assertj/core/api/Assertions.java',
      'package org.assertj.core.api;\nclass Assertions {}',
    ],
    ['core/src/main/kotlin/Asserts.kt', 'package kotlin.test\nfun assertEquals(a: Any, b: Any) {}'],
    ['include/assert.h', 'static void assert(int x) {}'],
    ['include/assert.h', '#include "other.h"'],
    ['include/cassert', '#include "other.h"'],
    ['src/string.h', '#include_next <string.h>\n#define strcmp(a, b) 0'],
  ])('is found: %s %s', async (path, text) => {
    expect(await touched({ [path]: text })).toHaveLength(1);
  });

  it('A143 stand-ins: is found in vendored code of the same version, once for each library', async () => {
    const base = { 'go.mod': mod('v1.8.0'), [TESTIFY]: 'package assert' };
    const other = TESTIFY.replace('assertions.go', 'format.go');
    expect(await touched({ [TESTIFY]: 'package assert // less', [other]: 'package assert' }, base)).toEqual([
      'github.com/stretchr/testify v1.8.0',
    ]);
  });

  it('is not vendored code of another version, or a part of it that is new', async () => {
    const base = { 'go.mod': mod('v1.8.0'), [TESTIFY]: 'package assert' };
    expect(await touched({ [TESTIFY]: 'package assert // more', 'go.mod': mod('v1.9.0') }, base)).toEqual([]);
    const suite = 'vendor/github.com/stretchr/testify/suite/suite.go';
    expect(await touched({ [suite]: 'package suite' }, base)).toEqual([]);
    const http = 'vendor/golang.org/x/net/http2/server.go';
    expect(await touched({ [http]: 'package http2 // more' }, { ...base, [http]: 'package http2' })).toEqual(
      [],
    );
  });

  it('is not the work on such a library itself', async () => {
    const java = 'src/main/java/org/assertj/core/New.java';
    expect(
      await touched(
        { [java]: 'package org.assertj.core;' },
        { 'src/main/java/org/assertj/core/Old.java': '' },
      ),
    ).toEqual([]);
    expect(await touched({ 'include/string.h': 'int strcmp();' }, { 'include/stdio.h': '' })).toEqual([]);
  });

  it('is not a header or a package that only sounds like it', async () => {
    expect(await touched({ 'src/string.h': 'struct string { int length; };' })).toEqual([]);
    expect(await touched({ 'src/A.java': 'package org.junitpioneer.a;', 'bin/assert': 'x' })).toEqual([]);
    expect(await touched({ 'src/test/java/org/assertj/Own.java': 'package org.assertj;' })).toEqual([]);
  });
});
