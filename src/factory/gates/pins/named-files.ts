import { asRecord, parseObject } from '../../../lib/record.ts';
import { literal } from '../../../lib/text/literal.ts';
import type { Project } from '../../model/project.ts';
import type { GitManager } from '../../ports.ts';
import { isInstalled } from '../ecosystems/installed.ts';
import { STARTS_SCRIPTS } from '../ecosystems/node/node.ts';
import { isCompiled, isTestPath } from '../test-source/test-files.ts';
import { filesOfCommand, includedIn, referencesIn } from './commands.ts';
import { definitionsIn, isDefinitionOfBase, nameOf } from './definitions.ts';
import { recipesOf } from './makefile.ts';
import { CODE, isProduct, MANIFEST, type NamingTree, PRODUCT, preloaded } from './preloaded.ts';
import { taskFiles } from './task-files.ts';
import { otherPrograms, type Package, TOOL } from './tools.ts';

export interface NamedFiles {
  /** Programs of the repository that prove something: run by a gate's command, or by what such a program runs. */
  programs: Set<string>;
  /** Those of them, and of the tests, that are really started by the commands given. */
  started: Set<string>;
  /** What is read before the code under test: configuration, environments, plugins. Some the base commit may not have. */
  settings: Set<string>;
  /** What each `make` among them is asked for. */
  made: string[][];
}

/** Programs followed into their text, and definitions of the base commit that are read for what they name. */
const MOST_READ = 80;

/**
 * Follows the commands of a gate through package scripts, make targets and shell scripts, and the configurations of the base
 * commit to what they extend.
 */
export async function namedFiles(commands: readonly string[], tree: NamingTree): Promise<NamedFiles> {
  const manifest = await packageOf(tree);
  const { found, followed } = await followCommands(commands, manifest, tree);
  for (const program of await otherPrograms(manifest, tree)) found.programs.add(program);
  for (const path of await taskFiles([...followed], tree)) found.settings.add(path);
  await followDefinitions(found, manifest.products, tree);
  return found;
}

async function packageOf(tree: NamingTree): Promise<Package> {
  const manifest = tree.base.has('package.json') ? parseObject(await tree.read('package.json')) : null;
  return { scripts: asRecord(manifest?.['scripts']), products: new Set(productsOf(manifest ?? {})) };
}

async function followCommands(
  commands: readonly string[],
  { scripts, products }: Package,
  tree: NamingTree,
): Promise<{ found: NamedFiles; followed: ReadonlySet<string> }> {
  const found: NamedFiles = { programs: new Set(), started: new Set(), settings: new Set(), made: [] };
  const followed = new Set<string>();
  const queue = [...commands];
  const there = (path: string) => tree.base.has(path) || tree.now.has(path);
  for (let command = queue.shift(); command !== undefined; command = queue.shift()) {
    if (followed.has(command) || followed.size > 10 * MOST_READ) continue;
    followed.add(command);
    const { programs, settings, words } = filesOfCommand(command);
    if (STARTS_SCRIPTS.test(command)) queue.push(...scriptsNamed(words, scripts));
    if (/\b(?:g?make|bmake)\b/.test(command)) {
      found.made.push(words);
      queue.push(...(await recipes(words, tree)));
    }
    for (const path of settings.filter(there)) if (!isTestPath(path)) found.settings.add(path);
    for (const path of [...programs, ...words].map((word) => word.replace(/^(\.\/)+/, ''))) {
      const isRun = programs.includes(path);
      if (isCompiled(path)) {
        for (const file of tree.base) if (isMeant(path, file)) found.started.add(file);
        continue;
      }
      // Whose examples are run is not started, and asks for something all the same.
      if (path.endsWith('.py') && there(path) && /\bdoctest\b/.test(command)) found.started.add(path);
      if (isRun && there(path) && !PRODUCT.test(path) && !products.has(path)) found.started.add(path);
      if (!tree.base.has(path) || (!isRun && !TOOL.test(path))) continue;
      if ((PRODUCT.test(path) && !TOOL.test(path)) || products.has(path)) continue;
      // What lies among the tests and is named without being run is a test.
      if (isTestPath(path) && !isRun) continue;
      const text = await tree.read(path);
      if (!TOOL.test(path) && !isShell(path) && !startsOthers(text ?? '')) continue;
      found.programs.add(path);
      if (isShell(path) && followed.size < MOST_READ) queue.push(...linesOf(text));
    }
  }
  return { found, followed };
}

/** What of the repository a command starts on a commit, by the definitions of its base. */
export async function startedBy(
  git: Pick<GitManager, 'listFiles' | 'showFile'>,
  { repository, baseCommit }: Pick<Project, 'repository' | 'baseCommit'>,
  commit: string,
  command: string,
): Promise<ReadonlySet<string>> {
  const [base, now] = await Promise.all([
    git.listFiles(repository, baseCommit),
    git.listFiles(repository, commit),
  ]);
  const read = (path: string) => git.showFile(repository, baseCommit, path);
  const tree: NamingTree = { base: new Set(base), now: new Set(now), read };
  return (await followCommands([command], await packageOf(tree), tree)).found.started;
}

/** Whether a word of a command, in which `*` may stand for other names of its folder, means a file. */
function isMeant(word: string, file: string): boolean {
  return new RegExp(`^${word.split(/\*+/).map(literal).join('[^/]*')}$`).test(file);
}

/** Main files and programs of a package are what the work is about, whoever starts them. */
export function productsOf(manifest: Record<string, unknown>): string[] {
  const strings = (value: unknown): string[] =>
    typeof value === 'string' ? [value] : Object.values(asRecord(value)).flatMap(strings);
  return ['main', 'module', 'bin', 'exports', 'types', 'browser']
    .flatMap((key) => strings(manifest[key]))
    .map((path) => path.replace(/^(\.\/)+/, ''));
}

