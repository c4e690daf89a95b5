import { isInstalled } from '../pins/definitions.ts';
import type { BaseTree, Found, FoundCommand } from './types.ts';
import { asRecord, isRecord, parseObject } from '../pins/manifest.ts';

const LOCK_FILES = [
  ['pnpm-lock.yaml', 'pnpm', 'pnpm install --frozen-lockfile'],
  ['yarn.lock', 'yarn', 'yarn install --frozen-lockfile'],
  ['bun.lock', 'bun', 'bun install --frozen-lockfile'],
  ['bun.lockb', 'bun', 'bun install --frozen-lockfile'],
  ['package-lock.json', 'npm', 'npm ci'],
  ['npm-shrinkwrap.json', 'npm', 'npm ci'],
] as const;

type Manager = (typeof LOCK_FILES)[number][1];

/** Without a lock file: each writes one, also where the repository's settings say that it should not. */
const UNLOCKED: Readonly<Record<Manager, string>> = {
  npm: 'npm install --package-lock --no-audit --no-fund',
  pnpm: 'pnpm install --no-frozen-lockfile',
  yarn: 'YARN_ENABLE_IMMUTABLE_INSTALLS=false yarn install',
  bun: 'bun install',
};

/** A repository with more packages of its own has a lock file. */
const MOST_PACKAGES = 200;

export async function findNode(tree: BaseTree): Promise<Found> {
  const text = tree.has('package.json') ? await tree.read('package.json') : null;
  if (text === null) return {};
  const manifest = readManifest(text);
  const lock = LOCK_FILES.find(([file]) => tree.has(file));
  const manager = lock?.[1] ?? manifest.manager ?? (tree.has('pnpm-workspace.yaml') ? 'pnpm' : 'npm');
  const script = (...names: string[]): FoundCommand | null => {
    const name = names.find((each) => isRealScript(manifest.scripts[each]));
    if (name === undefined) return null;
    const command = name === 'test' ? `${manager} test` : `${manager} run ${name}`;
    return { command: manager === 'bun' ? `bun run ${name}` : command, source: 'package.json' };
  };
  // Bun finds tests by itself; the others need somebody to say how.
  const bunTests = manager === 'bun' && tree.paths.some((path) => /[._](test|spec)\.[jt]sx?$/.test(path));
  // A pinned package manager fetches itself, which only the set-up can.
  const pinned = manifest.manager !== undefined && manifest.manager !== 'npm';
  const installs = pinned || (await declaresPackages(tree, manifest));
  const setup: FoundCommand =
    lock === undefined
      ? { command: UNLOCKED[manager], source: 'package.json', unlocked: true }
      : { command: lock[2], source: lock[0] };
  return {
    test:
      script('test', 'tests', 'test:unit', 'test:ci', 'unit') ??
      (bunTests ? { command: 'bun test', source: lock?.[0] ?? 'package.json' } : null),
    lint: script('lint', 'lint:check', 'check:lint'),
    format: script('format:check', 'check:format', 'format-check', 'fmt:check', 'prettier:check'),
    setup: installs ? setup : null,
  };
}

/** What `npm init` writes is no test. */
function isRealScript(script: unknown): boolean {
  return typeof script === 'string' && script.trim() !== '' && !script.includes('no test specified');
}

interface NodeManifest {
  scripts: Record<string, unknown>;
  /** The package manager that it pins. */
  manager: Manager | undefined;
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
    manager: LOCK_FILES.find(([, manager]) => manager === name)?.[1],
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
  const members = tree.paths.filter((path) => path.endsWith('/package.json') && !isInstalled(path));
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
  return LOCK_FILES.find(([file]) => tree.has(`${folder}/${file}`))?.[2] ?? 'npm install';
}
