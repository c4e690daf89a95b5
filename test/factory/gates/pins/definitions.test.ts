import { describe, expect, it } from 'vitest';
import {
  definitionsIn,
  isDefinition,
  isDefinitionBeside,
  isDefinitionOfBase,
  summarisePaths,
} from '../../../../src/factory/gates/pins/definitions.ts';
import { mergeManifest } from '../../../../src/factory/gates/pins/manifest.ts';
import {
  mayChangeScript,
  permission,
  permissionTexts,
} from '../../../../src/factory/gates/pins/permission.ts';
import { saysTheSame } from '../../../../src/factory/gates/pins/same-content.ts';
import type { TaskList } from '../../../../src/factory/model/task.ts';
import { addTasks } from '../../../../src/factory/tasks/list/add.ts';
import { addByOwner } from '../../../../src/factory/tasks/list/owner.ts';
import { uuidFrom } from '../../../../src/lib/ids.ts';
import { NOW, PROJECT_ID, sampleProject } from '../../../support/samples.ts';

describe('gate definitions', () => {
  it('are test, lint and format configuration, CI files, lock files and .npmrc, wherever they lie', () => {
    const definitions = [
      '.npmrc',
      'pkg/vitest.config.ts',
      '.github/workflows/ci.yml',
      'conftest.py',
      'biome.json',
      'Makefile',
      'package-lock.json',
      '.cargo/config.toml',
    ];
    expect(definitionsIn([...definitions, 'src/index.ts', 'README.md', 'node_modules/a/.npmrc'])).toEqual(
      definitions,
    );
  });

  it('include planted packages and modules that stand in for a tool', () => {
    for (const path of ['node_modules/.bin/vitest', 'a/.venv/bin/pytest', 'pytest.py', '_pytest/main.py'])
      expect(isDefinition(path), path).toBe(true);
    expect(isDefinition('tests/pytest_helpers.py')).toBe(false);
  });

  it('a first lock file or Makefile is ordinary work, a changed one is not', () => {
    for (const path of ['Makefile', 'Cargo.lock', 'tsconfig.json']) {
      expect(isDefinition(path), path).toBe(false);
      expect(isDefinitionOfBase(path), path).toBe(true);
    }
  });

  it('name a folder of packages in place of its files', () => {
    expect(
      summarisePaths(['node_modules/a/b.js', 'x/node_modules/c.js', 'node_modules/d.js', '.npmrc']),
    ).toEqual(['.npmrc', 'node_modules/', 'x/node_modules/']);
  });
});

describe('permission', () => {
  const words = {
    allowAll: false,
    owner: ['Fix the test script in package.json.'],
    agents: ['Edit web/.npmrc'],
  };

  it('comes from the owner’s words before the agent’s, by path or by name', () => {
    expect(permission(words, 'package.json')).toBe('owner');
    expect(permission(words, 'web/.npmrc')).toBe('task');
    expect(permission(words, 'biome.json')).toBeNull();
    expect(permission({ ...words, allowAll: true }, 'biome.json')).toBe('owner');
  });

  it('is given by a task that the owner wrote, and only shown for one that an agent wrote itself', () => {
    const empty: TaskList = { schemaVersion: 1, version: 1, projectId: PROJECT_ID, tasks: [] };
    const owners = addByOwner(
      empty,
      { title: 'Move to biome.json', persona: 'engineer' },
      { now: NOW, id: uuidFrom('a') },
    );
    if (!owners.ok) throw new Error(owners.problem);
    const both = addTasks(owners.value.list, [{ title: 'Set test in web/package.json to exit 0' }], {
      now: NOW,
      ids: [uuidFrom('b')],
      persona: 'engineer',
      addedBy: 'engineer',
    });
    if (!both.ok) throw new Error(both.problem);
    const said = permissionTexts(sampleProject({ description: 'Add a flag.' }), both.value);
    expect(permission(said, 'biome.json')).toBe('owner');
    expect(permission(said, 'web/package.json')).toBe('task');
  });

  it('is not given by a longer name', () => {
    expect(
      permission({ ...words, owner: ['see my-package.json and package.jsonc'] }, 'package.json'),
    ).toBeNull();
  });
});

