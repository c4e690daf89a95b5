import { asRecord, isRecord, parseObject } from '../../../../lib/record.ts';
import {
  type BaseTree,
  type Ecosystem,
  type Found,
  type FoundCommand,
  NO_SETUP,
  NOTHING_AT_HOME,
} from '../types.ts';
import { leadsElsewhere } from './aliases.ts';
import { splitChain, writesNoCode } from './chain.ts';
import { withHooks } from './hooks.ts';
import { MANAGERS } from './managers.ts';
import { npm } from './npm.ts';
import { mergePackage } from './package-json.ts';
import type { PackageManager } from './package-manager.ts';
import { pnpm } from './pnpm.ts';
import { hasNoChecks, mergeTargets } from './targets.ts';
import { yarn } from './yarn.ts';

/** Usual names of the script that runs a linter. */
const LINT = ['lint', 'lint:check', 'check:lint'];
/** The same of one that runs the tests. */
const TEST = ['test', 'tests', 'test:unit', 'test:ci', 'unit'];
const LOCKS = MANAGERS.flatMap((manager) => manager.lockFiles.map((file) => ({ file, manager })));
/** Scripts of a package that an install runs: they may read, and so depend on, any file. */
const RUN_BY_INSTALL =
  /"(pre|post)?(install|prepare|prepublish)"\s*:|"(file|link|portal|patch|exec):|:\s*"(file|link|portal|patch|exec):|"patchedDependencies"/;

export const node: Ecosystem = {
  name: 'node',
  find: findNode,
  definitions: {
    names: [
      ...MANAGERS.flatMap(({ names }) => names),
      /^node\.config\.json$/,
      /^\.node-options$/,
      /^\.(nvmrc|node-version)$/,
      // Linters, formatters and runners.
      /^\.?eslint(rc|\.config)(\..+)?$/,
      /^\.?(eslint|prettier|stylelint|test|mocha|jest)ignore$/,
      /^\.?prettier(rc|\.config)(\..+)?$/,
      /^\.?stylelint(rc|\.config)(\..+)?$/,
      /^eslint-suppressions\.json$/,
      /^tslint\.(json|ya?ml)$/,
      /^biome\.jsonc?$/,
      /^\.?(oxlint|dprint|rome)(rc)?\.jsonc?$/,
      /^(vitest|jest|ava|karma|cypress|playwright(-ct)?|babel|nyc|xo|vite|mocha|wtr|web-test-runner|jasmine|uvu|rstest|nightwatch|testcafe|wdio|testem)\.(config|conf|workspace|setup|projects?)\..+$/,
      /^testem\.(json|ya?ml|js)$/,
      /^\.babelrc(\..+)?$/,
      /^\.?(mocha|nyc|tap|c8|swc|jasmine|testcafe|xo-config|jscs|jshint)rc(\..+)?$/,
      /^\.(taprc|jshintrc|xo-config(\..+)?)$/,
      /^(lerna|nx|turbo|wireit)\.json$/,
    ],
    paths: [
      ...MANAGERS.flatMap(({ paths }) => paths),
      // Create React App loads it before the tests, unasked.
      /(^|\/)src\/setupTests\.[jt]sx?$/,
    ],
    families: [
      { names: oneOf(LOCKS.map(({ file }) => file)), locks: true, free: false },
      { names: /^(ts|js)config(\..+)?\.json$/, locks: false, free: true, first: leadsElsewhere },
    ],
  },
  manifests: [
    { name: /^package\.json$/, merge: mergePackage },
    { name: /^(angular|project)\.json$/, merge: mergeTargets, mayGo: hasNoChecks },
  ],
  installed: ['node_modules', 'bower_components'],
  setup: {
    ...NO_SETUP,
    programs: ['node', ...MANAGERS.map(({ name }) => name), 'cc'],
    reads: /(^|\/)(pnpm-workspace\.yaml|lerna\.json)$/,
    readsAll: anyOf(MANAGERS.flatMap(({ readsAll }) => readsAll ?? [])),
    runsCode: (path, text) =>
      (path.endsWith('package.json') && RUN_BY_INSTALL.test(text)) ||
      (path.endsWith('pnpm-workspace.yaml') && text.includes('patchedDependencies')),
  },
  home: {
    ...NOTHING_AT_HOME,
    caches: ['.cache/node/corepack', '.cache/ms-playwright', '.cache/puppeteer', '.cache/Cypress'],
    companions: [{ when: '.volta', folder: '.volta', variable: 'VOLTA_HOME' }],
  },
};

/** Programs that run scripts of package.json. */
export const STARTS_SCRIPTS = new RegExp(
  `\\b(?:${MANAGERS.flatMap(({ programs }) => programs).join('|')}|run-[sp]|npm-run-all2?|concurrently|wireit|node\\s+--run)\\b`,
);
/** A command that installs packages. */
export const INSTALL = new RegExp(`\\b(${MANAGERS.map(({ installs }) => installs.source).join('|')})\\b`);

function oneOf(names: readonly string[]): RegExp {
  return new RegExp(`^(${names.map((name) => name.replaceAll('.', '\\.')).join('|')})$`);
}

function anyOf(patterns: readonly RegExp[]): RegExp {
  return new RegExp(patterns.map(({ source }) => `(?:${source})`).join('|'));
}

/** A repository with more packages of its own has a lock file. */
const MOST_PACKAGES = 200;

