import { mergeToml } from '../pins/toml-sections.ts';
import { pythonProject } from './pyproject.ts';
import type { BaseTree, Ecosystem, Found, FoundCommand } from './types.ts';

const SECTION =
  /^tool\.(pytest|ruff|black|isort|mypy|coverage|tox|nox|pylint|pyright|basedpyright|flake8|autopep8|yapf|bandit|unittest|nose2|ward|hatch\.envs|pdm\.scripts|poe|poethepoet|taskipy|django|mutmut|cibuildwheel)(\.|$)/;

export const python: Ecosystem = {
  name: 'python',
  find: findPython,
  definitions: {
    names: [
      /^(\.?pytest\.(ini|toml)|tox\.(ini|toml)|setup\.cfg|noxfile\.py|conftest\.py|\.coveragerc|\.?ruff\.toml|\.flake8|\.?mypy\.ini|\.?pylintrc(\.toml)?|pyrightconfig\.json|\.?nose\.cfg|\.noserc|unittest\.cfg|\.isort\.cfg|\.style\.yapf|\.bandit)$/,
      /^\.python-version$/,
    ],
    paths: [
      // Python runs them whenever it starts, in whatever form a module comes.
      /(^|\/)(site|user)customize(\/|(\.[\w-]+)*\.(py[cdo]?|so)$)/,
      /(^|\/)\.basedpyright\/(baseline\.json)?$/,
      // Python looks for modules in the top folder first, so a file there may stand in for a tool.
      /^(_?pytest|pluggy|iniconfig|unittest|doctest|nose2?)(\.py$|\/)/,
      // What looks installed there may be a plugin; among the tests it is a fixture.
      /^(?!(.*\/)?(tests?|testing|test[-_]?data|fixtures)\/)(.*\/)?[^/]+\.(dist|egg)-info\//i,
    ],
    families: [
      {
        names: /^(uv\.lock|poetry\.lock|pdm\.lock|Pipfile(\.lock)?|requirements[\w.-]*\.txt)$/,
        locks: true,
        free: true,
      },
    ],
  },
  manifests: [{ name: /^pyproject\.toml$/, merge: (base, head) => mergeToml(base, head, SECTION) }],
  installed: ['__pypackages__', '.venv', 'venv', 'site-packages'],
  setup: {
    programs: ['python3', 'uv', 'poetry'],
    reads: /(^|\/)setup\.(py|cfg)$/,
    readsAll: null,
    runsCode: (path, text) =>
      path.endsWith('setup.py') || (path.endsWith('pyproject.toml') && /^\[build-system\]/m.test(text)),
    // Elsewhere its environment would be gone with the command.
    variables: () => ({ POETRY_VIRTUALENVS_IN_PROJECT: 'true' }),
    offline: {},
  },
  home: {
    caches: ['.cache/pip'],
    settings: [],
    lent: null,
    companions: [
      { when: '.pyenv', folder: '.pyenv', variable: 'PYENV_ROOT' },
      { when: '.local/bin', folder: '.local/lib', variable: 'PYTHONUSERBASE', value: '.local' },
    ],
  },
};

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
const VENV_LOCKS = ['uv.lock', 'poetry.lock'] as const;

/** Tools that nobody declares (pytest, often) are those of the machine. */
const VENV = 'python3 -m venv --system-site-packages .venv';
const PIP = '.venv/bin/python -m pip';

/** Where a set-up without a lock file writes down what it resolved, and reads it the next time. */
export const RESOLVED_REQUIREMENTS = '.resolved-requirements.txt';
const KEPT = `$(test -f ${RESOLVED_REQUIREMENTS} && echo --constraint ${RESOLVED_REQUIREMENTS})`;
const KEEP = `${PIP} freeze --local --exclude-editable > ${RESOLVED_REQUIREMENTS}`;

/** Programs of the environment first, where there is one. */
const IN_VENV = 'PATH="$PWD/.venv/bin:$PATH" ';

/** A list of requirements is a lock only where each of them says which files it means. */
function isHashed(requirements: string): boolean {
  const wanted = requirementsIn(requirements.replace(/\\\r?\n/g, ' '));
  return wanted.length > 0 && wanted.every((line) => /==.*--hash=/.test(line));
}

function requirementsIn(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');
}

const isTest = (path: string) => /(^|\/)(test_[^/]*|[^/]*_test)\.py$/.test(path);

