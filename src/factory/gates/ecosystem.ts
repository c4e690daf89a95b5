import { definitionsIn } from './definitions.ts';
import { asRecord, isRecord, parseObject } from './manifest.ts';

/**
 * Finds how a repository is tested, linted, formatted and set up, from the files of its base commit alone: nothing that
 * an agent wrote decides what proves its work.
 */

export interface FoundCommand {
  command: string;
  /** The file that says so, for people. */
  source: string;
}

export interface Ecosystem {
  test: FoundCommand | null;
  lint: FoundCommand | null;
  format: FoundCommand | null;
  setup: FoundCommand | null;
  /** Files whose change since the base commit can turn a red gate green. */
  definitions: string[];
}

/** The files at the root of the base commit, and the text of the few that are asked for. */
export interface BaseTree {
  has(path: string): boolean;
  /** All paths, for patterns. */
  paths: readonly string[];
  read(path: string): Promise<string | null>;
}

type Finder = (tree: BaseTree) => Promise<Partial<Omit<Ecosystem, 'definitions'>>>;

/** In order of precedence: the first that knows a command wins, command by command. */
const FINDERS: readonly Finder[] = [findNode, findPython, findCargo, findGo, findMake];

/**
 * @param tree the repository at its base commit
 * @returns for each kind of check the command, or `null` where the repository names none
 */
export async function findEcosystem(tree: BaseTree): Promise<Ecosystem> {
  const found: Ecosystem = {
    test: null,
    lint: null,
    format: null,
    setup: null,
    definitions: definitionsIn(tree.paths),
  };
  for (const find of FINDERS) {
    const answer = await find(tree);
    found.test ??= answer.test ?? null;
    found.lint ??= answer.lint ?? null;
    found.format ??= answer.format ?? null;
    found.setup ??= answer.setup ?? null;
  }
  return found;
}

const LOCK_FILES = [
  ['pnpm-lock.yaml', 'pnpm', 'pnpm install --frozen-lockfile'],
  ['yarn.lock', 'yarn', 'yarn install --frozen-lockfile'],
  ['bun.lock', 'bun', 'bun install --frozen-lockfile'],
  ['bun.lockb', 'bun', 'bun install --frozen-lockfile'],
  ['package-lock.json', 'npm', 'npm ci'],
  ['npm-shrinkwrap.json', 'npm', 'npm ci'],
] as const;

async function findNode(tree: BaseTree) {
  const text = tree.has('package.json') ? await tree.read('package.json') : null;
  if (text === null) return {};
  const manifest = readManifest(text);
  const lock = LOCK_FILES.find(([file]) => tree.has(file));
  const manager = lock?.[1] ?? manifest.packageManager ?? 'npm';
  const script = (...names: string[]): FoundCommand | null => {
    const name = names.find((each) => isRealScript(manifest.scripts[each]));
    if (name === undefined) return null;
    const command = name === 'test' ? `${manager} test` : `${manager} run ${name}`;
    return { command: manager === 'bun' ? `bun run ${name}` : command, source: 'package.json' };
  };
  // Bun finds tests by itself; the others need somebody to say how.
  const bunTests = manager === 'bun' && tree.paths.some((path) => /[._](test|spec)\.[jt]sx?$/.test(path));
  return {
    test: script('test') ?? (bunTests ? { command: 'bun test', source: lock?.[0] ?? 'package.json' } : null),
    lint: script('lint', 'lint:check', 'check:lint'),
    format: script('format:check', 'check:format', 'format-check', 'fmt:check', 'prettier:check'),
    setup: lock && manifest.hasDependencies ? { command: lock[2], source: lock[0] } : null,
  };
}

/** What `npm init` writes is no test. */
function isRealScript(script: unknown): boolean {
  return typeof script === 'string' && script.trim() !== '' && !script.includes('no test specified');
}

function readManifest(text: string) {
  // A broken package.json names no commands; the gate then says that there are none.
  const manifest = parseObject(text) ?? {};
  const packageManager = manifest['packageManager'];
  const name = typeof packageManager === 'string' ? packageManager.split('@')[0] : undefined;
  const dependencies = ['dependencies', 'devDependencies', 'optionalDependencies'].map(
    (key) => manifest[key],
  );
  return {
    scripts: asRecord(manifest['scripts']),
    packageManager: name !== undefined && ['npm', 'pnpm', 'yarn', 'bun'].includes(name) ? name : undefined,
    hasDependencies: dependencies.some((each) => isRecord(each) && Object.keys(each).length > 0),
  };
}