async function findNode(tree: BaseTree): Promise<Found> {
  const text = tree.has('package.json') ? await tree.read('package.json') : null;
  if (text === null) return {};
  const manifest = readManifest(text);
  const lock = LOCKS.find(({ file }) => tree.has(file));
  const manager = lock?.manager ?? manifest.manager ?? (tree.has('pnpm-workspace.yaml') ? pnpm : npm);
  const named = (names: readonly string[]) => names.find((each) => isRealScript(manifest.scripts[each]));
  const linter = named(LINT);
  const script = (...names: string[]): FoundCommand | null => {
    const name = named(names);
    if (name === undefined) return null;
    const command = manager === npm ? withHooks(name, manifest.scripts, linter) : manager.run(name);
    return { command, source: 'package.json' };
  };
  const findsTests = tree.paths.some((path) => /[._](test|spec)\.[jt]sx?$/.test(path));
  // A pinned package manager fetches itself, which only the set-up can.
  const pinned = manifest.manager !== undefined && manifest.manager !== npm;
  const installs = pinned || (await declaresPackages(tree, manifest));
  const setup: FoundCommand =
    lock === undefined
      ? { command: manager.unlocked, source: 'package.json', unlocked: true }
      : { command: await installOf(tree, manager), source: lock.file };
  const tester = named(TEST);
  const split =
    tester === undefined || lock !== undefined || manager !== npm
      ? null
      : splitChain(tester, manifest.scripts, linter, writesNoCode(await tree.read('tsconfig.json')));
  const part = (command: string | undefined): FoundCommand | null =>
    command === undefined ? null : { command, source: 'package.json' };
  return {
    ...(split === null ? {} : { lintOfTests: true }),
    test:
      part(split?.test) ??
      script(...TEST) ??
      (manager.test !== null && findsTests
        ? { command: manager.test, source: lock?.file ?? 'package.json' }
        : null),
    lint: part(split?.lint) ?? script(...LINT),
    format: script('format:check', 'check:format', 'format-check', 'fmt:check', 'prettier:check'),
    setup: installs ? setup : null,
  };
}

/** Packages of a Yarn that links none into the tree lie in the user's home, which is gone with the set-up, unless they are kept beside. */
async function installOf(tree: BaseTree, manager: PackageManager): Promise<string> {
  if (manager !== yarn || !/^__metadata:/m.test((await tree.read('yarn.lock')) ?? '')) return manager.install;
  const settings = tree.has('.yarnrc.yml') ? await tree.read('.yarnrc.yml') : null;
  const isLinked = /^nodeLinker:\s*["']?(?:node-modules|pnpm)\b/m.test(settings ?? '');
  return isLinked ? manager.install : `YARN_ENABLE_GLOBAL_CACHE=false ${manager.install}`;
}

/** What `npm init` writes is no test. */
function isRealScript(script: unknown): boolean {
  return typeof script === 'string' && script.trim() !== '' && !script.includes('no test specified');
}

interface NodeManifest {
  scripts: Record<string, unknown>;
  /** The package manager that it pins. */
  manager: PackageManager | undefined;
  workspaces: boolean;
  declares: boolean;
}

function readManifest(text: string): NodeManifest {
  // A broken package.json names no commands; the gate then says that there are none.
  const manifest = parseObject(text) ?? {};
  const { packageManager, workspaces } = manifest;
  const name = typeof packageManager === 'string' ? packageManager.split('@')[0] : undefined;
  return {
    scripts: asRecord(manifest['scripts']),
    manager: MANAGERS.find((manager) => manager.name === name),
    workspaces: Array.isArray(workspaces) || isRecord(workspaces),
    declares: declaresIn(manifest),
  };
}

function declaresIn(manifest: Record<string, unknown>): boolean {
  return ['dependencies', 'devDependencies', 'optionalDependencies'].some(
    (key) => Object.keys(asRecord(manifest[key])).length > 0,
  );
}

/** Whether a `package.json` names packages to install. */
export function declaresNodePackages(text: string): boolean {
  return declaresIn(parseObject(text) ?? {});
}

/** Of the root, or of one of its workspaces: which folders these are is the package manager's to tell. */
async function declaresPackages(tree: BaseTree, root: NodeManifest): Promise<boolean> {
  if (root.declares) return true;
  if (!hasWorkspaces(tree, root)) return false;
  const members = tree.paths.filter((path) => path.endsWith('/package.json'));
  for (const path of members.slice(0, MOST_PACKAGES))
    if (declaresNodePackages((await tree.read(path)) ?? '{}')) return true;
  return members.length > MOST_PACKAGES;
}

function hasWorkspaces(tree: BaseTree, root: Pick<NodeManifest, 'workspaces'>): boolean {
  return root.workspaces || tree.has('pnpm-workspace.yaml') || tree.has('lerna.json');
}

/** Whether the install at the root takes care of the packages below it as well. */
export async function nodeWorkspaces(tree: BaseTree): Promise<boolean> {
  const text = tree.has('package.json') ? await tree.read('package.json') : null;
  return text !== null && hasWorkspaces(tree, readManifest(text));
}

/** The install that belongs to the package in a folder, by its own lock file. */
export function nodeInstall(tree: BaseTree, folder: string): string {
  return LOCKS.find(({ file }) => tree.has(`${folder}/${file}`))?.manager.install ?? 'npm install';
}
