/** Which files say how the work is proved, and so come from the base commit when a gate runs. */

/** Folders of installed packages: what lies there is run by name. Only what the base commit tracks may be in them. */
const INSTALLED =
  /(^|\/)(node_modules|bower_components|__pypackages__|\.venv|venv|site-packages|\.dark-factory)(\/|$)/;

/** Names that count wherever they lie in the tree, also when they are new: their tools look for them unasked. */
const NAMES: readonly RegExp[] = [
  // Package managers, and which version of a language is run.
  /^\.npmrc$/,
  /^\.yarnrc(\.yml)?$/,
  /^\.pnp\.(c|m)?js$/,
  /^\.?pnpmfile\.c?js$/,
  /^bunfig\.toml$/,
  /^node\.config\.json$/,
  /^\.node-options$/,
  /^(\.tool-versions|\.?mise\.toml|\.nvmrc|\.(node|python|ruby|java|go)-version)$/,
  // Environments, which may hold options of every interpreter. Samples are read by people.
  /^\.env(rc)?(\.(?!(example|sample|template|dist|defaults?)$)[\w.-]+)?$/,
  // JavaScript's linters, formatters and runners.
  /^\.?eslint(rc|\.config)(\..+)?$/,
  /^\.?(eslint|prettier|stylelint|test|mocha|jest)ignore$/,
  /^\.?prettier(rc|\.config)(\..+)?$/,
  /^\.?stylelint(rc|\.config)(\..+)?$/,
  /^biome\.jsonc?$/,
  /^\.?(oxlint|dprint|rome)(rc)?\.jsonc?$/,
  /^\.editorconfig$/,
  /^(vitest|jest|ava|karma|cypress|playwright|babel|vite|mocha|wtr|web-test-runner|jasmine|uvu|rstest|nightwatch|testcafe|wdio|testem)\.(config|conf|workspace|setup|projects?)\..+$/,
  /^testem\.(json|ya?ml|js)$/,
  /^\.babelrc(\..+)?$/,
  /^\.?(mocha|nyc|tap|c8|swc|jasmine|testcafe|xo-config|jscs|jshint)rc(\..+)?$/,
  /^\.(taprc|jshintrc|xo-config(\..+)?)$/,
  /^(lerna|nx|turbo|wireit)\.json$/,
  /^pnpm-workspace\.yaml$/,
  // Python's.
  /^(\.?pytest\.(ini|toml)|tox\.(ini|toml)|setup\.cfg|noxfile\.py|conftest\.py|\.coveragerc|\.?ruff\.toml|\.flake8|\.?mypy\.ini|\.?pylintrc(\.toml)?|pyrightconfig\.json|\.?nose\.cfg|\.noserc|unittest\.cfg|\.isort\.cfg|\.style\.yapf|\.bandit)$/,
  /^(sitecustomize|usercustomize)\.py$/,
  // Rust's and Go's.
  /^(rustfmt|\.rustfmt|clippy|\.clippy|nextest|tarpaulin|\.tarpaulin)\.toml$/,
  /^rust-toolchain(\.toml)?$/,
  /^\.golangci\.(ya?ml|toml|json)$/,
  /^go\.work$/,
  // Ruby's, PHP's, Java's, .NET's, C's.
  /^\.(rspec(-local)?|minitest|rubocop(_todo)?\.yml|standard\.yml)$/,
  /^\.?(phpunit|phpcs|psalm|infection|pest|codeception|phpstan|\.php-cs-fixer|\.php_cs)(\.dist)?\.(xml|xml\.dist|php|neon|neon\.dist|ya?ml|json5?)(\.dist)?$/,
  /^(checkstyle|junit-platform|surefire)([-.].*)?\.(xml|properties)$/,
  /^(\.runsettings|.+\.runsettings|xunit\.runner\.json|global\.json|nuget\.config|Directory\.(Build|Packages)\.(props|targets))$/i,
  /^(CTestConfig|CTestCustom)\.cmake$|^CMake(User)?Presets\.json$/,
  /^(\.bazelrc|\.bazelversion|\.clang-(format|tidy)|\.luacheckrc|\.busted|\.proverc|\.perlcriticrc|\.scalafmt\.conf|dart_test\.yaml|analysis_options\.yaml)$/,
  // What CI runs.
  /^(\.pre-commit-config|\.gitlab-ci|\.travis|azure-pipelines|lefthook)\.ya?ml$/,
  /^Jenkinsfile$/,
];

