import { describe, expect, it } from 'vitest';
import { findEcosystem } from '../../../../src/factory/gates/ecosystems/ecosystem.ts';
import { filesAsTree as tree } from './files-as-tree.ts';

const manifest = (scripts: Record<string, string>, rest: object = {}) => JSON.stringify({ scripts, ...rest });

describe('findEcosystem', () => {
  it('takes the package manager from the lock file', async () => {
    const scripts = { test: 'vitest run', lint: 'eslint .', 'format:check': 'prettier --check .' };
    const dependencies = { devDependencies: { vitest: '4.0.0' } };
    for (const [lock, manager, setup] of [
      ['package-lock.json', 'npm', 'npm ci'],
      ['pnpm-lock.yaml', 'pnpm', 'pnpm install --frozen-lockfile'],
      ['yarn.lock', 'yarn', 'yarn install --frozen-lockfile'],
    ]) {
      const found = await findEcosystem(
        tree({ 'package.json': manifest(scripts, dependencies), [lock ?? '']: '' }),
      );
      expect(found.test?.command).toBe(`${manager} test`);
      expect(found.lint?.command).toBe(`${manager} run lint`);
      expect(found.format?.command).toBe(`${manager} run format:check`);
      expect(found.setup?.command).toBe(setup);
    }
  });

  it('knows other names of a script that tests, after the usual one', async () => {
    const testOf = async (scripts: Record<string, string>) =>
      (await findEcosystem(tree({ 'package.json': manifest(scripts) }))).test?.command;
    expect(await testOf({ 'test:unit': 'vitest run' })).toBe('npm run test:unit');
    expect(await testOf({ 'test:unit': 'vitest run', test: 'vitest run' })).toBe('npm test');
  });

  it('leaves out what runs around the tests by itself where that is an audit, or the linter, which is a check of its own', async () => {
    const testOf = async (scripts: Record<string, string>, more: object = {}) =>
      (await findEcosystem(tree({ 'package.json': manifest(scripts, more) }))).test?.command;
    for (const posttest of [
      'npm audit --production',
      'npx npm@">= 10.2" audit --production',
      "npx npm@'>=10.2' audit --production",
      'aud --production',
    ])
      expect(await testOf({ test: 'npm run tests-only', 'tests-only': 'tape t', posttest }), posttest).toBe(
        'npm test --ignore-scripts',
      );
    const posttest = 'npm audit';
    const lint = 'eslint .';
    expect(await testOf({ pretest: 'npm run build', build: 'x', test: 'tape t', posttest })).toBe(
      'npm run build && npm test --ignore-scripts',
    );
    expect(await testOf({ lint, pretest: 'npm run --silent lint', test: 'tape t', posttest: 'x' })).toBe(
      'npm test --ignore-scripts && npm run posttest',
    );
    const both = 'npm run --silent docs && npm run --silent lint';
    expect(await testOf({ lint, docs: 'x', pretest: both, test: 'tap' })).toBe(
      'npm run --silent docs && npm test --ignore-scripts',
    );
    expect(await testOf({ lint, pretest: 'tsc && npm run lint', test: 'tap' })).toBe(
      'npm run pretest && npm test --ignore-scripts',
    );
    expect(await testOf({ lint, test: 'tap', posttest: 'npm run lint' })).toBe('npm test --ignore-scripts');
    expect(await testOf({ lint, test: 'tap', posttest: 'npm run lint -- --fix' })).toBe('npm test');
    expect(await testOf({ test: 'tap', posttest: 'npm run lint' })).toBe('npm test');
    expect(await testOf({ test: 'mocha test', posttest })).toBe('npm test --ignore-scripts');
    expect(await testOf({ test: 'npm run unit', unit: 'tape t', preunit: 'build', posttest })).toBe(
      'npm test',
    );
    expect(await testOf({ test: 'tape t', posttest: 'npm audit && npm run docs' })).toBe(
      'npm test --ignore-scripts && npm run docs',
    );
    expect(await testOf({ test: 'tape t', posttest: 'npm run audit' })).toBe('npm test');
    expect(await testOf({ test: 'tape t', posttest }, { packageManager: 'pnpm@9.1.0' })).toBe('pnpm test');
  });

  it('finds no test in what npm init writes', async () => {
    const found = await findEcosystem(
      tree({ 'package.json': manifest({ test: 'echo "Error: no test specified" && exit 1' }) }),
    );
    expect(found.test).toBeNull();
  });

  it('wants no set-up for a package without dependencies', async () => {
    const found = await findEcosystem(
      tree({ 'package.json': manifest({ test: 'node --test' }), 'package-lock.json': '{}' }),
    );
    expect(found.setup).toBeNull();
  });

  it('knows Python, Rust, Go and make', async () => {
    expect(
      (await findEcosystem(tree({ 'pyproject.toml': '[tool.ruff]', 'tests/test_a.py': '' }))).test?.command,
    ).toBe('python3 -m pytest');
    expect((await findEcosystem(tree({ 'Cargo.toml': '' }))).format?.command).toBe('cargo fmt --check');
    expect((await findEcosystem(tree({ 'go.mod': '' }))).lint?.command).toBe('go vet ./...');
    expect((await findEcosystem(tree({ Makefile: 'test:\n\ttrue\n' }))).test).toEqual({
      command: 'make test',
      source: 'Makefile',
    });
  });

  it('lets bun find its tests where no script says how', async () => {
    const found = await findEcosystem(tree({ 'package.json': '{}', 'bun.lock': '', 'a.test.ts': '' }));
    expect(found.test).toEqual({ command: 'bun test', source: 'bun.lock' });
    const named = await findEcosystem(
      tree({ 'package.json': manifest({ test: 'bun test x' }), 'bun.lock': '' }),
    );
    expect(named.test?.command).toBe('bun run test');
  });

  it('takes the package manager that package.json names where there is no lock file', async () => {
    const text = manifest({ test: 'vitest run' }, { packageManager: 'pnpm@9.1.0' });
    expect((await findEcosystem(tree({ 'package.json': text }))).test?.command).toBe('pnpm test');
  });

  it('installs from a list of requirements where all of them are hashed, and only there', async () => {
    const setupOf = async (text: string) =>
      (await findEcosystem(tree({ 'requirements.txt': text, 'test_a.py': '' }))).setup?.command ?? null;
    const hash = `--hash=sha256:${'0'.repeat(64)}`;
    expect(
      await setupOf(`# made\na==1.0 \\\n    ${hash} \\\n    ${hash}\nb==2.0 ${hash}  # via a\n`),
    ).toContain('--require-hashes');
    for (const text of ['a\n', 'a==1.0\n', `a==1.0 ${hash}\nb>=2\n`, `-e .\na==1.0 ${hash}\n`])
      expect(await setupOf(text)).not.toContain('--require-hashes');
    expect(await setupOf('# nothing\n')).toBeNull();
  });

  it('installs what package.json declares where there is no lock file, and says that it is not locked', async () => {
    const declared = { devDependencies: { vitest: '4.0.0' } };
    const setupOf = async (files: Record<string, string>) => (await findEcosystem(tree(files))).setup;
    for (const [rest, command] of [
      [{}, 'npm install'],
      [{ packageManager: 'pnpm@9.1.0' }, 'pnpm install'],
      [{ packageManager: 'yarn@4.0.0' }, 'yarn install'],
    ] as const) {
      const found = await setupOf({ 'package.json': manifest({}, { ...declared, ...rest }) });
      expect(found).toMatchObject({ command: expect.stringContaining(command), unlocked: true });
    }
  });

  it('looks at workspaces, whose root may need nothing itself', async () => {
    const setupOf = async (files: Record<string, string>) =>
      (await findEcosystem(tree(files))).setup?.command ?? null;
    const member = { 'packages/a/package.json': manifest({}, { dependencies: { b: '1' } }) };
    const root = manifest({ test: 'node --test' }, { workspaces: ['packages/*'] });
    expect(await setupOf({ 'package.json': root, 'package-lock.json': '', ...member })).toBe('npm ci');
    const pnpm = { 'package.json': '{}', 'pnpm-workspace.yaml': '', 'pnpm-lock.yaml': '' };
    expect(await setupOf({ ...pnpm, ...member })).toBe('pnpm install --frozen-lockfile');
    expect(await setupOf({ ...pnpm, 'packages/a/package.json': '{}' })).toBeNull();
    expect(await setupOf({ 'package.json': '{}', ...member })).toBeNull();
  });

  it('installs what a Python project declares for its tests, and finds its programs first', async () => {
    const pyproject = `[project]
name = "a"
dependencies = [
  "x>=1; python_version < '3.12'",
  "y[z]",
]
[project.optional-dependencies]
docs = ["sphinx"]
tests = ["freezegun", "pytest-cov"]
[dependency-groups]
dev = ["ruff", { include-group = "docs" }]
[tool.ruff]
`;
    const files = { 'pyproject.toml': pyproject, 'src/a/__init__.py': '', 'tests/test_a.py': '' };
    const found = await findEcosystem(tree(files));
    expect(found.setup).toMatchObject({ unlocked: true, optional: true, source: 'pyproject.toml' });
    expect(found.setup?.command).toContain("--editable '.[tests]' 'ruff'");
    expect(found.test?.command).toBe('PATH="$PWD/.venv/bin:$PATH" PYTHONPATH=src python3 -m pytest');
    expect(found.lint?.command).toBe('PATH="$PWD/.venv/bin:$PATH" ruff check .');
  });

  it('finds optional dependencies for tests that stand within the project’s own table', async () => {
    const pyproject = `[project]
name = "a"
optional-dependencies.docs = ["sphinx"]
optional-dependencies.tests = [
  "freezegun",
]
urls.Source = "https://example.org"
`;
    const found = await findEcosystem(tree({ 'pyproject.toml': pyproject, 'tests/test_a.py': '' }));
    expect(found.setup?.command).toContain("--editable '.[tests]'");
  });

  it('runs Python tests with the environment that the lock file makes', async () => {
    for (const lock of ['uv.lock', 'poetry.lock']) {
      const found = await findEcosystem(
        tree({ 'pyproject.toml': '', [lock]: '', 'test_a.py': '', 'ruff.toml': '' }),
      );
      expect(found.test?.command).toBe('.venv/bin/python -m pytest');
      expect(found.lint).toEqual({ command: '.venv/bin/python -m ruff check .', source: 'ruff.toml' });
    }
    expect((await findEcosystem(tree({ 'a/test_b.py': '' }))).test?.command).toBe('python3 -m pytest');
    const testOf = async (text: string) =>
      (await findEcosystem(tree({ 'setup.py': '', 'test.py': text }))).test?.command;
    expect(await testOf("import unittest\nif __name__ == '__main__':\n    unittest.main()\n")).toBe(
      'python3 test.py',
    );
    expect(await testOf('def test(): pass\n')).toBeUndefined();
    expect((await findEcosystem(tree({ 'requirements.txt': 'requests' }))).test).toBeNull();
  });

  it('makes an environment for Python beside a lock file of PDM, and with the extras and groups for tests beside one of uv', async () => {
    const pyproject = (rest: string) => `[project]\nname = "a"\ndependencies = ["httpx"]\n${rest}`;
    const of = (lock: string, rest = '') =>
      findEcosystem(tree({ 'pyproject.toml': pyproject(rest), [lock]: '', 'tests/test_a.py': '' }));
    const pdm = await of('pdm.lock');
    expect(pdm.setup?.command).toContain('python3 -m venv');
    expect(pdm.test?.command).not.toContain('.venv/bin/python -m');
    const extras =
      '[project.optional-dependencies]\ntest = ["pytest"]\ndocs = ["sphinx"]\n[dependency-groups]\ndev = ["ruff"]\ntests = ["x"]\n';
    expect((await of('uv.lock', extras)).setup?.command).toBe('uv sync --frozen --extra test --group tests');
    expect((await of('uv.lock')).setup?.command).toBe('uv sync --frozen');
  });

  it('sets up for all commands that it found, and for none that it only guessed', async () => {
    const setupOf = async (files: Record<string, string>) =>
      (await findEcosystem(tree(files))).setup?.command;
    const hooks = {
      'package.json': manifest({}, { devDependencies: { husky: '9' } }),
      'package-lock.json': '',
    };
    const node = {
      ...hooks,
      'package.json': manifest({ test: 'jest' }, { devDependencies: { jest: '29' } }),
    };
    const rust = { 'Cargo.toml': '[package]\nname = "a"\n', 'Cargo.lock': '' };
    expect(await setupOf({ ...hooks, 'go.mod': '', 'go.sum': '' })).toBe('npm ci && go mod download');
    expect(await setupOf({ ...hooks, ...rust })).toBe('npm ci && cargo fetch --locked');
    expect(await setupOf({ ...node, ...rust })).toBe('npm ci');
    expect(await setupOf({ ...hooks, 'requirements.txt': 'six\n', 'test_a.py': '' })).toBe('npm ci');
  });

  it('keeps packages of a Yarn beside the work where it links none into the tree', async () => {
    const dependencies = manifest({ test: 'vitest run' }, { devDependencies: { vitest: '4.0.0' } });
    const setupOf = async (lock: string, settings: string) =>
      (
        await findEcosystem(
          tree({ 'package.json': dependencies, 'yarn.lock': lock, '.yarnrc.yml': settings }),
        )
      ).setup?.command;
    const plain = 'yarn install --frozen-lockfile';
    const berry = '__metadata:\n  version: 8\n';
    expect(await setupOf(berry, 'enableTelemetry: 0\n')).toBe(`YARN_ENABLE_GLOBAL_CACHE=false ${plain}`);
    expect(await setupOf(berry, 'nodeLinker: node-modules\n')).toBe(plain);
    expect(await setupOf('# yarn lockfile v1\n', '')).toBe(plain);
  });

  it('fetches crates without a lock file where some are declared', async () => {
    const setupOf = async (files: Record<string, string>) => (await findEcosystem(tree(files))).setup;
    const crate = '[package]\nname = "a"\n';
    expect(await setupOf({ 'Cargo.toml': `${crate}[dependencies]\nserde = "1"\n` })).toMatchObject({
      command: 'cargo fetch',
      unlocked: true,
      optional: true,
    });
    expect(
      await setupOf({
        'Cargo.toml': '[workspace]\nmembers = ["a"]\n',
        'a/Cargo.toml': `${crate}[target.'cfg(unix)'.dev-dependencies]\nlibc = "1"\n`,
      }),
    ).not.toBeNull();
    expect(await setupOf({ 'Cargo.toml': crate })).toBeNull();
  });

  it('asks go for every name, and golangci-lint where it is configured', async () => {
    expect(await findEcosystem(tree({ 'go.mod': '', '.golangci.yml': '' }))).toMatchObject({
      test: { command: 'go test -v ./...' },
      lint: { command: 'golangci-lint run', source: '.golangci.yml' },
    });
  });

  it('finds make targets in rules with several, and takes no variable for one', async () => {
    const found = await findEcosystem(
      tree({ makefile: '.PHONY: test lint\nlint check: a\n\ttrue\ntest := x\n', Makefile: 'test:\n' }),
    );
    expect(found.test).toEqual({ command: 'make check', source: 'makefile' });
    expect(found.lint?.command).toBe('make lint');
  });

  it('fills from one ecosystem what another does not say', async () => {
    const found = await findEcosystem(
      tree({ 'package.json': manifest({ test: 'vitest run' }), Makefile: 'lint:\n\ttrue\ntest:\n\ttrue\n' }),
    );
    expect([found.test?.command, found.lint?.command]).toEqual(['npm test', 'make lint']);
  });

  it('takes a broken package.json for one that says nothing', async () => {
    expect((await findEcosystem(tree({ 'package.json': '{' }))).test).toBeNull();
  });
});
