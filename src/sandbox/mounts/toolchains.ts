import { readlink, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { ECOSYSTEMS } from '../../factory/gates/ecosystems/all.ts';
import { type Closed, installationOf, listed, mayShow } from './installations.ts';
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
const COMPANIONS = ECOSYSTEMS.flatMap(({ home }) => home.companions);

export interface Toolchains {
  /** Folders, and a few files, to show read-only, on top of the system's. */
  folders: string[];
  /** The PATH inside. */
  path: string[];
  env: Record<string, string>;
}

export interface ToolchainsWanted extends Closed {
  /** The host's PATH. */
  path: string;
  /** The program that runs us: its installation is shown too. */
  node: string;
}

/**
 * The programs of the host's PATH, wherever they lie, without what lies beside them: of a home only the installations that
 * the PATH names (a Node version, a pyenv, the cargo proxies), never the home itself.
 */
export async function findToolchains(asked: ToolchainsWanted): Promise<Toolchains> {
  // Programs are looked for by where they really lie; a home may be a link.
  const wanted = {
    ...asked,
    home: await realOr(asked.home),
    secret: await Promise.all(asked.secret.map(realOr)),
  };
  const named = wanted.path
    .split(':')
    .filter((folder) => isAbsolute(folder) && !folder.includes('/node_modules/'));
  const folders: string[] = [];
  const path: string[] = [];
  for (const folder of [...named, dirname(await realOr(wanted.node))]) {
    const real = await realOr(folder);
    if (!(await isFolder(real))) continue;
    const installation = inSystem(real) ? [] : await installationOf(real, wanted);
    if (installation.length === 0 && !inSystem(real)) continue;
    folders.push(...installation);
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

/**
 * Where programs that are only links in `folder` really lie, outside the system's folders. Of a home only what its hidden
 * folders hold (`~/.local/share/pipx/…`): a link to a script in a project must not show the project.
 */
async function linkTargets(folder: string, wanted: ToolchainsWanted): Promise<string[]> {
  const entries = await listed(folder);
  const links = entries.filter((entry) => entry.isSymbolicLink()).map((entry) => join(folder, entry.name));
  const targets = await Promise.all(links.map((link) => realpath(link).catch(() => null)));
  const folders = new Set(targets.filter((target) => target !== null).map((target) => dirname(target)));
  const outside = [...folders].filter(
    (each) => !inSystem(each) && (!isInside(each, wanted.home) || each.startsWith(`${wanted.home}/.`)),
  );
  return (await Promise.all(outside.map((each) => installationOf(each, wanted)))).flat();
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