describe('a lock file', () => {
  const said = (text: string) => permission({ allowAll: false, owner: [text], agents: [] }, 'pnpm-lock.yaml');

  it.each([
    'chore(deps): update all non-major dependencies',
    'Remove `p-try` dependency',
    'Add the left-pad dependency.',
    'Upgrade deps',
  ])('may change where the owner asks for other packages: %s', (text) => {
    expect(said(text)).toBe('owner');
  });

  it.each([
    'Add no dependency',
    'Fix the bug that the last update of dependencies brought',
    'Do not change dependencies',
    'Add a flag',
  ])('may not where the owner does not: %s', (text) => {
    expect(said(text)).toBeNull();
  });

  it('may not for a task of the agent’s own', () => {
    const words = { allowAll: false, owner: ['Add a flag.'], agents: ['Update dependencies'] };
    expect(permission(words, 'pnpm-lock.yaml')).toBeNull();
    expect(permission({ ...words, owner: ['Update dependencies'] }, 'package.json')).toBeNull();
  });
});

describe('a script of package.json that the owner’s words name', () => {
  const base = JSON.stringify({ scripts: { test: 'mocha', 'test:all': 'mocha' } });
  const isAllowed = (said: string, scripts: Record<string, string>) => {
    const words = { allowAll: false, owner: [said], agents: ['Add pretest, change test:all'] };
    const head = JSON.stringify({ scripts: { test: 'mocha', 'test:all': 'mocha', ...scripts } });
    const may = (script: string, fresh: boolean) => mayChangeScript(words, script, fresh);
    return mergeManifest('package.json', base, head, may)?.changed === false;
  };

  it('may be added or changed, where they ask for it', () => {
    expect(isAllowed('chore: add "pretest" for CI', { pretest: 'tsc' })).toBe(true);
    expect(isAllowed('Update `test:all` to run the slow ones, too.', { 'test:all': 'mocha --all' })).toBe(
      true,
    );
  });

  it.each([
    ['Fix what makes pretest fail', { 'test:all': 'true' }],
    ['Make pretest pass', { pretest: 'true' }],
    ['Add a pretest step', { pretest: 'tsc', test: 'true' }],
    ['Add test:all', { 'test:all': 'true' }],
    ['Update the test', { test: 'true' }],
    ['Do not add a pretest', { pretest: 'true' }],
    ['Speed the start up', { pretest: 'true' }],
  ])('stays as it is where they do not: %s', (said, scripts) => {
    expect(isAllowed(said, scripts)).toBe(false);
  });
});

describe('a definition that is new', () => {
  const base = new Set(['Makefile', 'web/package-lock.json', 'src/a.js']);

  it('counts where it is read in place of one that is there', () => {
    for (const path of ['GNUmakefile', 'makefile', 'web/yarn.lock'])
      expect(isDefinitionBeside(path, base), path).toBe(true);
    for (const path of ['web/Makefile', 'yarn.lock', 'tsconfig.json'])
      expect(isDefinitionBeside(path, base), path).toBe(false);
  });

  it('counts wherever its tool looks for it unasked', () => {
    for (const path of [
      '.env',
      '.env.test',
      '.mocharc.json',
      '.mvn/jvm.config',
      '.rspec',
      'go.work',
      'build.rs',
      'src/setupTests.ts',
      'web/src/setupTests.js',
      'x-1.dist-info/entry_points.txt',
      'src/x.egg-info/PKG-INFO',
    ])
      expect(isDefinition(path), path).toBe(true);
    for (const path of [
      '.env.example',
      'src/build.rs',
      'src/env.js',
      'src/setupTests.md',
      'tests/a/x-1.dist-info/METADATA',
    ])
      expect(isDefinition(path), path).toBe(false);
  });
});

