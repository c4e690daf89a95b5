import { describe, expect, it } from 'vitest';
import { filesOfCommand } from '../../../../src/factory/gates/pins/commands.ts';
import { namedFiles } from '../../../../src/factory/gates/pins/named-files.ts';
import { saysTheSame } from '../../../../src/factory/gates/pins/same-content.ts';

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

  /** Programs of a package with these scripts and nothing else in it than these files. */
  const programsOf = async (scripts: Record<string, string>, all: Record<string, string>) => {
    const texts: Record<string, string> = { ...all, 'package.json': JSON.stringify({ scripts }) };
    const paths = new Set(Object.keys(texts));
    const read = async (path: string) => texts[path] ?? null;
    return [...(await namedFiles(['npm test'], { base: paths, now: paths, read })).programs].sort();
  };

  it.each([
    ['src/checkout.js', { start: 'node src/checkout.js' }],
    ['src/run.js', { other: 'node src/run.js' }],
    ['runtime.ts', { build: 'tsup index.ts runtime.ts' }],
    ['cipher.js', { other: 'node cipher.js' }],
    ['bin/www', { start: 'node ./bin/www' }],
    ['dev/server.ts', { 'dev:web': 'tsx watch dev/server.ts' }],
    ['scripts/release.js', { prerelease: 'node scripts/release.js' }],
  ])('are no code of the product that other scripts start: %s', async (path, scripts) => {
    expect(await programsOf({ test: 'node --test', ...scripts }, { [path]: '' })).toEqual([]);
  });

  it('are no tools that tests of the base commit are about', async () => {
    const tools = { 'tools/gen.js': '', 'tools/seed.py': '', 'tools/other.js': '' };
    const scripts = { test: 'node --test', all: `node ${Object.keys(tools).join(' && node ')}` };
    expect(await programsOf(scripts, tools)).toEqual(Object.keys(tools).sort());
    const test = "import { gen } from '../tools/gen.js';\nrun('python3', ['tools/seed.py']);\n";
    expect(await programsOf(scripts, { ...tools, 'test/a.test.js': test })).toEqual(['tools/other.js']);
  });

  it.each([
    ['scripts/check.js', 'node scripts/check.js'],
    ['bin/test', './bin/test'],
    ['tools/all.js', 'node tools/all.js'],
    ['run-all.js', 'node run-all.js'],
    ['runTests.js', 'node runTests.js'],
    ['runner.mjs', 'node runner.mjs'],
    ['src/test-all.js', 'node src/test-all.js'],
  ])(
    'A55 are what the gate’s command starts, whatever else starts or tests it: %s',
    async (path, command) => {
      const scripts = { test: command, start: command, build: command };
      const about = `import '../${path}';\nrun('${path}');\n`;
      expect(await programsOf(scripts, { [path]: '', 'test/a.test.js': about })).toEqual([path]);
    },
  );

  it.each(['scripts/check.mjs', 'bin/verify.js', 'lint-all.js', 'checkAll.js', 'ci.sh', 'ci/all.js'])(
    'A55 are checks, by whatever script they may be started: %s',
    async (path) => {
      const scripts = { test: 'turbo run all', all: `node ${path}` };
      expect(await programsOf(scripts, { [path]: '', 'a.test.js': '' })).toEqual([path]);
    },
  );

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

describe('what is started by another name than its own', () => {
  it('are sources that a compiler is given, and modules whose examples are run', async () => {
    const base = new Set(['sum.c', 'test/a_test.c', 'test/b_test.c', 'total.py', 'Check.java']);
    const started = async (command: string) =>
      [...(await namedFiles([command], { base, now: base, read: async () => '' })).started].sort();
    expect(await started('cc -o t test/*_test.c && ./t')).toEqual(['test/a_test.c', 'test/b_test.c']);
    expect(await started('javac Check.java && java Check')).toEqual(['Check.java']);
    expect(await started('python3 -m doctest total.py')).toEqual(['total.py']);
    expect(await started('ruff check total.py')).toEqual([]);
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
  it.each([
    'test -f done.txt',
    '[ -f done.txt ] && echo yes',
    'npm test && test ! -f done.txt',
    'if [[ -f done.txt ]]; then true; fi',
  ])('a file that the shell only looks at is no configuration: %s', (command) => {
    expect(filesOfCommand(command).settings).toEqual([]);
  });

  it.each(['npm test -f done.txt', 'phpunit -c done.txt', 'cargo test -f done.txt', './test -f done.txt'])(
    'a file that a program reads is configuration: %s',
    (command) => {
      expect(filesOfCommand(command).settings).toContain('done.txt');
    },
  );

  it('names packages of the work, no plugins', () => {
    expect(filesOfCommand('mypy -p shop; cargo test -p shop').settings).not.toContain('shop/__init__.py');
    expect(filesOfCommand('python3 -m pytest -q -p shop.plugin').settings).toContain('shop/plugin.py');
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