function scriptsNamed(words: readonly string[], scripts: Record<string, unknown>): string[] {
  const names = words.flatMap((word) => (word === 't' || word === 'tst' ? ['test'] : [word]));
  const wanted = names.flatMap((name) => {
    const pattern = name.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
    return Object.keys(scripts).filter((each) => new RegExp(`^(pre|post)?${pattern}$`).test(each));
  });
  return wanted.flatMap((name) => {
    const text = scripts[name];
    return typeof text === 'string' ? [text] : [];
  });
}

const MAKEFILES = ['GNUmakefile', 'makefile', 'Makefile'];

/** Recipes of the targets that a `make` is asked for, and of what they need. */
async function recipes(words: readonly string[], tree: NamingTree): Promise<string[]> {
  const file = MAKEFILES.find((name) => tree.base.has(name));
  const text = file === undefined ? null : await tree.read(file);
  return text === null ? [] : recipesOf(text, words);
}

/** A module that tests itself is the work; a program that fetches what it runs from elsewhere decides what is run. */
function startsOthers(text: string): boolean {
  if (/\bTestCase\b|^\s*def test|(?<![\w.$])(?:test|it)\(\s*["'`]/m.test(text)) return false;
  if (/^\s*export\b|\bmodule\.exports\b|\bexports\.\w+\s*=/m.test(text)) return false;
  return (
    /(?:\bfrom|\brequire\(|\bimport\(?)\s*["'](?:\.{1,2}\/|(?:node:)?(?:child_process|vm|test)["'])/.test(
      text,
    ) || /^\s*(?:import|from)\s+(?:\.|subprocess|importlib|runpy|glob|unittest|pytest|pkgutil)/m.test(text)
  );
}

function isShell(path: string): boolean {
  return /\.(sh|bash|zsh)$/.test(path) || !/\.\w+$/.test(path);
}

function linesOf(text: string | null): string[] {
  return (text ?? '')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s*#/.test(line))
    .slice(0, 500);
}

/** Configurations that configurations name, and what they have loaded before the tests, but no code of the product and no tests. */
async function followDefinitions(
  { settings }: NamedFiles,
  products: ReadonlySet<string>,
  tree: NamingTree,
): Promise<void> {
  const isThere = (path: string) =>
    (tree.base.has(path) || tree.now.has(path)) && !isTestPath(path) && !products.has(path);
  const depth = (path: string) => path.split('/').length;
  const definitions = definitionsIn([...tree.base]).filter((path) => !isLarge(path));
  const byDepth = (paths: string[]) => paths.sort((a, b) => depth(a) - depth(b));
  const manifests = [...tree.base].filter((path) => MANIFEST.test(nameOf(path)) && !isInstalled(path));
  const top = manifests.filter((path) => !path.includes('/'));
  // Those of the packages of a workspace are many, and may not keep a definition from being read.
  const queue = [...settings, ...top, ...byDepth(definitions), ...byDepth(manifests)];
  const add = (paths: readonly string[]) => {
    for (const path of paths.filter((each) => !settings.has(each))) {
      settings.add(path);
      queue.push(path);
    }
  };
  const [read, asked] = [new Set<string>(), new Set<string>()];
  let loaded: string[] = [];
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    if (!read.has(path) && read.size <= MOST_READ && tree.base.has(path)) {
      read.add(path);
      const text = (await tree.read(path)) ?? '';
      add((await preloaded(path, text, tree)).filter(isThere));
      if (!MANIFEST.test(nameOf(path))) {
        add(includedIn(path, text, [...tree.base, ...tree.now]).filter((each) => !PRODUCT.test(each)));
        const named = referencesIn(path, text).filter((each) => isThere(each) && mayConfigure(each));
        add(named.filter((each) => !isOwnCode(each)));
        for (const each of named.filter((one) => isOwnCode(one) && !settings.has(one) && !asked.has(one)))
          loaded.push(each);
      }
    }
    // Which of them load each other is known once all are.
    if (queue.length > 0) continue;
    add(await ofNoProduct(new Set(loaded), settings, tree));
    for (const each of loaded) asked.add(each);
    loaded = [];
  }
}

function mayConfigure(path: string): boolean {
  return (
    !PRODUCT.test(path) &&
    /\.([cm]?[jt]s|jsonc?|json5|ya?ml|toml|ini|cfg|conf|mk|py|env)$|(^|\/)\.[\w.-]+$/.test(path)
  );
}

const isOwnCode = (path: string): boolean => CODE.test(path) && !isDefinitionOfBase(path);

/** Programs that build a product: they load parts of how it is configured, and are none of it. */
const BUILDS =
  /(?:^|\/)(?:\.|(?:configs?|build|scripts?|tools?|webpack|vite|rollup|esbuild)(?:\/|[.-][\w.-]+$))|\.config\.\w+$/;

/** Those of the modules that configurations load that no code of the product loads as well. */
async function ofNoProduct(
  loaded: ReadonlySet<string>,
  settings: ReadonlySet<string>,
  tree: NamingTree,
): Promise<string[]> {
  const isNone = (path: string) =>
    settings.has(path) || loaded.has(path) || (BUILDS.test(path) && !PRODUCT.test(path));
  const found: string[] = [];
  for (const path of loaded) if (!(await isProduct(path, tree, isNone))) found.push(path);
  return found;
}

/** Lock files and workflows name much, and nothing that a test reads. */
function isLarge(path: string): boolean {
  return /lock|^\.github\/|\.sum$|requirements/.test(path);
}
