import { describe, expect, it } from 'vitest';
import {
  definitionsIn,
  isDefinition,
  isDefinitionOfBase,
  summarisePaths,
} from '../../src/factory/gates/definitions.ts';
import { mergeManifest } from '../../src/factory/gates/manifest.ts';
import { permission, wordsIn } from '../../src/factory/gates/permission.ts';
import { toolsIn } from '../../src/factory/gates/pins.ts';
import { addTasks } from '../../src/factory/tasks/add.ts';
import { addByOwner } from '../../src/factory/tasks/owner.ts';
import type { TaskList } from '../../src/factory/tasks/task.ts';
import { uuidFrom } from '../../src/lib/ids.ts';
import { NOW, PROJECT_ID, sampleProject } from '../support/samples.ts';

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
    owner: ['Mend the test script in package.json.'],
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
    const said = wordsIn(sampleProject({ description: 'Add a flag.' }), both.value);
    expect(permission(said, 'biome.json')).toBe('owner');
    expect(permission(said, 'web/package.json')).toBe('task');
  });

  it('is not given by a longer name', () => {
    expect(
      permission({ ...words, owner: ['see my-package.json and package.jsonc'] }, 'package.json'),
    ).toBeNull();
  });
});

describe('toolsIn', () => {
  const base = new Set([
    'run-tests.sh',
    'scripts/check.mjs',
    'src/cli.js',
    'test/all.test.js',
    'scripts/other.mjs',
  ]);

  it('finds the programs of the repository that a gate starts, and neither its code nor its tests', () => {
    const commands = [
      'sh ./run-tests.sh && node src/cli.js',
      'node scripts/check.mjs --all; node --test test/all.test.js',
    ];
    expect([...toolsIn(commands, base)]).toEqual(['run-tests.sh', 'scripts/check.mjs']);
  });
});
