import { describe, expect, it } from 'vitest';
import {
  definitionsIn,
  isDefinition,
  isDefinitionBeside,
  isDefinitionOfBase,
  summarisePaths,
} from '../../../src/factory/gates/pins/definitions.ts';
import { mergeManifest } from '../../../src/factory/gates/pins/manifest.ts';
import { mayChangeScript, permission, permissionTexts } from '../../../src/factory/gates/pins/permission.ts';
import { filesOfCommand } from '../../../src/factory/gates/pins/commands.ts';
import { namedFiles } from '../../../src/factory/gates/pins/named-files.ts';
import { saysTheSame } from '../../../src/factory/gates/pins/same-content.ts';
import { addTasks } from '../../../src/factory/tasks/list/add.ts';
import { addByOwner } from '../../../src/factory/tasks/list/owner.ts';
import type { TaskList } from '../../../src/factory/model/task.ts';
import { uuidFrom } from '../../../src/lib/ids.ts';
import { NOW, PROJECT_ID, sampleProject } from '../../support/samples.ts';

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

describe('mergeManifest of package.json', () => {
  const manifest = (scripts: Record<string, string>, rest: object = {}) =>
    JSON.stringify({ scripts, ...rest });
  const merge = (base: string, head: string | null) => {
    const merged = mergeManifest('package.json', base, head);
    return { changed: merged?.changed, now: JSON.parse(merged?.text ?? '{}') };
  };

  it('puts changed and removed scripts back, and keeps new ones with new names', () => {
    const base = manifest({ test: 'node --test', lint: 'eslint .' });
    expect(merge(base, manifest({ test: 'exit 0', build: 'tsc' }))).toEqual({
      changed: true,
      now: { scripts: { test: 'node --test', lint: 'eslint .', build: 'tsc' } },
    });
    expect(merge(base, manifest({ test: 'node --test', lint: 'eslint .', build: 'tsc' })).changed).toBe(
      false,
    );
  });

  it('drops a script that would run before an old one', () => {
    const base = manifest({ test: 'node --test' });
    expect(merge(base, manifest({ test: 'node --test', pretest: 'rm -r test' }))).toEqual({
      changed: true,
      now: { scripts: { test: 'node --test' } },
    });
  });

  it('drops a script that an install would run by itself, where it could change the packages of gates', () => {
    const base = manifest({ test: 'node --test' });
    for (const name of ['prepare', 'postinstall', 'preinstall', 'postprepare'])
      expect(merge(base, manifest({ test: 'node --test', [name]: 'cp lie node_modules/.bin/tool' }))).toEqual(
        {
          changed: true,
          now: { scripts: { test: 'node --test' } },
        },
      );
  });

  it('keeps dependencies of the agent, and tools as the base configures them', () => {
    const base = manifest({ test: 'jest' }, { jest: { bail: true } });
    expect(
      merge(base, manifest({ test: 'jest' }, { jest: { bail: true }, dependencies: { a: '1' } })).changed,
    ).toBe(false);
    const merged = merge(
      base,
      manifest({ test: 'jest' }, { jest: { testMatch: [] }, dependencies: { a: '1' } }),
    );
    expect(merged).toEqual({
      changed: true,
      now: { scripts: { test: 'jest' }, jest: { bail: true }, dependencies: { a: '1' } },
    });
  });

  it('lets packages come to the workspaces of the base, and none go', () => {
    const base = manifest({ test: 'npm test -ws' }, { workspaces: ['a'] });
    const with_ = (workspaces: unknown) => merge(base, manifest({ test: 'npm test -ws' }, { workspaces }));
    expect(with_(['a', 'b'])).toMatchObject({ changed: false, now: { workspaces: ['a', 'b'] } });
    for (const other of [['b'], ['a', '!a'], [], undefined, 'a'])
      expect(with_(other), JSON.stringify(other)).toMatchObject({
        changed: true,
        now: { workspaces: ['a'] },
      });
  });

  it('takes the whole base where the new text is broken or gone', () => {
    const base = manifest({ test: 'jest' });
    expect(merge(base, '{')).toEqual({ changed: true, now: JSON.parse(base) });
    expect(merge(base, null)).toEqual({ changed: true, now: JSON.parse(base) });
  });

  it('leaves a manifest that is new to the agent', () => {
    expect(mergeManifest('package.json', null, '{}')).toBeNull();
  });
});

