import { describe, expect, it } from 'vitest';
import { touchesIn } from '../../../../src/factory/gates/control/touches.ts';
import { touched } from './touched.ts';

describe('what sounds like a library of tests', () => {
  it.each([
    ['a.ts', "import type { Plugin } from 'vitest';"],
    [
      'a.ts',
      "import type {\n  Config,\n  Global,\n} from '@jest/types';\nexport type { Mock } from 'vitest';",
    ],
    ['a.js', "import Worker from 'jest-worker';\nimport { diff } from 'jest-diff';"],
    ['a.js', "const { validate } = require('jest-validate');"],
    ['a.rs', 'let fast = cfg!(feature = "test-util");'],
    ['a.rs', 'if cfg!(all(unix, feature = "test")) { f() }'],
  ])('is none: %s %s', (path, text) => {
    expect(touchesIn(path, null, text)).toEqual([]);
  });

  it.each([
    ['a.ts', "import type, { vi } from 'vitest';"],
    ['a.ts', "import type , { vi } from 'vitest';"],
    ['a.ts', "import type /* a */, { vi } from 'vitest';"],
    ['a.ts', "import type from 'vitest';"],
    ['a.ts', "import type { A } from 'a';\nimport { vi } from 'vitest';"],
    ['a.ts', "import type A from 'a'; import { vi } from 'vitest';"],
    ['a.ts', "// import type A\nimport { vi } from 'vitest'"],
    ['a.ts', "export type A = B\nexport { vi } from 'vitest'"],
    ['a.js', "import { jest } from '@jest/globals';"],
    ['a.js', "const env = require('jest-environment-node');"],
    ['a.js', "import 'jest-extended';"],
    ['a.js', "import mock from 'jest-mock';"],
    ['a.rs', 'if cfg!(all(feature = "fast", test)) { f() }'],
    ['a.rs', 'if cfg!(any(test, feature = "test-util")) { f() }'],
  ])('A108 is one: %s %s', (path, text) => {
    expect(touchesIn(path, null, text)).not.toEqual([]);
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

  const HEADER = '#include <stddef.h>\nint strcmp(const char *, const char *);';

  it.each([
    ['string.h', {}],
    ['lib/include/string.h', {}],
    ['src/util/string.h', { Makefile: 'CFLAGS = -O2 -I src/util -Iinclude\n' }],
    ['src/util/string.h', { 'src/Makefile': 'test:\n\tcc -I$(srcdir)/util a.c\n' }],
    ['src/util/assert.h', { 'test/Makefile': 'CFLAGS += -I../src/util\n' }],
    ['lib/string.h', { 'lib/test/Makefile': 'CFLAGS += -I..\n' }],
    ['lib/string.h', { 'package.json': '{"scripts":{"test":"cc -Ilib t.c && ./a.out"}}' }],
    [
      'lib/strings.h',
      { 'CMakeLists.txt': 'target_include_directories(a\n  PUBLIC include\n  PRIVATE lib)\n' },
    ],
    ['lib/a/string.h', { 'lib/a/CMakeLists.txt': `include_directories(\${CMAKE_CURRENT_SOURCE_DIR})\n` }],
    ['lib/a/string.h', { 'lib/a/CMakeLists.txt': 'target_include_directories(a PUBLIC .)\n' }],
    ['lib/a/string.h', { 'CMakeLists.txt': `include_directories("\${PROJECT_SOURCE_DIR}/lib/a")\n` }],
    ['lib/string.h', { 'meson.build': "inc = include_directories('lib')\n" }],
    ['lib/string.h', { 'binding.gyp': '{"include_dirs": ["<(a)", "lib"]}' }],
    ['lib/string.h', { 'build.rs': 'cc::Build::new().include("lib").file("a.c");' }],
  ])('A143 stand-ins: is found where headers are looked for: %s %j', async (path, build) => {
    expect(await touched({ [path]: HEADER }, build)).toHaveLength(1);
  });

  it.each([
    ['src/util/string.h', {}],
    ['include/foo/string.h', {}],
    ['include/foo/assert.h', { Makefile: 'CFLAGS = -Iinclude -Isrc\n' }],
    ['src/util/string.h', { 'CMakeLists.txt': 'include_directories(src)\nadd_subdirectory(src/util)\n' }],
    ['src/util/strings.h', { 'src/util/CMakeLists.txt': 'target_include_directories(u PUBLIC ..)\n' }],
    ['lib/util/string.h', { 'meson.build': "inc = include_directories('lib')\nsubdir('lib/util')\n" }],
    ['lib/util/string.h', { 'lib/BUILD': 'cc_library(includes = ["."], hdrs = ["util/string.h"])\n' }],
  ])('is not a header that is named with its folder: %s %j', async (path, build) => {
    expect(await touched({ [path]: HEADER }, build)).toEqual([]);
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