const PYTHON_MARKERS = [
  'pyproject.toml',
  'setup.cfg',
  'setup.py',
  'pytest.ini',
  'tox.ini',
  'Pipfile',
  'requirements.txt',
] as const;
/** Locks whose set-up makes `.venv`; what is installed there is found by its own Python only. */
const VENV_LOCKS = ['uv.lock', 'poetry.lock', 'pdm.lock'] as const;

/** Tools that the list leaves out (pytest, often) are those of the machine. */
const PIP_INSTALL =
  'python3 -m venv --system-site-packages .venv && .venv/bin/python -m pip install --require-hashes --requirement requirements.txt';

/** A list of requirements is a lock only where each of them says which files it means. */
function isHashed(requirements: string): boolean {
  const wanted = requirements
    .replace(/\\\r?\n/g, ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');
  return wanted.length > 0 && wanted.every((line) => /==.*--hash=/.test(line));
}

async function findPython(tree: BaseTree) {
  const isTest = (path: string) => /(^|\/)(test_[^/]*|[^/]*_test)\.py$/.test(path);
  const marker = PYTHON_MARKERS.find((file) => tree.has(file)) ?? tree.paths.find(isTest);
  if (marker === undefined) return {};
  const settings = (await tree.read(marker)) ?? '';
  const found = (command: string, source: string = marker): FoundCommand => ({ command, source });
  const requirements = tree.has('requirements.txt') ? await tree.read('requirements.txt') : null;
  const hashed = requirements !== null && isHashed(requirements);
  const lock = VENV_LOCKS.find((file) => tree.has(file)) ?? (hashed ? 'requirements.txt' : undefined);
  const tool = (name: string) => (lock === undefined ? name : `.venv/bin/python -m ${name}`);
  const ruff = ['ruff.toml', '.ruff.toml'].find((file) => tree.has(file));
  const usesRuff = settings.includes('[tool.ruff') || ruff !== undefined;
  return {
    test:
      tree.paths.some(isTest) || settings.includes('pytest')
        ? found(`${lock === undefined ? 'python3' : '.venv/bin/python'} -m pytest`)
        : null,
    lint: usesRuff
      ? found(tool('ruff check .'), ruff ?? marker)
      : tree.has('.flake8') || settings.includes('[flake8]')
        ? found(tool('flake8'), tree.has('.flake8') ? '.flake8' : marker)
        : null,
    format: usesRuff
      ? found(tool('ruff format --check .'), ruff ?? marker)
      : settings.includes('[tool.black')
        ? found(tool('black --check .'))
        : null,
    setup: tree.has('uv.lock')
      ? found('uv sync --frozen', 'uv.lock')
      : tree.has('poetry.lock')
        ? found('poetry install --no-interaction', 'poetry.lock')
        : lock === 'requirements.txt'
          ? found(PIP_INSTALL, 'requirements.txt')
          : null,
  };
}

async function findCargo(tree: BaseTree) {
  if (!tree.has('Cargo.toml')) return {};
  const found = (command: string): FoundCommand => ({ command, source: 'Cargo.toml' });
  return {
    test: found('cargo test'),
    lint: found('cargo clippy --all-targets -- -D warnings'),
    format: found('cargo fmt --check'),
    setup: tree.has('Cargo.lock') ? { command: 'cargo fetch --locked', source: 'Cargo.lock' } : null,
  };
}

async function findGo(tree: BaseTree) {
  if (!tree.has('go.mod')) return {};
  const found = (command: string): FoundCommand => ({ command, source: 'go.mod' });
  const golangci = tree.paths.find((path) => /^\.golangci\.(ya?ml|toml|json)$/.test(path));
  return {
    // Only with -v does it name the tests that passed, so that a missing one is missed.
    test: found('go test -v ./...'),
    lint: golangci === undefined ? found('go vet ./...') : { command: 'golangci-lint run', source: golangci },
    format: found('test -z "$(gofmt -l .)"'),
    setup: tree.has('go.sum') ? { command: 'go mod download', source: 'go.sum' } : null,
  };
}

async function findMake(tree: BaseTree) {
  const file = ['GNUmakefile', 'makefile', 'Makefile'].find((each) => tree.has(each));
  const text = file === undefined ? null : await tree.read(file);
  if (file === undefined || text === null) return {};
  const target = (...names: string[]): FoundCommand | null => {
    const name = names.find((each) =>
      new RegExp(`^(?:[\\w.-]+[ \\t]+)*${each}(?:[ \\t]+[\\w.-]+)*[ \\t]*::?(?!=)`, 'm').test(text),
    );
    return name === undefined ? null : { command: `make ${name}`, source: file };
  };
  return {
    test: target('test', 'check'),
    lint: target('lint'),
    format: target('format-check', 'fmt-check', 'check-format'),
    setup: null,
  };
}
