import { describe, expect, it } from 'vitest';
import { withNamedSources } from '../../../../src/factory/gates/proof/still-named.ts';
import { sampleProject } from '../../../support/samples.ts';
import { gitOver } from './two-commits.ts';

describe('new sources of tests that are taken away', () => {
  const stand = async (base: Record<string, string>, change: Record<string, string>) => {
    const head = { ...base, ...change };
    const taken = Object.keys(change).filter((path) => base[path] === undefined);
    const project = sampleProject({ baseCommit: 'base' });
    const content = { commit: 'head', texts: { 'kept.txt': 'kept' } };
    const { texts } = await withNamedSources(gitOver(base, head), project, content, taken);
    expect(texts).toMatchObject({ 'kept.txt': 'kept' });
    const { 'kept.txt': _kept, ...stubs } = texts ?? {};
    return stubs;
  };
  const unit = '#[test]\nfn adds() { assert_eq!(super::add(2, 3), 5); }\n';
  const build = (names: string[]) =>
    names.map((name) => `add_executable(${name} tests/${name}.c)\nadd_test(${name} ${name})\n`).join('');

  it.each([
    ['src/sum.rs', 'mod tests;', 'src/sum/tests.rs'],
    ['src/sum.rs', 'mod tests;', 'src/sum/tests/mod.rs'],
    ['src/lib.rs', 'mod sum_test;', 'src/sum_test.rs'],
    ['src/sum.rs', '#[path = "sum_tests.rs"]\nmod tests;', 'src/sum_tests.rs'],
  ])('are empty where %s names them for the first time: %s', async (from, named, path) => {
    const base = { [from]: 'pub fn add() {}\n' };
    expect(await stand(base, { [from]: `pub fn add() {}\n#[cfg(test)]\n${named}\n`, [path]: unit })).toEqual({
      [path]: '',
    });
  });

  it('are empty, or programs that do nothing, where a build is made of them', async () => {
    const base = { 'CMakeLists.txt': build(['test_add']), 'tests/test_add.c': 'int main() {}' };
    const change = {
      'CMakeLists.txt': `${build(['test_add', 'test_mul'])}target_sources(test_add tests/test_div.c)\n`,
      'tests/test_mul.c': 'int main(void) { return mul(2, 3) != 6; }',
      'tests/test_div.c': 'void divides(void) {}',
    };
    expect(await stand(base, change)).toEqual({
      'tests/test_mul.c': 'int main(void) { return 0; }\n',
      'tests/test_div.c': '',
    });
    const folder = { 'CMakeLists.txt': 'add_subdirectory(tests)\n', 'tests/CMakeLists.txt': 'bad()' };
    expect(await stand({ 'CMakeLists.txt': '' }, folder)).toEqual({ 'tests/CMakeLists.txt': '' });
  });

  it('A107 do not stand in the place of an old one, whose test would pass by doing nothing', async () => {
    const base = { 'CMakeLists.txt': build(['test_add']), 'tests/test_add.c': 'int main() {}' };
    for (const now of [
      build(['test_add']).replace('tests/test_add.c', 'tests/test_sum.c'),
      `# ${build(['test_add'])}add_executable(test_add tests/test_sum.c)\n`,
      `#[[\n${build(['test_add'])}]]\nadd_executable(test_add tests/test_sum.c)\n`,
      `if(FALSE)\n${build(['test_add'])}endif()\nadd_executable(test_add tests/test_sum.c)\n`,
      `${build(['test_add', 'test_sum'])}set_tests_properties(test_add PROPERTIES DISABLED TRUE)\n`,
    ])
      expect(await stand(base, { 'CMakeLists.txt': now, 'tests/test_sum.c': 'int main() {}' })).toEqual({});
    const moved = { 'src/sum.rs': 'mod tests;\n', 'src/sum/tests.rs': unit };
    const module = { 'src/sum.rs': 'mod tests;', 'src/sum/tests/mod.rs': unit };
    expect(await stand(module, moved)).toEqual({});
  });

  it('A107 are taken away whoever names them where a runner loads them unasked', async () => {
    const loaded = {
      'tests/conftest.py': 'import sum\nsum.add = lambda *a: 5\n',
      'test/__mocks__/sum.js': 'export const add = () => 5;',
      'test/setup.js': 'globalThis.add = () => 5;',
      'sum/add_test.go': 'package sum\nfunc init() { Add = fake }\n',
    };
    const names = Object.keys(loaded).join('\n');
    const base = { 'src/sum.py': '', 'src/lib.rs': '', 'CMakeLists.txt': '' };
    const naming = Object.fromEntries(Object.keys(base).map((path) => [path, names]));
    expect(await stand(base, { ...naming, ...loaded })).toEqual({});
  });

  it('are taken away where nothing but other tests names them', async () => {
    const base = { 'src/sum.rs': '', 'tests/all.rs': '' };
    expect(await stand(base, { 'tests/all.rs': 'mod tests_of;\n', 'tests/tests_of.rs': unit })).toEqual({});
  });
});