/** The same by whole path. Python looks for modules in the top folder first, so a file there may stand in for a tool. */
const PATHS: readonly RegExp[] = [
  /^\.(github\/(workflows|actions)|circleci)\//,
  /(^|\/)\.cargo\/config(\.toml)?$/,
  // Cargo runs it before it compiles anything.
  /^(?!(.*\/)?(src|tests)\/)(.*\/)?build\.rs$/,
  /(^|\/)\.config\/(nextest\.toml|mise(\.toml|\/)|dotnet-tools\.json)/,
  /(^|\/)\.mvn\//,
  /(^|\/)gradle\/(wrapper\/|.*\.toml$)/,
  /^\.yarn\/(releases|plugins|sdks)\//,
  /^(_?pytest|pluggy|iniconfig|unittest|doctest|nose2?)(\.py$|\/)/,
];

/**
 * Ordinary work where the base commit has none: the first manifest, lock file or Makefile of a folder. Those of one row stand
 * in for each other, and which of them counts is the tool's own order: where the folder has one, a new one is a change as well.
 */
const FAMILIES: readonly RegExp[] = [
  /^(GNU)?[Mm]akefile$/,
  /^\.?[Jj]ustfile$/,
  /^[Tt]askfile(\.dist)?\.ya?ml$/,
  /^[Rr]akefile(\.rb)?$/,
  /^(build|settings)\.gradle(\.kts)?$|^gradle\.properties$/,
  /^(package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lockb?|deno\.lock)$/,
  /^(uv\.lock|poetry\.lock|pdm\.lock|Pipfile(\.lock)?|requirements[\w.-]*\.txt)$/,
  /^(Cargo\.lock|go\.sum|composer\.lock|Gemfile\.lock|mix\.lock)$/,
  /^(ts|js)config(\..+)?\.json$/,
];

/** A second one of these is only read where something names it. */
const FREE: ReadonlySet<RegExp> = new Set(
  FAMILIES.filter((family) => family.test('tsconfig.json') || family.test('requirements.txt')),
);

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Whether a path lies in, or is, a folder of installed packages. */
export function isInstalled(path: string): boolean {
  return INSTALLED.test(path);
}

const LOCKS = FAMILIES.filter(
  (family) => family.test('yarn.lock') || family.test('uv.lock') || family.test('go.sum'),
);

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
  return isDefinition(path) || FAMILIES.some((family) => family.test(nameOf(path)));
}

/** Whether a path, which may be new, is read in place of a file that the base commit has in the same folder, or is that file. */
export function isDefinitionBeside(path: string, base: ReadonlySet<string>): boolean {
  if (base.has(path)) return isDefinitionOfBase(path);
  const family = FAMILIES.find((each) => each.test(nameOf(path)));
  if (family === undefined || FREE.has(family)) return false;
  const folder = path.slice(0, path.length - nameOf(path).length);
  for (const each of base) {
    if (each.startsWith(folder) && !each.includes('/', folder.length) && family.test(nameOf(each)))
      return true;
  }
  return false;
}

/** Files of which only sections define gates: the rest of them is ordinary work. */
export function isManifest(path: string): boolean {
  return (
    /^(package\.json|deno\.jsonc?|pyproject\.toml|Cargo\.toml|pom\.xml|build\.gradle(\.kts)?)$/.test(
      nameOf(path),
    ) && !INSTALLED.test(path)
  );
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

/** Whether a path holds words for people alone. */
export function isDocument(path: string): boolean {
  return /\.(md|markdown|txt|rst|adoc)$/i.test(path) && !isDefinitionOfBase(path);
}