async function findPython(tree: BaseTree): Promise<Found> {
  const marker = PYTHON_MARKERS.find((file) => tree.has(file)) ?? tree.paths.find(isTest);
  if (marker === undefined) return {};
  const settings = (await tree.read(marker)) ?? '';
  const found = (command: string, source: string = marker): FoundCommand => ({ command, source });
  const requirements = tree.has('requirements.txt') ? await tree.read('requirements.txt') : null;
  const hashed = requirements !== null && isHashed(requirements);
  const lock = VENV_LOCKS.find((file) => tree.has(file)) ?? (hashed ? 'requirements.txt' : undefined);
  const unlocked = lock === undefined ? await unlockedSetup(tree) : null;
  const before = unlocked === null ? '' : IN_VENV;
  const tool = (name: string) => (lock === undefined ? `${before}${name}` : `.venv/bin/python -m ${name}`);
  const ruff = ['ruff.toml', '.ruff.toml'].find((file) => tree.has(file));
  const usesRuff = settings.includes('[tool.ruff') || ruff !== undefined;
  return {
    test:
      tree.paths.some(isTest) || settings.includes('pytest')
        ? found(
            lock === undefined
              ? `${before}${sourcePath(tree, settings)}python3 -m pytest`
              : '.venv/bin/python -m pytest',
          )
        : await ownScript(tree, before),
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
    // The settings are the repository's, but not how its tools are called, on which files.
    guessed: ['lint', 'format'],
    setup: tree.has('uv.lock')
      ? found(await uvSync(tree), 'uv.lock')
      : tree.has('poetry.lock')
        ? found('poetry install --no-interaction', 'poetry.lock')
        : lock === 'requirements.txt'
          ? found(`${VENV} && ${PIP} install --require-hashes --requirement requirements.txt`, lock)
          : unlocked,
  };
}

/** By itself it installs the group `dev` and no extras. */
async function uvSync(tree: BaseTree): Promise<string> {
  const { extras = [], groupNames = [] } = (await pythonProject(tree)) ?? {};
  const groups = groupNames.filter((name) => name !== 'dev');
  return [
    'uv sync --frozen',
    ...extras.map((name) => `--extra ${name}`),
    ...groups.map((name) => `--group ${name}`),
  ].join(' ');
}

/** A file of unittest that runs itself, by a name that no runner looks for. */
async function ownScript(tree: BaseTree, before: string): Promise<FoundCommand | null> {
  for (const source of ['test.py', 'tests.py'])
    if (tree.has(source) && /^\s*unittest\.main\(/m.test((await tree.read(source)) ?? ''))
      return { command: `${before}python3 ${source}`, source };
  return null;
}

/** Packages below `src` are found only where they are installed, or where somebody says so. */
function sourcePath(tree: BaseTree, settings: string): string {
  const packages = tree.paths.some((path) => /^src\/[^/]+\/__init__\.py$/.test(path));
  return packages && !/^\s*pythonpath\s*=/m.test(settings) ? 'PYTHONPATH=src ' : '';
}

/** What developers of the repository install, by the names that are usual for it. */
const REQUIREMENTS = /^((requirements|tests?)\/)?((dev|tests?)[-_])?requirements([-_](dev|tests?))?\.txt$/;
const REQUIREMENTS_FOLDER = /^requirements\/(base|dev|test|tests)\.txt$/;

async function unlockedSetup(tree: BaseTree): Promise<FoundCommand | null> {
  const lists: string[] = [];
  for (const path of tree.paths.filter((each) => REQUIREMENTS.test(each) || REQUIREMENTS_FOLDER.test(each)))
    if (requirementsIn((await tree.read(path)) ?? '').length > 0) lists.push(path);
  const own = await pythonProject(tree);
  if (lists.length === 0 && own === null) return null;
  const wanted = [
    ...lists.map((path) => `--requirement ${path}`),
    ...(own === null ? [] : [`--editable '.${own.extras.length > 0 ? `[${own.extras.join(',')}]` : ''}'`]),
    ...(own?.groups ?? []).map((requirement) => `'${requirement}'`),
  ];
  return {
    command: `${VENV} && ${PIP} install ${KEPT} ${wanted.join(' ')} && ${KEEP}`,
    source: lists[0] ?? own?.source ?? 'pyproject.toml',
    unlocked: true,
    optional: true,
  };
}
