/** Which files say how the work is proved, and so come from the base commit when a gate runs. */

/** Folders of installed packages: what lies there is run by name. Only what the base commit tracks may be in them. */
const INSTALLED =
  /(^|\/)(node_modules|bower_components|__pypackages__|\.venv|venv|site-packages|\.dark-factory)(\/|$)/;

/** Names that count wherever they lie in the tree, also when they are new. */
const NAMES: readonly RegExp[] = [
  /^\.npmrc$/,
  /^\.yarnrc(\.yml)?$/,
  /^\.pnp\.(c|m)?js$/,
  /^\.?pnpmfile\.c?js$/,
  /^bunfig\.toml$/,
  /^\.?eslint(rc|\.config)(\..+)?$/,
  /^\.?(eslint|prettier|stylelint)ignore$/,
  /^\.?prettier(rc|\.config)(\..+)?$/,
  /^\.?stylelint(rc|\.config)(\..+)?$/,
  /^biome\.jsonc?$/,
  /^\.?oxlintrc\.json$/,
  /^(vitest|jest|ava|karma|cypress|playwright|babel|vite|mocha|wtr|web-test-runner)\.(config|workspace|setup)\..+$/,
  /^\.babelrc(\..+)?$/,
  /^\.?(mocha|nyc|taprc|c8|swc)rc(\..+)?$/,
  /^\.taprc$/,
  /^(pytest\.ini|\.pytest\.ini|pytest\.toml|tox\.ini|setup\.cfg|noxfile\.py|conftest\.py|\.coveragerc|ruff\.toml|\.ruff\.toml|\.flake8|\.?mypy\.ini|\.pylintrc|pyrightconfig\.json)$/,
  /^(sitecustomize|usercustomize)\.py$/,
  /^(rustfmt|\.rustfmt|clippy|\.clippy)\.toml$/,
  /^rust-toolchain(\.toml)?$/,
  /^\.golangci\.(ya?ml|toml|json)$/,
  /^(\.pre-commit-config|\.gitlab-ci|\.travis|azure-pipelines)\.ya?ml$/,
  /^Jenkinsfile$/,
];

/** The same by whole path. Python looks for modules in the top folder first, so a file there may stand in for a tool. */
const PATHS: readonly RegExp[] = [
  /^\.(github\/(workflows|actions)|circleci)\//,
  /(^|\/)\.cargo\/config(\.toml)?$/,
  /^\.yarn\/(releases|plugins|sdks)\//,
  /^(_?pytest|pluggy|iniconfig|unittest)(\.py$|\/)/,
];

/** Ordinary work where the base commit has none: the first manifest, lock file or Makefile of a folder. */
const NAMES_IF_THERE: readonly RegExp[] = [
  /^(GNU)?[Mm]akefile$/,
  /^(package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lockb?)$/,
  /^(uv\.lock|poetry\.lock|pdm\.lock|Pipfile(\.lock)?|requirements[\w.-]*\.txt)$/,
  /^(Cargo\.lock|go\.sum|go\.work)$/,
  /^(ts|js)config(\..+)?\.json$/,
];

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Whether a path lies in, or is, a folder of installed packages. */
export function isInstalled(path: string): boolean {
  return INSTALLED.test(path);
}

const LOCKS = NAMES_IF_THERE.slice(1, 4);

/** Whether a path decides which packages the set-up installs. */
export function isLockFile(path: string): boolean {
  return LOCKS.some((pattern) => pattern.test(nameOf(path)));
}

/** Whether a path, new or old, says how work is proved. */
export function isDefinition(path: string): boolean {
  if (INSTALLED.test(path)) return true;
  if (PATHS.some((pattern) => pattern.test(path))) return true;
  return NAMES.some((pattern) => pattern.test(nameOf(path)));
}

/** Whether a path counts because the base commit holds it. */
export function isDefinitionOfBase(path: string): boolean {
  return isDefinition(path) || NAMES_IF_THERE.some((pattern) => pattern.test(nameOf(path)));
}

/** Files of which only sections define gates: the rest of them is ordinary work. */
export function isManifest(path: string): boolean {
  return /^(package\.json|pyproject\.toml|Cargo\.toml)$/.test(nameOf(path)) && !INSTALLED.test(path);
}

/**
 * @param paths any paths
 * @returns those that define gates wherever they come from, without the content of installed packages
 */
export function definitionsIn(paths: readonly string[]): string[] {
  return paths.filter((path) => isDefinitionOfBase(path) && !INSTALLED.test(path));
}

/** For people: a folder of installed packages in place of the thousand files in it. Sorted, each once. */
export function summarisePaths(paths: readonly string[]): string[] {
  const short = paths.map((path) => {
    const found = INSTALLED.exec(path);
    return found === null ? path : `${path.slice(0, found.index + found[0].length).replace(/\/$/, '')}/`;
  });
  return [...new Set(short)].sort();
}
