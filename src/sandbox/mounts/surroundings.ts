import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { release } from 'node:os';
import { join, normalize, relative } from 'node:path';
import type { Config } from '../../factory/config/config.ts';
import { findProgram } from '../../lib/process/programs.ts';
import { findCaches } from './caches.ts';
import { baseEnvironment, INSIDE_HOME } from './environment.ts';
import { linkedInEtc } from './etc-links.ts';
import { type GitSetting, ownersGit } from './git-settings.ts';
import { hide, isInside, type Mount, readOnly } from './mounts.ts';
import { makePrivateEtc } from './private-etc.ts';
import { findSystemFolders, findToolchains } from './toolchains.ts';

/** What every command of a process finds around it, whatever its worktree. */
export interface Surroundings {
  mounts: Mount[];
  /** On top of these when the command may use the network. */
  networkMounts: Mount[];
  /** Packages that the owner's tools have downloaded: for commands without a network. */
  cacheMounts: Mount[];
  /** Targets that are shown because config.yaml names them. */
  asked: readonly string[];
  /** Folders with nothing but programs and packages of the owner's: as many files as a system has. */
  packages: readonly string[];
  env: Record<string, string>;
  /** bash where there is one. */
  shell: string;
  /** Ids inside, where they differ from the host's. */
  identity: { uid: number; gid: number } | undefined;
  /** Processes and threads of a sandbox that the kernel allows; missing where it would not count them by sandbox. */
  maxTasks: number | undefined;
}

export interface SurroundingsWanted {
  config: Config['sandbox'];
  hidden: readonly string[];
  userHome: string;
  hostEnv: Readonly<Record<string, string | undefined>>;
  node: string;
  /** The owner's, outside any repository. */
  gitSettings: readonly GitSetting[];
  /** Private folder of this process, not visible inside but for what is mounted from it. */
  folder: string;
  uid: number;
  gid: number;
}

/** Root's commands run as this user: programs that refuse root work, and no tool believes that it may change owners. */
const ORDINARY = { uid: 1_000, gid: 1_000 };
/** The kernel counts threads; our limit is on processes, and a Node process has a dozen threads. */
const THREADS = 16;
const SHARED_MEMORY = 256 * 1024 * 1024;

/** Looks at the host once; what it finds holds for the life of the process. */
export async function findSurroundings(wanted: SurroundingsWanted): Promise<Surroundings> {
  const { config, userHome, hostEnv } = wanted;
  const hidden = await withRealPaths([...wanted.hidden, userHome]);
  const hostPath = hostEnv['PATH'] ?? '';
  const system = await findSystemFolders();
  const toolchains = await findToolchains({
    path: hostPath,
    node: wanted.node,
    home: userHome,
    secret: wanted.hidden,
  });
  const identity = wanted.uid === 0 ? ORDINARY : undefined;
  const extra = existing(config.readOnlyPaths);
  const ids = { ...(identity ?? { uid: wanted.uid, gid: wanted.gid }), foreign: identity !== undefined };
  const etc = await makePrivateEtc(join(wanted.folder, 'etc'), ids, {
    git: await ownersGit(wanted.gitSettings, userHome),
    linked: await linkedInEtc(toolchains.folders),
    shown: extra
      .filter((path) => path !== '/etc' && isInside(path, '/etc'))
      .map((path) => relative('/etc', path)),
  });
  const caches = await findCaches(userHome, join(wanted.folder, 'home'), wanted.hidden);
  const shown = [...system.folders, ...toolchains.folders, ...extra].map(readOnly);
  const shell = findProgram('bash', `${toolchains.path.join(':')}:/bin`);
  return {
    mounts: [
      ...shown,
      ...hide(hidden, shown),
      ...system.links.map((link): Mount => ({ kind: 'symlink', ...link })),
      ...etc.mounts,
      ...privatePlaces(config.tmpSize),
    ],
    networkMounts: etc.networkMounts,
    cacheMounts: caches.mounts,
    asked: extra,
    packages: [...toolchains.folders, ...caches.folders].filter((folder) => !extra.includes(folder)),
    env: baseEnvironment({
      path: toolchains.path,
      shell: shell ?? '/bin/sh',
      toolchains: { ...caches.env, ...toolchains.env },
      host: hostEnv,
      pass: config.passEnv,
    }),
    shell: shell ?? '/bin/sh',
    identity,
    maxTasks: countsByNamespace(wanted) ? config.maxProcesses * THREADS : undefined,
  };
}

/** Since Linux 5.14 a limit on a user's processes counts those of the same user namespace only. It never binds root. */
function countsByNamespace({ uid, config }: SurroundingsWanted): boolean {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  return process.platform === 'linux' && uid !== 0 && config.mode !== 'off' && major * 100 + minor >= 514;
}

function privatePlaces(tmpSize: number): Mount[] {
  return [
    { kind: 'proc', target: '/proc' },
    { kind: 'dev', target: '/dev' },
    { kind: 'scratch', target: '/dev/shm', bytes: Math.min(SHARED_MEMORY, tmpSize) },
    { kind: 'scratch', target: '/tmp', bytes: tmpSize },
    { kind: 'folder', target: INSIDE_HOME },
    { kind: 'folder', target: '/run' },
    { kind: 'folder', target: '/var' },
    { kind: 'symlink', source: '/tmp', target: '/var/tmp' },
  ];
}

function existing(named: readonly string[]): string[] {
  return named.map((path) => normalize(path).replace(/(?<=.)\/$/, '')).filter((path) => existsSync(path));
}

async function withRealPaths(paths: readonly string[]): Promise<string[]> {
  const real = await Promise.all(paths.map((path) => realpath(path).catch(() => path)));
  return [...new Set([...paths, ...real])];
}
