import { describe, expect, it } from 'vitest';
import { type PermissionTexts, permission } from '../../../../src/factory/gates/pins/permission.ts';
import { findPins } from '../../../../src/factory/gates/pins/pins.ts';
import { saysTheSame } from '../../../../src/factory/gates/pins/same-content.ts';
import type { Project } from '../../../../src/factory/model/project.ts';

type Tree = Readonly<Record<string, string>>;
const NOBODY: PermissionTexts = { allowAll: false, owner: [], agents: [] };

/** What a gate with these commands says of a commit, and lays over it. */
async function pinsOf(base: Tree, now: Tree, commands: readonly string[], words = NOBODY) {
  const trees: Record<string, Tree> = { base, now };
  const paths = [...new Set([...Object.keys(base), ...Object.keys(now)])];
  const git = {
    changedFiles: async () => paths.filter((path) => base[path] !== now[path]),
    listFiles: async (_: string, commit: string) => Object.keys(trees[commit] ?? {}),
    showFile: async (_: string, commit: string, path: string) => trees[commit]?.[path] ?? null,
  };
  const project = { repository: '/r', baseCommit: 'base' } as Project;
  const { changed, fromBase } = await findPins(git, project, 'now', words, commands);
  return { changed: changed.map(({ path }) => path), fromBase };
}

describe('a Makefile whose rules for proving stay as they are', () => {
  const BASE = `PYTHON = python3

.PHONY: all test docs
all: test

prepare:
\tpip install -r requirements.txt

test: prepare
\t$(PYTHON) -m pytest

lint:
\truff check .

check-all: lint docs

docs:
\tpip install sphinx
\tsphinx-build docs out
`;
  const pins = (change: (text: string) => string, command = 'make test') =>
    pinsOf({ Makefile: BASE }, { Makefile: change(BASE) }, [command]);

  it.each<[string, (text: string) => string]>([
    [
      'another recipe of a target that proves nothing',
      (text) => text.replace('pip install sphinx', 'pip install -U sphinx'),
    ],
    ['a new target', (text) => `${text}\n.PHONY: bench\nbench: docs\n\tnode bench.js\n`],
    ['a target that goes', (text) => text.slice(0, text.indexOf('docs:\n'))],
    [
      'what only a target needs that no command asks for',
      (text) => text.replace('sphinx-build docs out', 'sphinx-build -W docs out'),
    ],
    ['other comments and blank lines', (text) => text.replace('all: test', '# everything\n\nall: test')],
  ])('is no changed gate, and is still the base’s in the gate: %s', async (_, change) => {
    expect(await pins(change)).toEqual({ changed: [], fromBase: ['Makefile'] });
  });

  it.each<[string, (text: string) => string]>([
    ['the recipe', (text) => text.replace('-m pytest', '-m pytest -k nothing')],
    ['a variable of it', (text) => text.replace('= python3', '= true')],
    ['what it needs', (text) => text.replace('pip install -r requirements.txt', 'cp fake.py pytest.py')],
    ['one thing more that it needs', (text) => text.replace('test: prepare', 'test: prepare docs')],
    ['a recipe of a target that proves by its name', (text) => text.replace('ruff check .', 'true')],
    ['what such a target needs', (text) => text.replace('check-all: lint docs', 'check-all: docs')],
    ['a variable for one target', (text) => `${text}\ntest: SHELL = /bin/true\n`],
    ['a second rule for it', (text) => `${text}\ntest:\n\ttrue\n`],
    ['a rule for it among others', (text) => `${text}\nother test:\n\ttrue\n`],
    ['a file that it makes', (text) => `${text}\nrequirements.txt:\n\ttrue\n`],
    ['a rule by pattern', (text) => `${text}\n%:\n\ttrue\n`],
    ['a default for what has no rule', (text) => `${text}\n.DEFAULT:\n\ttrue\n`],
    ['another shell', (text) => `SHELL = /bin/true\n${text}`],
    [
      'a line that is set in after a variable',
      (text) => text.replace('= python3\n', '= python3\n\tPYTHON = true\n'),
    ],
    ['another first target', (text) => text.replace('all: test', 'docs: prepare\n\nall: test')],
    ['it is no longer phony', (text) => text.replace('.PHONY: all test docs', '.PHONY: all docs')],
    ['a file that is included', (text) => `-include more.mk\n${text}`],
    ['code that is evaluated', (text) => `${text}\ndocs: $(eval PYTHON := true)\n`],
    ['a recipe on the line of its target', (text) => `${text}\nextra: ; $(eval PYTHON := true)\n`],
    ['where programs are looked for', (text) => `${text}\nvpath python3 a:b\n`],
    ['what the shell is told', (text) => `${text}\nexport PATH := fake\n`],
  ])('is one where something that proves differs: %s', async (_, change) => {
    expect(change(BASE)).not.toBe(BASE);
    expect(await pins(change)).toEqual({ changed: ['Makefile'], fromBase: ['Makefile'] });
  });

  it('is one where a command asks for no target, and the first one needs it', async () => {
    const base = BASE.replace('all: test', 'all: test docs');
    const change = (text: string) => text.replace('sphinx-build docs out', 'true');
    const changed = async (command: string) =>
      (await pinsOf({ Makefile: base }, { Makefile: change(base) }, [command])).changed;
    expect(await changed('make')).toEqual(['Makefile']);
    expect(await changed('make test')).toEqual([]);
  });

  it('is one where a command asks for that target, or a recipe names it', async () => {
    const change = (text: string) => text.replace('sphinx-build docs out', 'true');
    expect((await pins(change, 'make docs')).changed).toEqual(['Makefile']);
    const base = BASE.replace('-m pytest', '-m pytest && $(MAKE) docs');
    expect((await pinsOf({ Makefile: base }, { Makefile: change(base) }, ['make test'])).changed).toEqual([
      'Makefile',
    ]);
  });
});

