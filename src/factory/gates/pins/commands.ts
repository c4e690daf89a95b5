import { withoutTypes } from '../ecosystems/modules.ts';

/**
 * What a command line starts and reads, as far as its words tell. Nothing is run; a name counts only where the repository has
 * such a file.
 */
export interface CommandFiles {
  /** What an interpreter or the shell is to run. */
  programs: string[];
  /** Values of options that name configuration, plugins and environments. */
  settings: string[];
  /** Names that scripts and targets are asked for by. */
  words: string[];
}

const INTERPRETERS =
  /(?<![\w./-])(?:node|nodejs|python[\d.]*|pypy3?|sh|bash|dash|zsh|ksh|ruby|perl|php|tsx|ts-node|esno|deno|bun|source|\.)((?:\s+--?(?:r|C|W|X|o|import|require|loader|experimental-loader|env-file|conditions|test-reporter|test-name-pattern)\s+[^\s;&|]+|\s+-{1,2}[^\s;&|]+)*)\s+(?:run\s+)?["']?([\w@./-]+)/g;
const IN_COMMAND_POSITION =
  /(?:^|[;&|(`]|&&|\|\|)\s*(?:\w+=\S*\s+)*(?:exec\s+|time\s+)?["']?(\.{0,2}[\w@.-]*\/[\w@./-]+)/gm;
const MODULE = /(?<![\w./-])python[\d.]*(?:\s+-[A-Zabd-ln-z]\w*)*\s+-m\s+([\w.]+)/g;
const OPTIONS =
  /(?<![\w-])--?(?:c|r|p|f|e|config|conf|config-?file|config-path|env-?file|env-file-if-exists|import|require|loader|experimental-loader|project|tsconfig|rcfile|rc-?path|file|makefile|justfile|taskfile|setup-?files?|global-?setup|test-global-setup|preset|reporter|test-reporter|plugin|plugins|experimental-config-file|experimental-default-config-file|ini|settings|options|opts|package|init-file|init-script|suite|bootstrap|configuration|rulesdir|resolve-plugins-relative-to|toolchain|custom-rulesets?)(?:[=\s]+)["']?([\w@./~-]+)/gi;
/** What the shell itself looks at, `test -f result.txt` for one: its `-f` names no configuration. */
const SHELL_TESTS =
  /(^|[;&|({!\n]|\b(?:if|elif|while|until|then|else|do)\s)\s*(?:test|\[\[?)\s+(?:!\s+)?-[a-zA-Z]\s+[^\s;&|)]+/g;
const ARGUMENT_FILES = /(?:^|\s)@([\w./-]+)/g;
const ENVIRONMENT =
  /(?:NODE_OPTIONS|PYTEST_ADDOPTS|PYTHONSTARTUP|BASH_ENV|ENV|RUBYOPT|PERL5OPT|MAKEFILES|CLASSPATH|JEST_CONFIG|ESLINT_CONFIG)=["']?([^\s"']+)/g;
const WORDS = /[^\s"'`;&|()<>={},$]+/g;

const firsts = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map((found) => found[1] ?? '');

export function filesOfCommand(command: string): CommandFiles {
  const modules = firsts(command, MODULE).flatMap(moduleFiles);
  return {
    programs: [
      ...[...command.matchAll(INTERPRETERS)].map((found) => found[2] ?? ''),
      ...firsts(command, IN_COMMAND_POSITION),
      ...modules,
    ].map(plain),
    settings: [
      ...firsts(command.replace(SHELL_TESTS, '$1'), OPTIONS),
      ...firsts(command, ARGUMENT_FILES),
      ...firsts(command, ENVIRONMENT),
      ...pluginsIn(command),
    ].map(plain),
    words: command.match(WORDS) ?? [],
  };
}

/** `-p` names a plugin for pytest alone; for others it is a package. */
function pluginsIn(command: string): string[] {
  return command
    .split(/[;&|\n]+/)
    .filter((part) => /\bpytest\b|\baddopts\b|PYTEST_ADDOPTS/.test(part))
    .flatMap((part) => firsts(part, /[\s"']-p(?:\s*|["']\s*,\s*["'])([A-Za-z_][\w.]*)/g))
    .flatMap((name) => [...moduleFiles(name), `${name.replaceAll('.', '/')}/__init__.py`]);
}

function moduleFiles(name: string): string[] {
  const path = name.replaceAll('.', '/');
  return [`${path}.py`, `${path}/__main__.py`];
}

/** Without a leading `../pinned/`. */
function plain(path: string): string {
  return path.replace(/^(?:\.\/)+/, '').replace(/\/{2,}/g, '/');
}

/** Keys and statements of configurations behind which files of the same kind are named. */
const REFERENCES =
  /\b(?:extends|preset|setup\w*|global(?:Setup|Teardown)\w*|require|import|from|loader|runner|testRunner|testEnvironment|reporters?|resolver|transform|plugins?|snapshotSerializers|testSequencer|processor|mergeConfig)\b["']?\s*[:=(]?\s*(\[[^\]]{0,2000}\]|\(?\s*["'][^"'\n]{1,300}["'])/g;
const MAKEFILE = /(^|\/)(GNU)?[Mm]akefile$|\.mk$/;
const INCLUDES = /^[ \t]*-?s?include[ \t]+(.+)$/gm;

const QUOTED = /["']([^"'\n]{1,300})["']/g;

/** Relative paths that a configuration names as more of it; endings may be left out. */
export function referencesIn(path: string, text: string): string[] {
  const quoted = [...withoutTypes(text).matchAll(REFERENCES)].flatMap((found) =>
    firsts(found[1] ?? '', QUOTED),
  );
  const included = MAKEFILE.test(path)
    ? firsts(text, INCLUDES).flatMap((line) => line.trim().split(/\s+/))
    : [];
  const { settings } = filesOfCommand(text);
  return beside(path, [...quoted, ...included, ...settings], ['', '.js', '.cjs', '.mjs', '.ts', '.json']);
}

function beside(path: string, names: readonly string[], ends: readonly string[]): string[] {
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/') + 1) : '';
  return names
    .map((name) => name.replace(/^<rootDir>\//, '/'))
    .flatMap((name) => {
      const whole = name.startsWith('/') ? name.slice(1) : join(folder, name);
      return whole === null ? [] : ends.map((end) => whole + end);
    });
}

const VALUE =
  '["\']?\\s*[:=]\\s*(\\[[^\\]]{0,2000}\\]|(?:[\\w.]+\\(\\s*(?:new\\s+URL\\(\\s*)?(?:[\\w.]+\\s*,\\s*)?)?["\'][^"\'\\n]{1,300}["\'])';
/** Keys behind which a runner is told what to load before the tests. */
const PRELOADED = new RegExp(
  `\\b(?:setupFiles?(?:AfterEnv)?|setupTestFrameworkScriptFile|global(?:Setup|Teardown))\\b${VALUE}`,
  'g',
);
/** The same where only the runner's own file, or its part of a package.json, is read: elsewhere these words mean much. */
const OF_MOCHA = new RegExp(`\\b(?:require|file)\\b${VALUE}`, 'g');
const OF_MOCHA_IN_YAML = /^(?:require|file):[ \t]*((?:\n[ \t]*-[^\n]*)+|[^\s[][^\n]*)/gm;
const LOADED_BY_NODE =
  /(?<![\w-])(?:--(?:import|require|loader|experimental-loader)|-r)[=\s]+["']?([\w@./~-]+)/g;

/** Paths of what a configuration has loaded before any test, wherever it lies. */
export function preloadedIn(path: string, text: string): string[] {
  const isMocha = /(^|\/)\.?mocha/.test(path);
  const keys = isMocha ? [PRELOADED, OF_MOCHA] : [PRELOADED];
  const quoted = keys
    .flatMap((each) => [...text.matchAll(each)])
    .flatMap((found) => firsts(found[1] ?? '', QUOTED));
  const listed = /\.ya?ml$/.test(path) && isMocha ? firsts(text, OF_MOCHA_IN_YAML) : [];
  // `cp -r` and the like stand in makefiles as well.
  const lines = text
    .split('\n')
    .filter((line) => /\b(?:node|NODE_OPTIONS|mocha|tsx|ts-node|ava)\b/.test(line));
  // A line that is set in goes on with the one before it.
  const plugins = /\.(?:ini|cfg|toml)$/.test(path)
    ? pluginsIn(text.replace(/\n[ \t]+/g, ' '))
    : pluginsIn(text);
  const names = [
    ...quoted,
    ...listed.flatMap((list) =>
      list.split('\n').map((line) => line.replace(/^[\s-]+|["']|\s+#.*$|\s+$/g, '')),
    ),
    ...lines.flatMap((line) => firsts(line, LOADED_BY_NODE)),
  ];
  const ends = ['', '.js', '.cjs', '.mjs', '.ts', '.jsx', '.tsx'];
  return [...beside(path, names.filter(Boolean), ends), ...plugins];
}

/** Files that a makefile includes by a pattern, by a name that a variable holds a part of, or by a name without an ending. */
export function includedIn(path: string, text: string, files: readonly string[]): string[] {
  if (!MAKEFILE.test(path)) return [];
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/') + 1) : '';
  const names = firsts(text, INCLUDES).flatMap((line) =>
    line
      .replace(/#.*$/, '')
      .replace(/\$[({]wildcard\s+([^)}]*)[)}]/g, '$1')
      .replace(/\$[({][^)}]*[)}]/g, '\0')
      .trim()
      .split(/\s+/),
  );
  // One that is all variable could be any file.
  const patterns = names
    .filter((name) => /\w/.test(name.replaceAll('\0', '')))
    .flatMap((name) => join(folder, name) ?? [])
    .map((name) => name.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .map((name) => new RegExp(`^${name.replaceAll('*', '[^/]*').replaceAll('\0', '.*')}$`));
  return files.filter((file) => patterns.some((pattern) => pattern.test(file)));
}

/** `null` for a path that leaves the repository. */
function join(folder: string, name: string): string | null {
  const parts: string[] = [];
  for (const part of `${folder}${name}`.split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) return null;
    } else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}
