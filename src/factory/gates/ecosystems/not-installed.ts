import { asRecord, parseObject } from '../../../lib/record.ts';
import { isTestPath } from '../proof/test-files.ts';
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

const LANGUAGES: readonly Language[] = [
  {
    said: /^(?:E +)?ModuleNotFoundError: No module named '(\w+)/gm,
    holds: (path, module) => path === `${module}.py` || new RegExp(`(?:^|/)${module}(?:\\.py$|/)`).test(path),
    mayDeclare: (path) => REQUIREMENTS.test(path),
    declares: (text, module) => {
      // `python-dateutil` is imported as `dateutil`, `PyYAML` as `yaml`.
      const name = `(?:python-|py)?${module.replace(/_/g, '[-_.]')}(?:-python)?`;
      const end = String.raw`[ \t]*(?:\[[^\]\n]*\][ \t]*)?(?:[=<>~!;,#"'@]|$)`;
      return new RegExp(`(?:^|["'])[ \\t]*${name}${end}`, 'im').test(text);
    },
  },
  {
    said: /Cannot find (?:module|package) '((?:@[\w.-]+\/)?[\w-][\w.-]*)/g,
    holds: () => false,
    mayDeclare: (path) => /(?:^|\/)package\.json$/.test(path) && !isTestPath(path),
    declares: (text, module) => {
      const manifest = parseObject(text) ?? {};
      return SECTIONS.some((section) => module in asRecord(manifest[section]));
    },
  },
];

/** Manifests that are read for it, those nearest to the top first. */
const MOST_MANIFESTS = 20;

/**
 * Modules that a failed command could not load although the repository declares their packages: the set-up did not install them, and
 * no work of an agent's can.
 */
export async function findNotInstalled(tree: BaseTree, output: string): Promise<NotInstalled[]> {
  const found = new Map<string, string>();
  for (const { said, holds, mayDeclare, declares } of LANGUAGES) {
    const named = new Set([...output.matchAll(said)].map(([, module = '']) => module));
    const missing = [...named].filter((module) => !tree.paths.some((path) => holds(path, module)));
    if (missing.length === 0) continue;
    const manifests = tree.paths
      .filter((path) => mayDeclare(path) && !isInstalled(path))
      .sort((a, b) => a.split('/').length - b.split('/').length);
    for (const source of manifests.slice(0, MOST_MANIFESTS)) {
      const text = (await tree.read(source)) ?? '';
      for (const module of missing)
        if (!found.has(module) && declares(text, module)) found.set(module, source);
    }
  }
  return [...found].map(([module, source]) => ({ module, source }));
}