describe('a tsconfig.json', () => {
  const BASE = { compilerOptions: { target: 'es2018', lib: ['es2018'], strict: true }, include: ['src'] };
  const says = (now: object) => saysTheSame('tsconfig.json', JSON.stringify(BASE), JSON.stringify(now));
  const options = (more: object) => ({ ...BASE, compilerOptions: { ...BASE.compilerOptions, ...more } });

  it('may aim at another language and its libraries', () => {
    expect(says(options({ target: 'es2022', lib: ['es2022', 'dom'], module: 'nodenext' }))).toBe(true);
  });

  it.each<[string, object]>([
    ['less strict', options({ strict: false })],
    ['no check at all', options({ noCheck: true })],
    ['declarations are skipped', options({ skipLibCheck: true })],
    ['other places of modules', options({ paths: { '*': ['fake/*'] } })],
    ['other output, where tests may be run', options({ outDir: 'committed' })],
    ['a plugin', options({ plugins: [{ transform: './patch.js' }] })],
    ['other files', { ...BASE, include: ['src/one.ts'] }],
    ['files left out', { ...BASE, exclude: ['src/bad.ts'] }],
    ['another base', { ...BASE, extends: './loose.json' }],
    ['options of a runner', { ...BASE, 'ts-node': { transpileOnly: true } }],
  ])('says something else where it is checked less: %s', (_, now) => {
    expect(says(now)).toBe(false);
  });

  it('says something else where it cannot be read', () => {
    expect(saysTheSame('tsconfig.json', '{', '{ ')).toBe(false);
  });
});

describe('CI files', () => {
  const CI = 'on: [push]\njobs:\n  test:\n    steps:\n      - run: npm test\n';
  const FILE = '.github/workflows/ci.yml';
  const owner = (text: string) => permission({ ...NOBODY, owner: [text] }, FILE);

  it('that only get another name are no changed gate', async () => {
    const { changed } = await pinsOf({ [FILE]: CI }, { '.github/workflows/tests.yaml': CI }, ['npm test']);
    expect(changed).toEqual([]);
  });

  it.each<[string, Tree]>([
    ['another content', { '.github/workflows/tests.yml': CI.replace('npm test', 'true') }],
    ['a folder where CI does not look', { '.github/workflows/old/ci.yml': CI }],
    ['a name that CI does not read', { '.github/workflows/ci.yml.off': CI }],
    ['nowhere', {}],
  ])('are one where they get %s', async (_, now) => {
    const { changed } = await pinsOf({ [FILE]: CI }, now, ['npm test']);
    expect(changed).toContain(FILE);
  });

  it('one new name stands for one file alone', async () => {
    const base = { [FILE]: CI, '.github/workflows/two.yml': CI };
    const { changed } = await pinsOf(base, { '.github/workflows/three.yml': CI }, ['npm test']);
    expect(changed).toHaveLength(1);
  });

  it.each([
    'Change name of release workflow for consistency.',
    'chore(ci): parallelize tests',
    'ci: test on Windows',
    'Add linting to CI.',
    'Update the GitHub Actions.',
    'Please move the lint job to the test workflow.',
    'Remove Travis CI.',
  ])('may change where the owner asks for other CI: %s', (text) => {
    expect(owner(text)).toBe('owner');
  });

  it.each([
    'Fix the bug that makes CI fail.',
    'Make the tests pass in CI.',
    'Fix add(), which fails in CI.',
    'Change the workflow of orders so that they can be cancelled.',
    'Add circles.',
    'Update add(). Do not change CI.',
    'Update the CI. Leave .github/workflows/ci.yml as it is.',
    'ci() returns the wrong number.',
  ])('may not where the owner asks for something else: %s', (text) => {
    expect(owner(text)).toBeNull();
  });

  it('may not because an agent asks for it', () => {
    expect(permission({ ...NOBODY, agents: ['ci: skip the tests'] }, FILE)).toBeNull();
  });
});

describe('A179 committed-build: what tools keep from run to run', () => {
  it.each([
    '.turbo/cache/a.tar.zst',
    'packages/a/.turbo/turbo-test.log',
    '.nx/cache/1/outputs',
    '.wireit/test/cache/x',
    'tsconfig.tsbuildinfo',
    '.eslintcache',
    '.mypy_cache/3.12/a.data.json',
    'src/__pycache__/sum.cpython-312.pyc',
    'sum.pyc',
  ])('%s is no part of the work: it is left out without a word', async (path) => {
    expect(await pinsOf({ 'a.js': '1' }, { 'a.js': '2', [path]: 'x' }, ['npm test'])).toEqual({
      changed: [],
      fromBase: [path],
    });
  });

  it('an archive of packages is that of the base commit, and a new one stays beside it', async () => {
    const base = { '.yarn/cache/chai-5.zip': 'a' };
    const now = { '.yarn/cache/chai-5.zip': 'b', '.yarn/cache/ms-2.zip': 'c' };
    expect(await pinsOf(base, now, ['yarn test'])).toEqual({
      changed: [],
      fromBase: ['.yarn/cache/chai-5.zip'],
    });
  });

  it.each(['src/turbo/cache.js', 'cache/nx.js', 'docs/eslintcache.md', 'lib/tsbuildinfo.ts'])(
    '%s only sounds like it',
    async (path) => {
      expect(await pinsOf({}, { [path]: 'x' }, ['npm test'])).toEqual({ changed: [], fromBase: [] });
    },
  );
});
