import { describe, expect, it } from 'vitest';
import { findEcosystem } from '../../../../src/factory/gates/ecosystems/ecosystem.ts';
import { findNotInstalled } from '../../../../src/factory/gates/ecosystems/not-installed.ts';
import { filesAsTree } from './files-as-tree.ts';

const python = (module: string) => `E   ModuleNotFoundError: No module named '${module}'\n`;
const find = (files: Record<string, string>, output: string) => findNotInstalled(filesAsTree(files), output);

describe('a package that is declared and not installed', () => {
  it.each([
    ['test_requirements.txt', 'flakes==0.6\n', 'flakes.cold'],
    ['requirements/dev.txt', '# tools\nPyFlakes >= 1 ; python_version > "3"\n', 'flakes'],
    ['pyproject.toml', '[project]\ndependencies = ["python-flakes[all]>=1"]\n', 'flakes'],
    ['tox.ini', '[testenv]\ndeps =\n    flakes\n', 'flakes'],
  ])('of Python is found in %s', async (source, text, module) => {
    expect(await find({ [source]: text }, python(module))).toEqual([{ module: 'flakes', source }]);
  });

  it('of Node is found by its name', async () => {
    const files = { 'package.json': JSON.stringify({ name: 'own', devDependencies: { '@a/flakes': '1' } }) };
    const said = (name: string) =>
      `Error [ERR_MODULE_NOT_FOUND]: Cannot find package '${name}' imported from /w/a.js`;
    expect(await find(files, said('@a/flakes'))).toEqual([{ module: '@a/flakes', source: 'package.json' }]);
    expect(await find(files, said('own'))).toEqual([]);
    expect(await find(files, "Error: Cannot find module '../own'")).toEqual([]);
  });

  it('is none that the repository holds itself or nobody declares: to write it may be the task', async () => {
    const declared = { 'requirements.txt': 'flakes\nsnowflakes-more\n' };
    expect(await find({ ...declared, 'src/flakes/__init__.py': '' }, python('flakes'))).toEqual([]);
    expect(await find(declared, python('snowflakes'))).toEqual([]);
    expect(await find(declared, "print: No module named 'flakes'")).toEqual([]);
  });

  it('is looked for by the set-up in lists of requirements by all their usual names', async () => {
    for (const path of ['test_requirements.txt', 'dev_requirements.txt', 'tests/requirements.txt']) {
      const { setup } = await findEcosystem(filesAsTree({ 'setup.py': '', [path]: 'flakes\n' }));
      expect(setup?.command, path).toContain(`--requirement ${path}`);
    }
  });
});
