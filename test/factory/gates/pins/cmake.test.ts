import { describe, expect, it } from 'vitest';
import { isManifest } from '../../../../src/factory/gates/pins/definitions.ts';
import { mergeManifest } from '../../../../src/factory/gates/pins/manifest.ts';

describe('mergeManifest of CMake', () => {
  const BASE = `cmake_minimum_required(VERSION 3.20)
project(sum C)
add_library(sum src/sum.c)
option(WITH_TESTS "" ON)
if(WITH_TESTS)
  enable_testing()
  add_executable(test_sum tests/test_sum.c src/sum.c)
  add_test(NAME sum COMMAND test_sum)
  set(MORE one two)
  foreach(each IN LISTS MORE)
    add_unit_test(\${each} \${each}_test.c)
  endforeach()
  add_subdirectory(tests)
  add_custom_target(check COMMAND ctest) # all
endif()
`;
  const CHEATS: [string, string, string][] = [
    ['another command', 'COMMAND test_sum', `COMMAND \${CMAKE_COMMAND} -E true`],
    ['no such test', '  add_test(NAME sum COMMAND test_sum)\n', ''],
    ['never', 'if(WITH_TESTS)', 'if(FALSE)'],
    ['never, by another value', 'option(WITH_TESTS "" ON)', 'set(WITH_TESTS OFF)'],
    ['never, by a value more', 'if(WITH_TESTS)', 'set(WITH_TESTS OFF)\nif(WITH_TESTS)'],
    ['an early end', 'project(sum C)', 'project(sum C)\nreturn()'],
    ['disabled', 'endif()', '  set_tests_properties(sum PROPERTIES DISABLED ON)\nendif()'],
    [
      'what counts as passed',
      'endif()',
      '  set_property(TEST sum PROPERTY PASS_REGULAR_EXPRESSION .)\nendif()',
    ],
    ['the same test once more', 'endif()', '  ADD_TEST(sum true)\nendif()'],
    ['other sources', 'tests/test_sum.c', 'tests/fake.c'],
    ['a shorter list', 'set(MORE one two)', 'set(MORE one)'],
    ['a list that is cut', 'set(MORE one two)', 'set(MORE one two)\n  list(REMOVE_ITEM MORE two)'],
    ['a test that is left out', `\${each}_test.c)`, `\${each}_test.c DISABLED)`],
    ['another folder of tests', 'add_subdirectory(tests)', 'add_subdirectory(other)'],
    ['what a check runs', 'check COMMAND ctest', 'check COMMAND true'],
    ['a command of that name', 'project(sum C)', 'project(sum C)\nmacro(Add_Test)\nendmacro()'],
    [
      'a command that the base calls',
      'project(sum C)',
      'project(sum C)\nfunction(add_unit_test)\nendfunction()',
    ],
    ['no assertions', 'project(sum C)', 'project(sum C)\nadd_compile_definitions(NDEBUG)'],
    ['a build without them', 'project(sum C)', 'project(sum C)\nset(CMAKE_BUILD_TYPE Release)'],
    ['a header before each source', 'project(sum C)', 'project(sum C)\nadd_compile_options(-include fake.h)'],
  ];

  it.each(CHEATS)('A55 keeps tests as they were: %s', (_, from, to) => {
    expect(BASE).toContain(from);
    expect(isManifest('CMakeLists.txt')).toBe(true);
    expect(
      mergeManifest(
        'CMakeLists.txt',
        BASE,
        BASE.replace(from, () => to),
      ),
    ).toEqual({
      changed: true,
      text: BASE,
    });
  });

  it.each([
    ['a source', 'src/sum.c)\noption', 'src/sum.c src/more.c)\noption'],
    [
      'a source of the product beside a test',
      'tests/test_sum.c src/sum.c',
      'tests/test_sum.c src/sum.c src/more.c',
    ],
    [
      'a library in its place',
      'tests/test_sum.c src/sum.c)',
      'tests/test_sum.c)\n  target_link_libraries(test_sum sum)',
    ],
    [
      'a test',
      'endif()',
      '  add_executable(test_more tests/test_more.c)\n  add_test(NAME more COMMAND test_more)\nendif()',
    ],
    [
      'properties of a new test',
      'endif()',
      '  add_test(NAME more COMMAND more)\n  set_tests_properties(more PROPERTIES TIMEOUT 5)\nendif()',
    ],
    ['a test in a list', 'one two', 'one two three'],
    ['one more source of a test', `\${each}_test.c`, `\${each}_test.c helper.c`],
    ['a test for what checks all', 'endif()', '  add_dependencies(check test_more)\nendif()'],
    [
      'a function',
      'project(sum C)',
      `project(sum C)\nfunction(add_my_library name)\n  if(NOT name)\n    return()\n  endif()\n  add_library(\${name} \${ARGN})\nendfunction()`,
    ],
    ['assertions in every build', 'endif()', '  target_compile_options(test_sum PRIVATE -UNDEBUG)\nendif()'],
    ['a version and a language', 'project(sum C)', 'project(sum VERSION 2 LANGUAGES C CXX)'],
    ['a dependency', 'project(sum C)', 'project(sum C)\nfind_package(ZLIB REQUIRED)'],
    [
      'layout and comments',
      '  add_test(NAME sum COMMAND test_sum)',
      '  # adds\n  add_test(\n    NAME sum\n    COMMAND test_sum)',
    ],
  ])('leaves to work what is its own: %s', (_, from, to) => {
    expect(BASE).toContain(from);
    const head = BASE.replace(from, () => to);
    expect(mergeManifest('CMakeLists.txt', BASE, head)).toEqual({ changed: false, text: head });
  });

  it('lets go what holds no tests, and nothing else', () => {
    expect(mergeManifest('cmake/Find.cmake', 'find_library(A a)\n', null)).toBeNull();
    expect(mergeManifest('CMakeLists.txt', BASE, null)).toEqual({ changed: true, text: BASE });
  });

  it('reads in time what is written to take long', () => {
    for (const part of ['a(', 'if(a)\n', '"', '[=[', '\\', '#[['])
      mergeManifest('CMakeLists.txt', '', part.repeat(4_000));
  });
});
