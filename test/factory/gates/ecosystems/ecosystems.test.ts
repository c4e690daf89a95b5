import { describe, expect, it } from 'vitest';
import { ECOSYSTEMS } from '../../../../src/factory/gates/ecosystems/all.ts';
import type { PackageManager } from '../../../../src/factory/gates/ecosystems/node/package-manager.ts';
import type { Ecosystem } from '../../../../src/factory/gates/ecosystems/types.ts';
import {
  isDefinition,
  isDefinitionBeside,
  isLockFile,
  isManifest,
} from '../../../../src/factory/gates/pins/definitions.ts';
import { mergeManifest } from '../../../../src/factory/gates/pins/manifest.ts';
import { filesAsTree } from './files-as-tree.ts';

/** What each package manager and build tool has to say; `null`: it has nothing of the kind. */
interface Said {
  /** A repository of its kind, and the command that tests it. */
  repository: Record<string, string>;
  test: string | null;
  /** A file that says how work is proved wherever it lies. */
  definition: string | null;
  /** Two names that stand in for each other. */
  family: [string, string] | null;
  lock: string | null;
  /** A manifest, a change of its own work, and one of what proves it. */
  manifest: [path: string, base: string, work: string, proof: string] | null;
  installed: string | null;
  program: string | null;
  cache: string | null;
}

const NOTHING: Said = {
  repository: {},
  test: null,
  definition: null,
  family: null,
  lock: null,
  manifest: null,
  installed: null,
  program: null,
  cache: null,
};

const SAID: Record<string, Said> = {
  node: {
    repository: { 'package.json': '{"scripts":{"test":"node --test"}}' },
    test: 'npm test',
    definition: 'vitest.config.ts',
    family: ['package-lock.json', 'pnpm-lock.yaml'],
    lock: 'bun.lock',
    manifest: [
      'package.json',
      '{"scripts":{"test":"jest"}}',
      '{"scripts":{"test":"jest"},"dependencies":{"a":"1"}}',
      '{"scripts":{"test":"true"}}',
    ],
    installed: 'node_modules',
    program: 'npm',
    cache: '.cache/node/corepack',
  },
  python: {
    repository: { 'pyproject.toml': '', 'test_a.py': '' },
    test: 'python3 -m pytest',
    definition: 'conftest.py',
    family: ['uv.lock', 'poetry.lock'],
    lock: 'requirements.txt',
    manifest: [
      'pyproject.toml',
      '[project]\nname = "a"\n\n[tool.ruff]\nline-length = 80\n',
      '[project]\nname = "b"\n\n[tool.ruff]\nline-length = 80\n',
      '[project]\nname = "a"\n\n[tool.ruff]\nexclude = ["*"]\n',
    ],
    installed: '.venv',
    program: 'python3',
    cache: '.cache/pip',
  },
  cargo: {
    repository: { 'Cargo.toml': '' },
    test: 'cargo test',
    definition: '.cargo/config.toml',
    family: ['Cargo.lock', 'Cargo.lock'],
    lock: 'Cargo.lock',
    manifest: [
      'Cargo.toml',
      '[package]\nname = "a"\n',
      '[package]\nname = "b"\n',
      '[package]\nname = "a"\nautotests = false\n',
    ],
    installed: null,
    program: 'cargo',
    cache: '.cargo/registry',
  },
  go: {
    ...NOTHING,
    repository: { 'go.mod': 'module a\n' },
    test: 'go test -v ./...',
    definition: '.golangci.yml',
    family: ['go.sum', 'go.sum'],
    lock: 'go.sum',
    manifest: [
      'go.mod',
      'module a\n\nrequire b v1.0.0\n',
      'module a\n\nrequire b v1.1.0\n',
      'module a\n\nrequire b v1.0.0\n\nreplace b => ./b\n',
    ],
    program: 'go',
    cache: 'go/pkg/mod',
  },
  make: {
    ...NOTHING,
    repository: { Makefile: 'test:\n\ttrue\n' },
    test: 'make test',
    family: ['Makefile', 'GNUmakefile'],
  },
  maven: {
    ...NOTHING,
    repository: { 'pom.xml': '<project/>' },
    test: 'mvn -B -o test',
    definition: '.mvn/maven.config',
    family: ['mvnw', 'mvnw'],
    manifest: [
      'pom.xml',
      '<project><version>1</version></project>',
      '<project><version>2</version></project>',
      '<project><version>1</version><properties><skipTests>true</skipTests></properties></project>',
    ],
    program: 'mvn',
    cache: '.m2/repository',
  },
  gradle: {
    ...NOTHING,
    repository: { 'build.gradle.kts': 'plugins { java }' },
    test: 'gradle --offline --no-daemon test',
    definition: 'gradle/wrapper/gradle-wrapper.properties',
    family: ['build.gradle', 'build.gradle.kts'],
    lock: 'gradle.lockfile',
    manifest: [
      'build.gradle',
      "dependencies { api 'a:a:1' }\n",
      "dependencies { api 'a:b:1' }\n",
      "test { enabled = false }\ndependencies { api 'a:a:1' }\n",
    ],
    program: 'gradle',
    cache: '.gradle/caches/modules-2',
  },
  deno: {
    ...NOTHING,
    family: ['deno.lock', 'deno.lock'],
    lock: 'deno.lock',
    manifest: ['deno.json', '{"tasks":{"test":"a"}}', '{"tasks":{"test":"a"},"imports":{}}', '{"tasks":{}}'],
  },
  cmake: {
    ...NOTHING,
    definition: 'CMakePresets.json',
    family: ['CMakeLists.txt', 'CMakeLists.txt'],
    manifest: [
      'CMakeLists.txt',
      'add_executable(a test_a.c)\nadd_test(NAME a COMMAND a)\n',
      'add_executable(a test_a.c more.c)\nadd_test(NAME a COMMAND a)\n',
      'add_executable(a test_a.c)\nadd_test(NAME a COMMAND true)\n',
    ],
  },
  composer: {
    ...NOTHING,
    definition: 'phpunit.xml',
    family: ['composer.lock', 'composer.lock'],
    lock: 'composer.lock',
    manifest: [
      'composer.json',
      '{"scripts":{"test":"phpunit"}}',
      '{"scripts":{"test":"phpunit"},"require":{"a/a":"1"}}',
      '{"scripts":{"test":"true"}}',
    ],
  },
  ruby: {
    ...NOTHING,
    definition: '.rspec',
    family: ['Gemfile', 'Gemfile'],
    lock: 'Gemfile.lock',
    manifest: ['Gemfile', 'gem "a"\n', 'gem "b", "~> 1"\n', 'gem "a"\nexit\n'],
    cache: '.gem/ruby',
  },
  mix: {
    ...NOTHING,
    definition: '.formatter.exs',
    family: ['mix.exs', 'mix.exs'],
    lock: 'mix.lock',
    manifest: ['mix.exs', '[{:a, "1"}]', '[{:a, "2"}, {:b, "1"}]', '[{:a, path: "a"}]'],
    cache: '.mix',
  },
  sbt: {
    ...NOTHING,
    family: ['build.sbt', 'test.sbt'],
    manifest: ['build.sbt', 'name := "a"\n', 'name := "b"\n', 'name := "a"\nTest / test := {}\n'],
  },
  elsewhere: {
    ...NOTHING,
    definition: '.github/workflows/ci.yml',
    family: ['Taskfile.yml', 'taskfile.dist.yaml'],
    installed: '.dark-factory',
    cache: '.nuget/packages',
  },
};

