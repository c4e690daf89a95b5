import { asRecord, parseObject } from '../../../lib/record.ts';
import { isTestPath } from '../test-source/test-files.ts';
import { isInstalled } from './installed.ts';
import type { BaseTree } from './types.ts';

export interface NotInstalled {
  /** As programs import it. */
  module: string;
  /** The file that declares it. */
  source: string;
}

interface Language {
  /** What it says of a module that is not there; its name in the first group. */
  said: RegExp;
  /** Whether the repository itself holds such a module. */
  holds(path: string, module: string): boolean;
  /** Whether a file may declare what the repository needs. */
  mayDeclare(path: string): boolean;
  declares(text: string, module: string): boolean;
}

const REQUIREMENTS =
  /^(?:(?:requirements|tests?)\/[\w.-]+\.(?:txt|in)|[\w.-]*requirements[\w.-]*\.(?:txt|in)|pyproject\.toml|setup\.(?:cfg|py)|tox\.ini|Pipfile)$/;
const SECTIONS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];

const PYTHON: Language = {
  said: /^(?:E +)?ModuleNotFoundError: No module named '(\w+)/gm,
  holds: (path, module) => path === `${module}.py` || new RegExp(`(?:^|/)${module}(?:\\.py$|/)`).test(path),
  mayDeclare: (path) => REQUIREMENTS.test(path),
  declares: (text, module) => {
    // `python-dateutil` is imported as `dateutil`, `PyYAML` as `yaml`.
    const name = `(?:python-|py)?${module.replace(/_/g, '[-_.]')}(?:-python)?`;
    const end = String.raw`[ \t]*(?:\[[^\]\n]*\][ \t]*)?(?:[=<>~!;,#"'@]|$)`;
    return new RegExp(`(?:^|["'])[ \\t]*${name}${end}`, 'im').test(text);
  },
};

const NODE: Language = {
  said: /Cannot find (?:module|package) '((?:@[\w.-]+\/)?[\w-][\w.-]*)/g,
  holds: () => false,
  mayDeclare: (path) => /(?:^|\/)package\.json$/.test(path) && !isTestPath(path),
  declares: (text, module) => {
    const manifest = parseObject(text) ?? {};
    return SECTIONS.some((section) => module in asRecord(manifest[section]));
  },
};

/** Manifests that are read for it, those nearest to the top first. */
const MOST_MANIFESTS = 20;

/**
 * Modules that a failed command could not load although the repository declares their packages: the set-up did not install them, and
 * no work of an agent's can.
 */
export async function findNotInstalled(tree: BaseTree, output: string): Promise<NotInstalled[]> {
  const found = new Map<string, string>();
  for (const language of [PYTHON, NODE]) {
    const named = new Set([...output.matchAll(language.said)].map(([, module = '']) => module));
    const missing = [...named].filter((module) => !tree.paths.some((path) => language.holds(path, module)));
    for (const [module, source] of await declarations(tree, language, missing))
      if (!found.has(module)) found.set(module, source);
  }
  return [...found].map(([module, source]) => ({ module, source }));
}

/** Each of the modules that a manifest of the repository declares, with that manifest. */
async function declarations(
  tree: DeclaringTree,
  { mayDeclare, declares }: Language,
  modules: readonly string[],
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  if (modules.length === 0) return found;
  const manifests = tree.paths
    .filter((path) => mayDeclare(path) && !isInstalled(path))
    .sort((a, b) => a.split('/').length - b.split('/').length);
  for (const source of manifests.slice(0, MOST_MANIFESTS)) {
    const text = (await tree.read(source)) ?? '';
    for (const module of modules) if (!found.has(module) && declares(text, module)) found.set(module, source);
  }
  return found;
}

type DeclaringTree = Pick<BaseTree, 'paths' | 'read'>;

/** What a manifest of Python's says of the package itself, in which modules stand that it is yet to have. */
const OF_ITSELF =
  /^[ \t]*["']?(?:name|packages|py[-_]modules|modules?|include|source|where|known[-_]\w+|testpaths)["']?\s*=.*$/gm;

/** Those of the modules that the repository has from elsewhere, by what it declares and does not hold itself. */
export async function fromElsewhere(
  tree: DeclaringTree,
  kind: 'python' | 'node',
  modules: readonly string[],
): Promise<Set<string>> {
  if (kind === 'node') return new Set((await declarations(tree, NODE, modules)).keys());
  const own: Language = {
    ...PYTHON,
    declares: (text, module) =>
      !isNamedSo(text, module) && PYTHON.declares(text.replace(OF_ITSELF, ''), module),
  };
  const others = modules.filter((module) => !tree.paths.some((path) => PYTHON.holds(path, module)));
  return new Set((await declarations(tree, own, others)).keys());
}

function isNamedSo(text: string, module: string): boolean {
  const name = /^[ \t]*name\s*=\s*["']?([\w.-]+)/m.exec(text)?.[1] ?? '';
  return name.toLowerCase().replace(/[-.]/g, '_') === module.toLowerCase();
}