describe('mergeManifest of TOML', () => {
  const base = '[project]\nname = "a"\n\n[tool.pytest.ini_options]\naddopts = "-q"\n';

  it('keeps the project of the agent and the tool sections of the base', () => {
    const head =
      '[project]\nname = "b"\n\n[tool.pytest.ini_options]\naddopts = "--co"\n\n[tool.ruff]\nexclude = ["*"]\n';
    const merged = mergeManifest('pyproject.toml', base, head);
    expect(merged).toEqual({
      changed: true,
      text: '[project]\nname = "b"\n\n[tool.pytest.ini_options]\naddopts = "-q"\n',
    });
  });

  it('sees no change in a new dependency', () => {
    const head = base.replace('name = "a"', 'name = "a"\ndependencies = ["x"]');
    expect(mergeManifest('pyproject.toml', base, head)).toEqual({ changed: false, text: head });
  });

  it('takes the whole base where a section could hide from it', () => {
    for (const head of [
      `${base}[ tool ]\npytest = { ini_options = { addopts = "--co" } }\n`,
      `tool.pytest.ini_options.addopts = "--co"\n${base}`,
      `${base}["tool"."pytest"]\nx = 1\n`,
    ])
      expect(mergeManifest('pyproject.toml', base, head), head).toEqual({ changed: true, text: base });
  });

  it('sees no change in other layout', () => {
    const head = base.replace('addopts = "-q"', '# quiet\naddopts="-q"');
    expect(mergeManifest('pyproject.toml', base, head)?.changed).toBe(false);
  });

  it('pins keys of Cargo.toml that take tests out, not members that come to it', () => {
    const cargo = '[package]\nname = "a"\n\n[workspace]\nmembers = ["b"]\n';
    const changed = (head: string) => mergeManifest('Cargo.toml', cargo, head)?.changed;
    expect(changed(cargo.replace('name', 'autotests = false\nname'))).toBe(true);
    expect(changed(`${cargo}exclude = ["b"]\n`)).toBe(true);
    expect(changed(`${cargo}\n[lib]\ntest = false\n`)).toBe(true);
    expect(changed(cargo.replace('["b"]', '[\n  "b",\n  "c",\n]'))).toBe(false);
  });

  it('pins how Maven and Gradle run tests, and leaves them dependencies', () => {
    const pom = '<project><version>1</version><dependencies></dependencies><build><a/></build></project>';
    const changed = (path: string, old: string, now: string) => mergeManifest(path, old, now)?.changed;
    expect(changed('pom.xml', pom, pom.replace('<dependencies>', '<dependencies><dependency/>'))).toBe(false);
    expect(changed('pom.xml', pom, pom.replace('<a/>', '<skip/>'))).toBe(true);
    const skip = '<properties><skipTests>true</skipTests></properties><build>';
    expect(changed('pom.xml', pom, pom.replace('<build>', skip))).toBe(true);
    const gradle =
      'plugins { id "java" }\ndependencies {\n  test { a "b" }\n}\ntest { useJUnitPlatform() }\n';
    expect(changed('build.gradle', gradle, gradle.replace('a "b"', 'a "b"\n  c "d"'))).toBe(false);
    expect(changed('build.gradle', gradle, gradle.replace('useJUnit', 'enabled = false\nuseJUnit'))).toBe(
      true,
    );
  });

  it('reads long strings as strings, and nothing that only looks like one', () => {
    const long = '[package]\nname = "a"\ndescription = """\n[test]\n"""\n';
    expect(mergeManifest('Cargo.toml', long, long.replace('"a"', '"b"'))?.changed).toBe(false);
    const hides = '# """\n[[test]]\nname = "t"\nharness = false\n# """\n';
    for (const head of [`${long}${hides}`, `${long}x = """\n${hides}`])
      expect(mergeManifest('Cargo.toml', long, head)?.changed, head).toBe(true);
  });

  it('pins what switches Rust tests off', () => {
    const cargo = '[package]\nname = "a"\n';
    expect(mergeManifest('Cargo.toml', cargo, `${cargo}[[test]]\nname = "t"\nharness = false\n`)).toEqual({
      changed: true,
      text: cargo,
    });
    expect(mergeManifest('Cargo.toml', cargo, `${cargo}[dependencies]\nb = "1"\n`)?.changed).toBe(false);
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

describe('the files that a gate’s commands name', () => {
  const files: Record<string, string> = {
    'package.json': JSON.stringify({
      main: 'index.js',
      scripts: {
        test: 'sh ./run-tests.sh && node src/cli.js',
        pretest: 'node --env-file-if-exists=.env.ci --import ./hooks.mjs verify.mjs',
        checks: 'node scripts/check.mjs --all; node --test test/all.test.js',
        start: 'node index.js server.js',
      },
    }),
    'run-tests.sh': '#!/bin/sh\n. ./common.sh\nnpx mocha -c settings.json @args\n',
    'common.sh': 'export A=1\n',
    'scripts/check.mjs': '',
    'scripts/other.mjs': '',
    'src/cli.js': '',
    'index.js': '',
    'server.js': '',
    'hooks.mjs': '',
    'verify.mjs': '',
    'settings.json': '',
    args: '',
    'test/all.test.js': '',
    Makefile:
      'include build.mk\ncheck: deps\n\t@python3 tool.py && pytest -p plugin\ndeps:\n\t./prepare\nserve:\n\tpython3 server.py\n',
    'build.mk': '',
    'tool.py': 'import subprocess\nsubprocess.check_call(["true"])\n',
    'plugin.py': '',
    prepare: 'sh more.sh\n',
    'more.sh': '',
    'server.py': '',
    'jest.config.js':
      "module.exports = { preset: './presets/base', setupFiles: ['<rootDir>/globals.js'] };\n",
    'presets/base.js': "module.exports = require('./more.cjs');\n",
    'presets/more.cjs': '',
    'globals.js': '',
    'tsconfig.json': '{ "extends": "./tsconfig-base", "include": ["index.ts"] }',
    'tsconfig-base.json': '',
  };
  const named = (commands: string[], added: string[] = []) =>
    namedFiles(commands, {
      base: new Set(Object.keys(files)),
      now: new Set([...Object.keys(files), ...added]),
      read: async (path) => files[path] ?? null,
    });

  it('are its programs, followed through scripts, targets and shells, and neither code of the product nor tests', async () => {
    expect([...(await named(['npm test'])).programs].sort()).toEqual([
      'common.sh',
      'run-tests.sh',
      'scripts/check.mjs',
      'verify.mjs',
    ]);
    expect([...(await named(['make check'])).programs].sort()).toEqual([
      'more.sh',
      'prepare',
      'run-tests.sh',
      'scripts/check.mjs',
      'tool.py',
      'verify.mjs',
    ]);
  });

  it('are no modules that test themselves', async () => {
    const own = { 'total.py': 'def add(a, b):\n    return a + b\n\n\nassert add(1, 2) == 3\n' };
    const { programs } = await namedFiles(['python3 total.py'], {
      base: new Set(Object.keys(own)),
      now: new Set(Object.keys(own)),
      read: async () => own['total.py'],
    });
    expect([...programs]).toEqual([]);
  });

  it('A96 are the settings that options name, also where the base commit has none', async () => {
    const { settings } = await named(['npm test'], ['.env.ci']);
    for (const path of ['.env.ci', 'hooks.mjs', 'settings.json', 'args'])
      expect([...settings]).toContain(path);
    expect([...(await named(['make check'])).settings]).toContain('plugin.py');
  });

  it('are what configurations extend, include and load first', async () => {
    const { settings } = await named(['npm test']);
    for (const path of [
      'build.mk',
      'presets/base.js',
      'presets/more.cjs',
      'globals.js',
      'tsconfig-base.json',
    ])
      expect([...settings]).toContain(path);
    for (const path of ['index.js', 'server.js']) expect([...settings]).not.toContain(path);
  });
});

describe('what a makefile includes and runs', () => {
  it('is found by patterns and through variables, also where the base commit has no such file', async () => {
    const makefile =
      '-include $(wildcard mk/*.mk) .settings config/$(HOST).conf\nRUN ?= node check.js\nverify:\n\t$(RUN)\n';
    const { settings, started } = await namedFiles(['make verify'], {
      base: new Set(['Makefile', 'check.js']),
      now: new Set(['Makefile', 'check.js', 'mk/local.mk', '.settings', 'config/a.conf', 'mk/notes.txt']),
      read: async (path) => (path === 'Makefile' ? makefile : ''),
    });
    expect([...settings].sort()).toEqual(['.settings', 'config/a.conf', 'mk/local.mk']);
    expect([...started]).toEqual(['check.js']);
  });
});

describe('a -p of other tools than pytest', () => {
  it('names packages of the work, no plugins', () => {
    expect(filesOfCommand('mypy -p shop; cargo test -p shop').settings).not.toContain('shop/__init__.py');
    expect(filesOfCommand('python3 -m pytest -q -p shop.plugin').settings).toContain('shop/plugin.py');
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
    ])
      expect(isDefinition(path), path).toBe(true);
    for (const path of ['.env.example', 'src/build.rs', 'src/env.js'])
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

describe('a version', () => {
  const lock = (version: string, wanted: string, resolved: string) =>
    JSON.stringify({
      name: 'a',
      version,
      lockfileVersion: 3,
      packages: {
        '': { name: 'a', version, devDependencies: { b: wanted } },
        'node_modules/b': { version: '1.0.0', resolved },
      },
    });

  it('of the package itself may go up in its lock file, and nothing that is installed', () => {
    const same = (now: string) => saysTheSame('package-lock.json', lock('1.0.0', '^1.0.0', 'b.tgz'), now);
    expect(same(lock('2.0.0', '^1.0.0', 'b.tgz'))).toBe(true);
    expect(same(lock('2.0.0', '^1.0.0', 'c.tgz'))).toBe(false);
    expect(same(lock('2.0.0', '*', 'b.tgz'))).toBe(false);
    expect(same('{')).toBe(false);
  });

  it('of a package may be set aside in the settings of pnpm, which say nothing else anew', () => {
    const pnpm = (settings: object) => JSON.stringify({ pnpm: settings });
    const changed = (old: string, now: string) => mergeManifest('package.json', old, now)?.changed;
    const built = { onlyBuiltDependencies: ['esbuild'], overrides: { a: '1' } };
    expect(changed('{}', pnpm(built))).toBe(false);
    expect(changed(pnpm({ ...built, scriptShell: 'sh' }), pnpm({ scriptShell: 'sh' }))).toBe(false);
    expect(changed('{}', pnpm({ ...built, scriptShell: '/bin/true' }))).toBe(true);
  });

  it('of the package manager may go up, while gates go on with the one that is there', () => {
    const pinned = (packageManager: string) => JSON.stringify({ packageManager });
    const base = pinned('pnpm@10.4.0');
    expect(mergeManifest('package.json', base, pinned('pnpm@10.6.1+sha512.ab'))).toEqual({
      text: base,
      changed: false,
    });
    expect(mergeManifest('package.json', base, pinned('yarn@10.4.0'))?.changed).toBe(true);
    expect(mergeManifest('package.json', base, '{}')?.changed).toBe(true);
    expect(mergeManifest('package.json', '{}', base)?.changed).toBe(true);
  });

  it('may go up beside lists that begin with quotes', () => {
    const pyproject = (version: string, args: string) => `[project]
version = "${version}"

[tool.tox.env_run_base]
commands = [
    ["python", "-m", ${args}], # [tool.pytest]
]
[tool.a]
b = { c = [
  [ "x" ] ] }
`;
    const base = pyproject('1', '"unittest"');
    expect(mergeManifest('pyproject.toml', base, pyproject('2', '"unittest"'))?.changed).toBe(false);
    expect(mergeManifest('pyproject.toml', base, pyproject('1', '"true"'))?.changed).toBe(true);
    expect(mergeManifest('pyproject.toml', base, `${base}["tool".pytest]\n`)?.changed).toBe(true);
  });
});

describe('a CI file', () => {
  const workflow = (change: (text: string) => string = (text) => text) =>
    change(`name: CI
on: [push]
jobs:
  test:
    runs-on: ubuntu-22.04
    strategy:
      matrix:
        node-version:
          - 18
          - '16'
        exclude: [{ node-version: 16 }]
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: { node-version: '\${{ matrix.node-version }}', cache: npm }
      - run: npm ci
      - run: npm test
        env: { LEVEL: 2 }
`);
  const says = (change: (text: string) => string) =>
    saysTheSame('.github/workflows/ci.yml', workflow(), workflow(change));

  it('says the same with other versions of languages, machines and actions, or another title', () => {
    expect(
      says((text) => text.replace("- 18\n          - '16'", '- 24\n          - lts/*\n          - 20')),
    ).toBe(true);
    expect(says((text) => text.replace('@v4', `@${'a'.repeat(40)} # v5.0.1`))).toBe(true);
    expect(says((text) => text.replace('22.04', 'latest').replace('CI', 'Tests'))).toBe(true);
    expect(
      saysTheSame('.travis.yml', 'node_js:\n  - 8\nscript: make\n', 'node_js: [12]\nscript: make\n'),
    ).toBe(true);
  });

  it.each([
    ['npm test', 'npm test || true'],
    ['- run: npm test', '- if: false\n        run: npm test'],
    ['- run: npm test', '- continue-on-error: true\n        run: npm test'],
    ['    steps:', '    continue-on-error: true\n    steps:'],
    ['on: [push]', 'on: [workflow_dispatch]'],
    ['actions/setup-node@v4', 'somebody/setup-node@v4'],
    ['actions/setup-node@v4', 'actions/setup-node@patch'],
    ['LEVEL: 2', 'LEVEL: 1'],
    ['[{ node-version: 16 }]', '[{ node-version: 16 }, { node-version: 18 }]'],
    ["- 18\n          - '16'", '[]'],
    ['      - run: npm ci\n', '      - run: npm ci\n      - run: rm -r test\n'],
  ])('says something else where what is run, or when, differs: %s', (one, other) => {
    expect(workflow()).toContain(one);
    expect(says((text) => text.replace(one, other))).toBe(false);
  });
});
