/** The folder in which the factory keeps everything: `$DF_HOME`. */

import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { chmod, lstat, open, readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../factory/config/config.ts';
import { once } from '../../lib/async/once.ts';
import { errorCode } from '../../lib/errno.ts';
import { type DarkFactoryError, usageError } from '../../lib/failure.ts';
import { addFile, FILE_MODE, FOLDER_MODE, makeFolder, readWhole, unreadable } from '../files/files.ts';
import { expandPath, type LoadedConfig, loadConfig } from './config-file.ts';

/** Absolute paths of all that stands in a home. */
export interface Home {
  root: string;
  configFile: string;
  providersFile: string;
  tokensFile: string;
  forgesFile: string;
  schedulesFile: string;
  /** The list of prices that the owner had fetched. */
  priceListFile: string;
  masterKeyFile: string;
  /** While it is there, no worker begins anything. */
  stopFile: string;
  /** Becomes the stop file where there is no room for one. */
  spareStopFile: string;
  /** `dataDir` of config.yaml. */
  data: string;
  projects: string;
  worktrees: string;
  /** What set-ups made, for other projects with the same packages. */
  setups: string;
  /** Small repositories on which personas are tried. */
  trials: string;
  logs: string;
  /** The embedded Redis: socket, pid, append-only file; and which `df up` runs. */
  run: string;
  /** Persona templates of this user. */
  personas: string;
  /** Sixteen hexadecimal digits that never change, made at the first call: tells homes on one Redis apart. */
  id(): Promise<string>;
  /** Makes the folders, readable by the owner alone. */
  prepare(): Promise<void>;
}

export interface OpenedHome extends LoadedConfig {
  home: Home;
}

/**
 * Finds the home, reads its config.yaml; makes nothing.
 * Throws `usage` errors `config_invalid`, `home_invalid`.
 */
export async function openHome(
  env: Readonly<Record<string, string | undefined>>,
  userFolder: string = homedir(),
): Promise<OpenedHome> {
  const root = resolveHome(env, userFolder);
  await refuseFile(root);
  const loaded = await loadConfig(configFileOf(root));
  return { ...loaded, home: createHome(root, loaded.config, userFolder) };
}

export const configFileOf = (root: string): string => join(root, 'config.yaml');

/** `$DF_HOME`, or `~/.dark-factory` when it is empty or missing. */
export function resolveHome(
  env: Readonly<Record<string, string | undefined>>,
  userFolder: string = homedir(),
): string {
  const given = env['DF_HOME'] ?? '';
  if (given.includes('\0')) {
    throw usageError('home_invalid', 'DF_HOME is no path.', 'Set it to a folder.');
  }
  return given === '' ? defaultHome(userFolder) : expandPath(given, '.', userFolder);
}

/** Without this a file in the place of the home would look like a home without anything in it. */
async function refuseFile(root: string): Promise<void> {
  let found: Stats;
  try {
    found = await stat(root);
  } catch (error) {
    // Missing: it is made when something is to be kept. Whatever else is wrong is told by what reads it.
    if (errorCode(error) !== 'ENOTDIR') return;
    throw noFolder(root);
  }
  if (!found.isDirectory()) throw noFolder(root);
  await refuseForeignLink(root, found.uid);
}

function noFolder(root: string): DarkFactoryError {
  return usageError(
    'home_invalid',
    `${root} is no folder, so nothing can be kept there.`,
    'Set DF_HOME to a folder.',
  );
}

/** Whoever owns the link decides where keys and state are kept. */
async function refuseForeignLink(root: string, owner: number): Promise<void> {
  const link = await lstat(root);
  const trusted = [0, owner, process.getuid?.() ?? link.uid];
  if (!link.isSymbolicLink() || trusted.includes(link.uid)) return;
  throw usageError(
    'home_invalid',
    `${root} is a link of another user, who could lead the factory's keys elsewhere.`,
    'Set DF_HOME to the folder itself, or make the link yourself.',
  );
}

function defaultHome(userFolder: string): string {
  return join(userFolder, '.dark-factory');
}

export function createHome(
  root: string,
  config: Pick<Config, 'dataDir'>,
  userFolder: string = homedir(),
): Home {
  const data =
    config.dataDir === undefined ? join(root, 'data') : expandPath(config.dataDir, root, userFolder);
  const home = {
    root,
    configFile: configFileOf(root),
    providersFile: join(root, 'providers.yaml'),
    tokensFile: join(root, 'tokens.yaml'),
    forgesFile: join(root, 'forges.yaml'),
    schedulesFile: join(root, 'schedules.yaml'),
    priceListFile: join(root, 'prices.json'),
    masterKeyFile: join(root, 'master.key'),
    stopFile: join(root, 'STOP'),
    spareStopFile: join(root, '.stop'),
    data,
    projects: join(data, 'projects'),
    worktrees: join(data, 'worktrees'),
    setups: join(data, 'setups'),
    trials: join(data, 'trials'),
    logs: join(root, 'logs'),
    run: join(root, 'run'),
    personas: join(root, 'personas'),
  };
  return {
    ...home,
    id: once(() => readOrMakeId(root)),
    async prepare() {
      // Each while it holds only what it held before.
      await makeFolder(root);
      await narrow(root, HOME_NAMES);
      await makeFolder(home.data);
      await narrow(home.data, DATA_NAMES);
      for (const folder of [home.projects, home.worktrees, home.logs, home.run]) {
        await makeFolder(folder);
        // Nobody but us makes these.
        await narrow(folder, null);
      }
      await keepSpare(home.spareStopFile);
    },
  };
}

/** An empty file, made while there is room, that an emergency stop without any room only has to rename. */
async function keepSpare(file: string): Promise<void> {
  try {
    await (await open(file, 'a', FILE_MODE)).close();
  } catch (error) {
    // Without room there is none; what is to be kept meets the same trouble and says so.
    if (errorCode(error) === undefined) throw error;
  }
}

/**
 * Takes the rights of others off a folder that was made beforehand with wider ones, also when it is reached through a link. Only
 * when it is ours, and empty or one of ours by what it holds: a folder that was named by mistake (`/tmp`) stays as it is.
 */
async function narrow(folder: string, ours: ReadonlySet<string> | null): Promise<void> {
  const found = await stat(folder);
  const mine = process.getuid === undefined || found.uid === process.getuid();
  if (!mine || (found.mode & 0o1077) === 0 || (found.mode & 0o1000) !== 0) return;
  const names = ours === null ? [] : await readdir(folder);
  if (names.length === 0 || names.some((name) => ours?.has(name))) await chmod(folder, FOLDER_MODE);
}

const HOME_NAMES: ReadonlySet<string> = new Set([
  'home.id',
  'config.yaml',
  'providers.yaml',
  'tokens.yaml',
  'forges.yaml',
  'schedules.yaml',
  'master.key',
]);
const DATA_NAMES: ReadonlySet<string> = new Set(['projects', 'worktrees', 'projects.index', 'events.jsonl']);
const ID = /^[0-9a-f]{16}$/;

async function readOrMakeId(root: string): Promise<string> {
  const file = join(root, 'home.id');
  const before = await readId(file);
  if (before !== null) return before;
  await makeFolder(root);
  const made = randomBytes(8).toString('hex');
  if (await addFile(file, `${made}\n`, `${file}.${made}.tmp`)) return made;
  const others = await readId(file);
  if (others === null) throw unreadable(file, 'it disappeared while it was made', 'Try again.');
  return others;
}

async function readId(file: string): Promise<string | null> {
  const found = await readWhole(file, 1_024);
  if (found === null) return null;
  const id = found.data.toString('utf8').trim();
  if (ID.test(id)) return id;
  throw unreadable(
    file,
    'it holds no home id (16 hexadecimal digits)',
    'Put a copy of it back. Without one, delete it while nothing runs: work that is queued is then queued anew.',
  );
}
