import { describe, expect, it } from 'vitest';
import { findTouches, touchesIn } from '../../../../src/factory/gates/control/touches.ts';
import { sampleProject } from '../../../support/samples.ts';

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

describe('code that is compiled in place of a library of tests', () => {
  const touched = async (head: Record<string, string>, base: Record<string, string> = {}) => {
    const git = {
      changedFiles: async () => Object.keys(head),
      listFiles: async () => Object.keys(base),
      showFile: async (_: string, commit: string, path: string) =>
        (commit === 'base' ? base : { ...base, ...head })[path] ?? null,
    };
    const project = sampleProject({ baseCommit: 'base' });
    const words = { allowAll: false, owner: [], agents: [] };
    return (await findTouches(git, project, 'head', words)).map(({ line }) => line);
  };
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