describe('a definition that is only laid out anew', () => {
  it.each([
    [
      'conftest.py',
      'import os\nimport a\n\ndef f(a,b):\n  return [a,\n    b]\n',
      '# why\nimport a\nimport os\n\n\ndef f(\n    a,\n    b,\n):\n    return [a, b]\n',
    ],
    ['conftest.py', "x = 'a'\nfrom m import (b, a)\n", 'x = "a"\nfrom m import a, b\n'],
    [
      '.pre-commit-config.yaml',
      'repos:\n- repo: a\n  rev: v1\n',
      '# hooks\nrepos:\n  - repo: "a"\n    rev: v1\n',
    ],
    ['biome.json', '{"a":[1,2]}', '{\n  // all\n  "a": [\n    1,\n    2,\n  ],\n}\n'],
    ['ruff.toml', 'select=["A","B"]\n', '# rules\nselect = [\n  "A",\n  "B",\n]\n'],
    ['setup.cfg', '[metadata]\nversion = 1\n[flake8]\na = b\n', '[metadata]\nversion = 2\n[flake8]\na = b\n'],
    ['pytest.ini', '[pytest]\naddopts=-q\n', '[pytest]\n# quiet\naddopts = -q\n'],
    ['pnpm-workspace.yaml', 'packages:\n  - a\n', 'packages:\n  - a\n  - b\ncatalog:\n  x: 1.0.0\n'],
    ['phpunit.xml', '<a><b c="1"/></a>', '<a>\n  <!-- c -->\n  <b c="1" />\n</a>\n'],
    [
      'vitest.config.ts',
      "export default {\n  a: '1',\n};\n",
      "// tests\nexport default {\n    a: '1',\n};\n",
    ],
  ])('is no other one: %s', (path, old, now) => {
    expect(saysTheSame(path, old, now)).toBe(true);
  });

  it('of an installed package is another one only where it says what others load', () => {
    const says = (name: string, text: string) => saysTheSame(`x-1.dist-info/${name}`, null, text);
    expect(says('entry_points.txt', '[pytest11]\nx = x\n')).toBe(false);
    expect(says('entry_points.txt', '[console_scripts]\nx = x:main\n')).toBe(true);
    expect(says('METADATA', 'Name: x\n')).toBe(true);
  });

  it.each([
    [
      'conftest.py',
      'def f():\n    if a:\n        b()\n    c()\n',
      'def f():\n    if a:\n        b()\n        c()\n',
    ],
    ['conftest.py', 'x = (1,)\n', 'x = (1)\n'],
    ['conftest.py', 'collect_ignore = []\n', 'collect_ignore = ["test_a.py"]\n'],
    ['conftest.py', 'x = "a # b"\n', 'x = "a # c"\n'],
    ['conftest.py', 'x = 1\n', 'x = 1  # type: ignore\n'],
    ['.pre-commit-config.yaml', 'repos:\n- repo: a\n', 'repos:\n- repo: b\n'],
    ['ruff.toml', 'a = "x y"\n', 'a = "xy"\n'],
    ['pytest.ini', '[pytest]\naddopts = -q\n', '[pytest]\naddopts = -q --co\n'],
    ['vitest.config.ts', 'a = "//x"', 'a = "//y"'],
    ['pnpm-workspace.yaml', 'packages:\n  - a\n  - b\n', 'packages:\n  - a\n'],
    ['pnpm-workspace.yaml', 'packages:\n  - a\n', 'packages:\n  - a\nscriptShell: /bin/true\n'],
    ['setup.cfg', '[metadata]\na = b\n[tool:pytest]\nc = d\n', '[metadata]\na = b\n[tool:pytest]\nc = e\n'],
    ['unknown.conf', 'a', 'a '],
  ])('is another one where it says something else: %s', (path, old, now) => {
    expect(saysTheSame(path, old, now)).toBe(false);
  });
});

describe('a definition that cannot be read', () => {
  const nested = (times: number) => `${'['.repeat(times)}${']'.repeat(times)}`;

  it.each([
    ['a glob without quotes', '.github/workflows/ci.yml', 'on:\n  push:\n    paths: [ *.md ]\n'],
    ['one in a list', '.mocharc.yml', 'spec:\n- *.spec.js\n'],
    ['one among members', 'pnpm-workspace.yaml', 'packages: [ *.js ]\n'],
    ['one in a file that might be JSON', '.eslintrc', 'files: [ *.js ]\n'],
    ['a name for itself', '.gitlab-ci.yml', 'a: &a [*a]\n'],
    ['a name used very often', '.gitlab-ci.yml', `a: &a {b: c}\nd:\n${'- *a\n'.repeat(200)}`],
  ])(
    'A195 unreadable-definition: %s is another one as soon as it changes, and ends nothing',
    (_what, path, text) => {
      expect(saysTheSame(path, text, `${text}# why\n`)).toBe(false);
      expect(saysTheSame(path, text, text)).toBe(true);
    },
  );

  it.each([
    ['.gitlab-ci.yml', `a: ${nested(3000)}\n`],
    ['.mocharc.yml', `${'- '.repeat(3000)}a\n`],
    ['biome.json', nested(20_000)],
    ['tsconfig.json', `{"a":${nested(20_000)}}`],
    ['package-lock.json', `{"packages":${nested(20_000)}}`],
    ['eslint-suppressions.json', nested(20_000)],
  ])('A195 unreadable-definition: one that is nested without end is not walked through: %s', (path, text) => {
    expect(saysTheSame(path, text, ` ${text}`)).toBe(false);
  });

  it('does not keep others from being read: names for parts, brackets in words, and globs in quotes', () => {
    const text = `a: &a {b: "[${'['.repeat(300)}"}\nc: [*a, *a]\npaths: ['*.md']\n`;
    expect(saysTheSame('.gitlab-ci.yml', text, `# why\n${text}`)).toBe(true);
    const json = JSON.stringify({ a: '['.repeat(300), b: [[{}]] });
    expect(saysTheSame('biome.json', json, `${json}\n`)).toBe(true);
  });
});
