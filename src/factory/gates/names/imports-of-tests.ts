import { posix } from 'node:path';
import { readAhead } from '../../../lib/async/read-ahead.ts';
import type { Project } from '../../model/project.ts';
import type { GitManager } from '../../ports.ts';
import { namedModules } from '../ecosystems/modules.ts';
import { isTestPath } from '../test-source/test-files.ts';

/* What tests of the base commit import, and what of it is for tests alone. */

/** A commit beside its base. */
export interface BothSides {
  /** Paths that differ. */
  changed: readonly string[];
  /** All paths of the base commit. */
  base: readonly string[];
  /** Text of a file of the base commit. */
  old(path: string): Promise<string | null>;
  /** The same of the commit. */
  now(path: string): Promise<string | null>;
}

export function bothSides(
  git: Pick<GitManager, 'showFile'>,
  { repository, baseCommit }: Pick<Project, 'repository' | 'baseCommit'>,
  commit: string,
  paths: Pick<BothSides, 'changed' | 'base'>,
): BothSides {
  return {
    ...paths,
    old: (path) => git.showFile(repository, baseCommit, path),
    now: (path) => git.showFile(repository, commit, path),
  };
}

export interface Import {
  /** The file that says it. */
  from: string;
  /** As it is written; a path of the repository's own begins with `/`. */
  module: string;
}

const CODE = /\.(?:[cm]?[jt]sx?|vue|svelte|py|go)$/;
/** Most tests, and most sources of the product, that are read for it. */
const MOST_FILES = 300;

/** Names that speak of judging: also a product that uses such a library needs it as it is. */
const JUDGES = /assert|expect|should|chai|test|spec|mock|sinon|snapshot|hamcrest|match|verif|gomega|go-cmp/i;
const VENDORED = /(^|\/)vendor\//;

export const importsOfTests = (sides: BothSides): Promise<Import[]> => importsIn(sides, isTestPath);

export const importsOfProduct = (sides: BothSides, most = MOST_FILES): Promise<Import[]> =>
  importsIn(sides, (path) => !isTestPath(path), most);

/**
 * Those that are for tests: by their name, or because no code of the product imports the same.
 *
 * @param asSame the same view of what the product imports. Default: as it is written
 */
export async function forTests(
  sides: BothSides,
  imports: readonly Import[],
  asSame: (imports: readonly Import[]) => readonly Import[] = (all) => all,
): Promise<Import[]> {
  if (imports.every(({ module }) => JUDGES.test(module))) return [...imports];
  const used = new Set(asSame(await importsOfProduct(sides)).map(({ module }) => module));
  return imports.filter(({ module }) => JUDGES.test(module) || !used.has(module));
}

async function importsIn(
  { base, old }: BothSides,
  wanted: (path: string) => boolean,
  most = MOST_FILES,
): Promise<Import[]> {
  const files = base.filter((path) => CODE.test(path) && !VENDORED.test(path) && wanted(path)).slice(0, most);
  const found: Import[] = [];
  for await (const [from, text] of readAhead(files, old))
    for (const module of new Set(modulesIn(from, text ?? ''))) found.push({ from, module });
  return found;
}

const OF_PYTHON =
  /^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]+(?:\(([^)]*)\)|([^(\n]+))|import[ \t]+([\w., \t]+))/gm;

const OF_GO = /^\s*(?:import\s+)?(?:[\w.]+\s+)?"([\w./-]+)"\s*(?:\/\/.*)?$/gm;

function modulesIn(path: string, text: string): string[] {
  if (path.endsWith('.go')) return [...text.matchAll(OF_GO)].map(([, module = '']) => module);
  if (path.endsWith('.py'))
    return [...text.matchAll(OF_PYTHON)].flatMap(([, from, names = '', rest = '', whole = '']) => {
      const each = (names || rest || whole).split(',').map((name) => name.trim().replace(/\s[\s\S]*$/, ''));
      // What is taken of a package may be a module of it.
      return from === undefined ? each : [from, ...each.map((name) => `${from}.${name}`)];
    });
  return namedModules(text).map((module) =>
    /^\.{1,2}(?:\/|$)/.test(module) ? posix.join('/', posix.dirname(path), module) : module,
  );
}
