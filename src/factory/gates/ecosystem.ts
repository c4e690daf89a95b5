import { isDeepStrictEqual } from 'node:util';

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
  return {
    test: script('test'),
    lint: script('lint'),
    format: script('format:check', 'check:format', 'format-check'),
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

async function findPython(tree: BaseTree) {
  const marker = ['pyproject.toml', 'setup.cfg', 'setup.py', 'requirements.txt'].find((file) =>
    tree.has(file),
  );
  if (marker === undefined) return {};
  const settings = (await tree.read(marker)) ?? '';
  const found = (command: string, source = marker): FoundCommand => ({ command, source });
  const tests = tree.paths.some((path) => /(^|\/)(test_[^/]*|[^/]*_test)\.py$/.test(path));
  return {
    test: tests || settings.includes('pytest') ? found('python3 -m pytest') : null,
    lint: settings.includes('[tool.ruff') ? found('ruff check .') : null,
    format: settings.includes('[tool.ruff')
      ? found('ruff format --check .')
      : settings.includes('[tool.black')
        ? found('black --check .')
        : null,
    setup: tree.has('uv.lock')
      ? found('uv sync --frozen', 'uv.lock')
      : tree.has('poetry.lock')
        ? found('poetry install --no-interaction', 'poetry.lock')
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
  return {
    test: found('go test ./...'),
    lint: found('go vet ./...'),
    format: found('test -z "$(gofmt -l .)"'),
    setup: tree.has('go.sum') ? { command: 'go mod download', source: 'go.sum' } : null,
  };
}

async function findMake(tree: BaseTree) {
  const file = ['Makefile', 'makefile', 'GNUmakefile'].find((each) => tree.has(each));
  const text = file === undefined ? null : await tree.read(file);
  if (file === undefined || text === null) return {};
  const target = (...names: string[]): FoundCommand | null => {
    const name = names.find((each) => new RegExp(`^${each}\\s*:(?!=)`, 'm').test(text));
    return name === undefined ? null : { command: `make ${name}`, source: file };
  };
  return {
    test: target('test', 'check'),
    lint: target('lint'),
    format: target('format-check', 'fmt-check', 'check-format'),
    setup: null,
  };
}

/** Names of files that define what a gate runs, wherever they lie in the tree. */
const DEFINITION_NAMES: readonly RegExp[] = [
  /^\.npmrc$/,
  /^\.yarnrc(\.yml)?$/,
  /^\.pnpmfile\.cjs$/,
  /^bunfig\.toml$/,
  /^\.?eslint(rc|\.config)(\..+)?$/,
  /^\.eslintignore$/,
  /^\.?prettier(rc|\.config)(\..+)?$/,
  /^\.prettierignore$/,
  /^biome\.jsonc?$/,
  /^\.oxlintrc\.json$/,
  /^(vitest|jest|ava|karma|cypress|playwright|babel|vite)\.(config|workspace|setup)\..+$/,
  /^\.(mocha|nyc|taprc|c8)rc(\..+)?$/,
  /^(pytest\.ini|tox\.ini|setup\.cfg|noxfile\.py|conftest\.py|\.coveragerc|ruff\.toml|\.ruff\.toml|\.flake8|mypy\.ini)$/,
  /^(rustfmt|\.rustfmt|clippy|\.clippy)\.toml$/,
  /^\.golangci\.(ya?ml|toml|json)$/,
  /^(GNU)?[Mm]akefile$/,
];

/**
 * @returns the paths among `paths` that define gates. `package.json`, `pyproject.toml` and `Cargo.toml` are not among them:
 *   a change of a dependency is ordinary work, so of package.json only the scripts count (see `changedDefinitions`)
 */
export function definitionsIn(paths: readonly string[]): string[] {
  return paths.filter((path) => {
    if (path.startsWith('node_modules/') || path.includes('/node_modules/')) return false;
    if (path.startsWith('.github/workflows/')) return true;
    const name = path.slice(path.lastIndexOf('/') + 1);
    return DEFINITION_NAMES.some((pattern) => pattern.test(name));
  });
}

/** Parts of package.json, next to the scripts, that configure test and lint tools. */
const MANIFEST_TOOL_KEYS = ['jest', 'mocha', 'ava', 'nyc', 'c8', 'eslintConfig', 'prettier'] as const;

/**
 * Whether a package.json still defines the same gates as before: no script changed or gone, none added that would run
 * before or after an old one (`pretest`), no tool configured anew. A new script under a new name is ordinary work.
 *
 * @param before text at the base commit, `null` when the file was not there
 * @param after text now; a version that cannot be parsed equals only itself
 */
export function sameGateScripts(before: string | null, after: string | null): boolean {
  if (before === after) return true;
  const [old, current] = [parseObject(before), parseObject(after)];
  if (old === null || current === null) return false;
  if (MANIFEST_TOOL_KEYS.some((key) => !isDeepStrictEqual(old[key], current[key]))) return false;
  const [oldScripts, scripts] = [asRecord(old['scripts']), asRecord(current['scripts'])];
  const kept = Object.keys(oldScripts).every((name) => oldScripts[name] === scripts[name]);
  const hooks = Object.keys(oldScripts).flatMap((name) => [`pre${name}`, `post${name}`]);
  return kept && hooks.every((name) => oldScripts[name] === scripts[name]);
}

function parseObject(text: string | null): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(text ?? '{}');
    return isRecord(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
