import type { Dirent } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isUnseen, orNull } from '../../lib/errno.ts';
import { isInside } from './mounts.ts';

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
/** Folders of the home with installations alone: an installation that lies there is shown whole. */
const MANAGERS = [
  '.asdf',
  '.conda/envs',
  '.fnm',
  '.gem/ruby',
  '.ghcup',
  '.goenv',
  '.gradle/jdks',
  '.gvm',
  '.jabba',
  '.jdks',
  '.jenv',
  '.julia/juliaup',
  '.linuxbrew',
  '.local/pipx',
  '.local/share/fnm',
  '.local/share/gem/ruby',
  '.local/share/mise',
  '.local/share/pipx',
  '.local/share/rtx',
  '.local/share/swiftly',
  '.local/share/uv/python',
  '.local/share/uv/tools',
  '.n',
  '.nodenv',
  '.nvm',
  '.nvs',
  '.opam',
  '.phpbrew',
  '.phpenv',
  '.plenv',
  '.pyenv',
  '.rbenv',
  '.rubies',
  '.rustup',
  '.rvm',
  '.sdkman',
  '.tfenv',
  '.volta',
];
/** Together they stand in an unpacked JDK, Go, Groovy or LDC alone, which is shown whole wherever it lies. */
const UNPACKED = [
  ['conf', 'legal', 'release'],
  ['VERSION', 'pkg', 'src'],
  ['conf', 'grooid'],
  ['LICENSE', 'README', 'etc', 'import'],
];
/** By a name that stands in one kind of installation alone: what else it has there, by names that a project may have for its settings. */
const OWN_PARTS: Readonly<Record<string, readonly string[]>> = {
  'conda-meta': ['conda-meta', 'condabin', 'envs', 'ssl'],
  // Qt
  mkspecs: ['metatypes', 'mkspecs', 'modules', 'phrasebooks', 'qml', 'resources', 'translations'],
  // Android's NDK, and other clangs for another system
  sysroot: ['AndroidVersion.txt', 'musl', 'python3', 'sysroot'],
  // CUDA and ROCm
  nvvm: ['extras', 'nvml', 'nvvm', 'version.json'],
  amdgcn: ['.info', 'amdgcn', 'hip', 'llvm'],
  // Spark
  jars: ['R', 'RELEASE', 'jars', 'python'],
  // Kotlin/Native
  konan: ['klib', 'konan'],
  'nim.nimble': ['compiler', 'config', 'nim.nimble'],
  // TinyGo
  targets: ['pkg', 'src', 'targets'],
  // PyPy
  lib_pypy: ['lib-python', 'lib_pypy', 'site-packages'],
};
/**
 * What else than `PARTS` programs find beside their `bin`: `erts-14.2` of Erlang, `collects` of Racket, `avr`, `arm-none-eabi` and
 * `x86_64-conda-linux-gnu` of compilers. Never `etc`, `conf`, `config` and `data`: there lie logins.
 */
const OTHER_PARTS =
  /^(avr|boot|collects|include|lib32|maven2|msp430|releases|build\.txt|pyvenv\.cfg|release|revision|VERSION|version|erts-[\d.]+|\w+-(\w+-)?(eabi\w*|elf|linux|none|w64)(-\w+)*)$/;

export interface Closed {
  home: string;
  /** Places that must not become visible because a program folder contains them. */
  secret: readonly string[];
}

/**
 * What to show so that the programs in `folder` work; nothing when it must not be shown at all. Below the home a tool's own
 * folder may hold its logins, and a project its settings: of these the programs and the parts that they need.
 */
export async function installationOf(folder: string, closed: Closed): Promise<string[]> {
  if (!mayShow(folder, closed)) return [];
  const parent = dirname(folder);
  if (!PROGRAM_FOLDERS.has(basename(folder)) || dirname(parent) === '/' || !mayShow(parent, closed))
    return [folder];
  const beside = await listed(parent);
  const names = new Set(beside.map(({ name }) => name));
  const isInstallation = PARTS.some((part) => names.has(part));
  if (!isInside(parent, closed.home)) return [isInstallation ? parent : folder];
  if (isInstallation && isInstallationAlone(parent, names, closed.home)) return [parent];
  const found = beside.filter(({ name }) => isPart(name, names));
  const parts = await Promise.all(found.map((entry) => placeOf(parent, entry)));
  return [folder, ...parts.filter((part) => part !== null).filter((part) => mayShow(part, closed))];
}

function isInstallationAlone(parent: string, names: ReadonlySet<string>, home: string): boolean {
  return (
    MANAGERS.some((manager) => isInside(parent, join(home, manager))) ||
    UNPACKED.some((marks) => marks.every((mark) => names.has(mark)))
  );
}

function isPart(name: string, names: ReadonlySet<string>): boolean {
  const isOwn = Object.entries(OWN_PARTS).some(([mark, parts]) => names.has(mark) && parts.includes(name));
  return isOwn || PROGRAM_FOLDERS.has(name) || PARTS.includes(name) || OTHER_PARTS.test(name);
}

/** @returns `null` for a link that leads out of the installation, or nowhere */
async function placeOf(parent: string, entry: Dirent): Promise<string | null> {
  const place = join(parent, entry.name);
  if (!entry.isSymbolicLink()) return place;
  const real = await realpath(place).catch(() => null);
  return real !== null && isInside(real, parent) ? place : null;
}

/** Nothing where this user may not look, as beside a program folder in somebody else's home: what is not seen is not shown. */
export async function listed(folder: string): Promise<Dirent[]> {
  return (await orNull(readdir(folder, { withFileTypes: true }), isUnseen)) ?? [];
}

export function mayShow(folder: string, { home, secret }: Closed): boolean {
  const never = [...NEVER_WHOLE, ...MIXED.map((name) => join(home, name))];
  if (never.includes(folder) || isInside(home, folder)) return false;
  return !secret.some((place) => isInside(place, folder) || isInside(folder, place));
}
