import { readdir, readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { ECOSYSTEMS } from '../../factory/gates/ecosystems/all.ts';
import { isInside, withoutNested } from './mounts.ts';

/** Shown anyway, whole. */
export const SYSTEM_FOLDERS = [
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib32',
  '/lib64',
  '/libx32',
  '/nix/store',
  '/gnu/store',
];
/** Their links stay within the system's folders; they are too many to follow. */
const SYSTEM_PROGRAMS = ['/usr/bin', '/usr/sbin', '/bin', '/sbin'];
/** Never shown because something on the PATH lies there: sockets, other people's files, the machine's configuration. */
const NEVER_WHOLE = [
  '/',
  '/home',
  '/root',
  '/tmp',
  '/var',
  '/run',
  '/etc',
  '/proc',
  '/sys',
  '/dev',
  '/mnt',
  '/media',
  '/srv',
  '/opt',
  '/Users',
];
/** Folders in the home that hold more than programs: what lies in them is shown piece by piece. */
const MIXED = [
  '.local',
  '.local/share',
  '.local/state',
  '.cargo',
  '.config',
  '.cache',
  '.ssh',
  '.gnupg',
  '.aws',
  '.docker',
  '.kube',
  'go',
];
const PROGRAM_FOLDERS = new Set(['bin', 'sbin', 'shims', 'Scripts']);
/** A folder with one of these beside its `bin` is an installation: programs find their parts there. */
const PARTS = [
  'lib',
  'lib64',
  'libexec',
  'share',
  'versions',
  'installs',
  'install',
  'plugins',
  'tools',
  'candidates',
  'jre',
];
const COMPANIONS = ECOSYSTEMS.flatMap(({ home }) => home.companions);

export interface Toolchains {
  /** Folders to show read-only, on top of the system's. */
  folders: string[];
  /** The PATH inside. */
  path: string[];
  env: Record<string, string>;
}

export interface ToolchainsWanted {
  /** The host's PATH. */
  path: string;
  /** The program that runs us: its installation is shown too. */
  node: string;
  home: string;
  /** Places that must not become visible because a program folder contains them. */
  secret: readonly string[];
}

/**
 * The programs of the host's PATH, wherever they lie, without what lies beside them: of a home only the installations that
 * the PATH names (a Node version, a pyenv, the cargo proxies), never the home itself.
 */
export async function findToolchains(wanted: ToolchainsWanted): Promise<Toolchains> {
  const named = wanted.path
    .split(':')
    .filter((folder) => isAbsolute(folder) && !folder.includes('/node_modules/'));
  const folders: string[] = [];
  const path: string[] = [];
  for (const folder of [...named, dirname(await realOr(wanted.node))]) {
    const real = await realOr(folder);
    if (!(await isFolder(real))) continue;
    const installation = inSystem(real) ? null : await installationOf(real, wanted);
    if (installation === null && !inSystem(real)) continue;
    if (installation !== null) folders.push(installation);
    if (!SYSTEM_PROGRAMS.includes(real)) folders.push(...(await linkTargets(real, wanted)));
    path.push(inSystem(folder) ? folder : real);
  }
  const companions = await findCompanions(path, wanted);
  return {
    folders: withoutNested([...folders, ...companions.folders]),
    path: [...new Set([...path, '/usr/local/bin', '/usr/bin', '/bin'])],
    env: companions.env,
  };
}

/** The folder to show so that the programs in `folder` work; `null` when it must not be shown at all. */
async function installationOf(folder: string, wanted: ToolchainsWanted): Promise<string | null> {
  const parent = dirname(folder);
  const whole = PROGRAM_FOLDERS.has(basename(folder)) && dirname(parent) !== '/' && mayShow(parent, wanted);
  if (whole && (await hasParts(parent))) return parent;
  return mayShow(folder, wanted) ? folder : null;
}

function mayShow(folder: string, wanted: ToolchainsWanted): boolean {
  const closed = [...NEVER_WHOLE, ...MIXED.map((name) => join(wanted.home, name))];
  if (closed.includes(folder) || isInside(wanted.home, folder)) return false;
  return !wanted.secret.some((place) => isInside(place, folder) || isInside(folder, place));
}

async function hasParts(folder: string): Promise<boolean> {
  return (await readdir(folder)).some((name) => PARTS.includes(name));
}

/**
 * Where programs that are only links in `folder` really lie, outside the system's folders. Of a home only what its hidden
 * folders hold (`~/.local/share/pipx/…`): a link to a script in a project must not show the project.
 */
async function linkTargets(folder: string, wanted: ToolchainsWanted): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const links = entries.filter((entry) => entry.isSymbolicLink()).map((entry) => join(folder, entry.name));
  const targets = await Promise.all(links.map((link) => realpath(link).catch(() => null)));
  const folders = new Set(targets.filter((target) => target !== null).map((target) => dirname(target)));
  const outside = [...folders].filter(
    (each) => !inSystem(each) && (!isInside(each, wanted.home) || each.startsWith(`${wanted.home}/.`)),
  );
  const found = await Promise.all(outside.map((each) => installationOf(each, wanted)));
  return found.filter((each) => each !== null);
}

async function findCompanions(path: readonly string[], wanted: ToolchainsWanted) {
  const folders: string[] = [];
  const env: Record<string, string> = {};
  for (const { when, folder, variable, value } of COMPANIONS) {
    const place = join(wanted.home, folder);
    const used = path.some((each) => isInside(each, join(wanted.home, when)));
    if (!used || !(await isFolder(place)) || !mayShow(place, wanted)) continue;
    folders.push(place);
    env[variable] = join(wanted.home, value ?? folder);
  }
  return { folders, env };
}

/** Which of the system's folders are there, and which are only links (`/bin` to `usr/bin`). */
export async function findSystemFolders(): Promise<{
  folders: string[];
  links: { source: string; target: string }[];
}> {
  const folders: string[] = [];
  const links: { source: string; target: string }[] = [];
  for (const folder of SYSTEM_FOLDERS) {
    if (!(await isFolder(folder))) continue;
    const link = await readlink(folder).catch(() => null);
    if (link === null) folders.push(folder);
    else links.push({ source: link, target: folder });
  }
  return { folders, links };
}

function inSystem(folder: string): boolean {
  return SYSTEM_FOLDERS.some((system) => isInside(folder, system));
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (info) => info.isDirectory(),
    () => false,
  );
}

async function realOr(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}