describe('the list of ecosystems', () => {
  it('has each once, and for each it is written down here what it must say', () => {
    expect(ECOSYSTEMS.map(({ name }) => name)).toEqual([...new Set(ECOSYSTEMS.map(({ name }) => name))]);
    expect(ECOSYSTEMS.map(({ name }) => name)).toEqual(Object.keys(SAID));
  });

  it('takes none that forgets its definitions, its manifests or its packages', () => {
    // @ts-expect-error one that forgets them does not compile
    const forgetful: Ecosystem = { name: 'x', find: async () => ({}) };
    // @ts-expect-error nor does a package manager of Node's
    const manager: PackageManager = { name: 'x', programs: ['x'], lockFiles: ['x.lock'] };
    expect([forgetful.definitions, manager.names]).toEqual([undefined, undefined]);
  });
});

describe.each(ECOSYSTEMS.map((each) => [each.name, each] as const))('the ecosystem %s', (name, each) => {
  const said = SAID[name] ?? NOTHING;

  it('says how a repository of its kind is tested, and nothing of any other', async () => {
    expect((await each.find(filesAsTree(said.repository))).test?.command ?? null).toBe(said.test);
    expect(await each.find(filesAsTree({ 'README.md': '' }))).toEqual({});
  });

  it('says which files prove, whichever way they come', () => {
    const own = [
      ...each.definitions.names,
      ...each.definitions.paths,
      ...each.definitions.families.map(({ names }) => names),
    ];
    if (said.definition !== null) expect(isDefinition(said.definition)).toBe(true);
    else expect([...each.definitions.names, ...each.definitions.paths]).toEqual([]);
    expect(own.length).toBeGreaterThan(0);
    const [old = '', fresh = ''] = said.family ?? [];
    expect([isDefinition(fresh), isDefinition(`a/${fresh}`)]).toEqual([false, false]);
    expect(isDefinitionBeside(old, new Set([old]))).toBe(true);
  });

  it('says which packages are installed, by what, and where they lie', () => {
    if (said.lock !== null) expect(isLockFile(said.lock)).toBe(true);
    if (said.installed !== null) expect(isDefinition(`a/${said.installed}/b`)).toBe(true);
    expect(each.installed.length > 0).toBe(said.installed !== null);
    expect(each.definitions.families.some(({ locks }) => locks)).toBe(said.lock !== null);
    expect(said.program === null || each.setup.programs.includes(said.program)).toBe(true);
    const caches = [...each.home.caches, ...(each.home.lent === null ? [] : [each.home.lent.folder])];
    expect(said.cache === null ? caches.length : caches.includes(said.cache)).toBe(
      said.cache === null ? 0 : true,
    );
  });

  it('tells in its manifest the work from what proves it', () => {
    expect(each.manifests.length > 0).toBe(said.manifest !== null);
    if (said.manifest === null) return;
    const [path, base, work, proof] = said.manifest;
    expect(isManifest(path)).toBe(true);
    expect(mergeManifest(path, base, work)).toEqual({ text: work, changed: false });
    expect(mergeManifest(path, base, proof)).toMatchObject({ changed: true });
  });
});
