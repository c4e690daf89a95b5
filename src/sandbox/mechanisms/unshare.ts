import { readFileSync, statSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { shellQuote } from '../../lib/text/shell-quote.ts';
import { inOrder, isInside, type Mount } from '../mounts/mounts.ts';
import { BUILD_PATH } from '../run/shell.ts';
import { layersIn, layerTable, withoutLayers } from './layers.ts';
import type { Inside, Launch, Mechanism } from './mechanism.ts';

export interface UnshareOptions {
  /** Absolute path of util-linux' `unshare`. */
  program: string;
  /** Absolute path of util-linux' `setpriv`: ends the sandbox with the factory, and takes the rights that building needed. */
  setpriv: string;
  /** A folder filled by `makeDevices`. */
  devices: string;
  /** An empty folder on which the new root is built, in a mount namespace of its own: nothing of it shows on the host. */
  root: string;
}

const DEVICES = ['null', 'zero', 'full', 'random', 'urandom', 'tty'];
const NAMESPACES = [
  '--user',
  '--map-root-user',
  '--mount',
  '--pid',
  '--ipc',
  '--uts',
  '--fork',
  '--kill-child',
];

/**
 * The fallback where there is no bubblewrap: the same mounts in the same namespaces, built by a shell script with
 * util-linux alone.
 *
 * Differs from bubblewrap in that commands see themselves as root (without any right), that nested user namespaces are
 * not forbidden, and that building takes about twice the time.
 */
export function unshare({ program, setpriv, root, devices }: UnshareOptions): Mechanism {
  return {
    name: 'unshare',
    ownProcesses: true,
    layers: true,
    detail: program,
    launch(inside: Inside): Launch {
      const noexec = noexecFolders(readFileSync('/proc/self/mountinfo', 'utf8'));
      const script = buildScript({ mounts: inside.mounts, root, devices, setpriv, cwd: inside.cwd, noexec });
      const namespaces = inside.network ? NAMESPACES : [...NAMESPACES, '--net'];
      const shell = ['/bin/sh', '-c', script, 'sandbox', ...inside.argv];
      return {
        file: setpriv,
        args: ['--pdeathsig', 'KILL', '--', program, ...namespaces, '--', ...shell],
        env: { ...inside.env },
        cwd: '/',
      };
    },
  };
}

export interface Plan {
  mounts: readonly Mount[];
  root: string;
  devices: string;
  setpriv: string;
  cwd: string;
  /** Mount points of the host that forbid to run programs; the kernel insists that a copy forbids it, too. */
  noexec: readonly string[];
}

/**
 * Builds the root, moves into it, gives up every right, runs the arguments. Ends with a message when any part fails.
 *
 * One `mount` makes all mounts from a table, and the shell does itself what it can: a process for each step would take a
 * tenth of a second.
 */
export function buildScript({ mounts, root, devices, setpriv, cwd, noexec }: Plan): string {
  const layers = layerTable(layersIn(mounts));
  const ordered = inOrder(withoutLayers(mounts));
  const inRoot = (path: string): string => shellQuote(join(root, path));
  const folders = ordered.filter(({ kind }) => kind === 'folder').map(({ target }) => inRoot(target));
  const seal = ordered.filter(({ kind }) => kind === 'empty');
  const [late, early] = [
    ordered.filter((each) => isLate(each, ordered)),
    ordered.filter((each) => !isLate(each, ordered)),
  ];
  const table = [...layers, ...early.flatMap((mount) => tableLines(mount, { root, devices, noexec }))].join(
    '\n',
  );
  return [
    `set -e; umask 022; outer=$PATH; PATH=${BUILD_PATH}`,
    `mount -t tmpfs -o mode=755,nosuid,nodev,size=16m tmpfs ${shellQuote(root)}`,
    `printf '%s\\n' ${shellQuote(table)} > ${inRoot('.table')}`,
    `mount -a -T ${inRoot('.table')}`,
    `mkdir -p ${[inRoot('.host'), ...folders].join(' ')}`,
    ...(late.length === 0 ? [] : lateMounts(late, { root, noexec })),
    sealSubmounts(ordered, root),
    ...seal.map(({ target }) => `mount -o remount,bind,ro ${inRoot(target)}`),
    'echo sandbox 2>/dev/null > /proc/sys/kernel/hostname || true',
    `cd ${shellQuote(root)}; pivot_root . .host; cd /`,
    'umount -l /.host; rm -d /.host /.table; mount -o remount,bind,ro /',
    `cd ${shellQuote(cwd)}; PATH=$outer`,
    `exec ${shellQuote(setpriv)} --no-new-privs --bounding-set=-all --inh-caps=-all --ambient-caps=-all -- "$@"`,
  ].join('\n');
}

/** Files, each in the place of one that is made for it. */
function lateMounts(
  files: readonly { source: string; target: string }[],
  { root, noexec }: Pick<Plan, 'root' | 'noexec'>,
): string[] {
  const places = files.map(({ target }) => shellQuote(join(root, target)));
  const folders = new Set(files.map(({ target }) => shellQuote(join(root, dirname(target)))));
  const table = files.map(({ source, target }) =>
    tableLine(source, join(root, target), 'none', ['bind', ...flagsOf(source, 'ro', noexec)]),
  );
  const file = shellQuote(join(root, '.table'));
  return [
    `mkdir -p ${[...folders].join(' ')}`,
    ...places.map((place) => `[ -e ${place} ] || : > ${place}`),
    `printf '%s\\n' ${shellQuote(table.join('\n'))} > ${file}`,
    `mount -a -T ${file}`,
  ];
}

/** A file that lies directly in a private, empty folder, or in no mounted one: the table would make a folder for it to cover. */
function isLate(mount: Mount, all: readonly Mount[]): mount is Extract<Mount, { kind: 'read-only' }> {
  if (mount.kind !== 'read-only') return false;
  // Ordered by depth: the last one is the nearest.
  const around = all.filter(
    ({ kind, target }) => kind !== 'folder' && target !== mount.target && isInside(mount.target, target),
  );
  const nearest = around.at(-1)?.kind;
  return (
    (nearest === undefined || nearest === 'scratch' || nearest === 'empty') &&
    statSync(mount.source, { throwIfNoEntry: false })?.isFile() === true
  );
}

function tableLines(mount: Mount, places: Pick<Plan, 'root' | 'devices' | 'noexec'>): string[] {
  const { root, devices, noexec } = places;
  const target = join(root, mount.target);
  switch (mount.kind) {
    case 'layer':
    case 'read-only':
    case 'writable': {
      const flags = flagsOf(mount.source, mount.kind === 'read-only' ? 'ro' : 'rw', noexec);
      return [tableLine(mount.source, target, 'none', ['rbind', ...flags])];
    }
    case 'scratch':
      return [tableLine('tmpfs', target, 'tmpfs', ['mode=755', 'nosuid', 'nodev', `size=${mount.bytes}`])];
    case 'empty':
      return [tableLine('tmpfs', target, 'tmpfs', ['mode=755', 'nosuid', 'nodev', 'size=1m'])];
    case 'proc':
      return [tableLine('proc', target, 'proc', ['nosuid', 'nodev', 'noexec', 'ro'])];
    case 'dev':
      return [
        ...tableLines({ kind: 'read-only', source: devices, target: mount.target }, places),
        ...DEVICES.map((name) => tableLine(`/dev/${name}`, join(target, name), 'none', ['bind'])),
        tableLine('devpts', join(target, 'pts'), 'devpts', ['newinstance', 'ptmxmode=0666', 'mode=620']),
      ];
    case 'symlink': {
      // What the link leads to, at the link's place: one line of the table instead of a process.
      const source = resolve(dirname(mount.target), mount.source);
      const inside = source.startsWith('/tmp') ? join(root, source) : source;
      return [
        tableLine(inside, target, 'none', ['rbind', 'nosuid', 'nodev', ...(inside === source ? ['ro'] : [])]),
      ];
    }
    case 'folder':
      return [];
  }
}

/** The kernel refuses a copy of a place of the host that allows what is forbidden there. */
function flagsOf(source: string, access: 'ro' | 'rw', noexec: readonly string[]): string[] {
  const forbidden = noexec.some((folder) => isInside(source, folder)) ? ['noexec'] : [];
  return ['nosuid', 'nodev', access, ...forbidden];
}

function tableLine(source: string, target: string, type: string, flags: readonly string[]): string {
  const make = type === 'none' && DEVICES.includes(basename(target)) ? [] : ['X-mount.mkdir'];
  return [tableWord(source), tableWord(target), type, [...flags, ...make].join(','), '0 0'].join(' ');
}

/** A line of the table ends at the end of the line, a word of it at a space. */
function tableWord(word: string): string {
  return word.replace(/[\s\\#]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

/** The private /dev, but for the devices: links, and a place for each that is mounted. Made once. */
export async function makeDevices(folder: string): Promise<void> {
  for (const name of ['pts', 'shm']) await mkdir(join(folder, name), { recursive: true });
  for (const name of DEVICES) await writeFile(join(folder, name), '');
  await symlink('pts/ptmx', join(folder, 'ptmx'));
  await symlink('/proc/self/fd', join(folder, 'fd'));
  for (const [fd, name] of ['stdin', 'stdout', 'stderr'].entries()) {
    await symlink(`/proc/self/fd/${fd}`, join(folder, name));
  }
}

/** What was mounted below a shown folder came along with its own flags: all of it becomes read-only. */
function sealSubmounts(mounts: readonly Mount[], root: string): string {
  const known = [
    '/',
    ...mounts.map(({ target }) => target),
    ...mounts
      .filter(({ kind }) => kind === 'dev')
      .flatMap(({ target }) => [...DEVICES, 'pts'].map((name) => join(target, name))),
  ].map((target) => shellQuote(join(root, target).replace(/\/$/, '')));
  return [
    'while read -r _ _ _ _ at _; do',
    '  case $at in *\\\\*) at=$(printf \'%b\' "$at") ;; esac',
    `  case $at in ${known.join('|')}) ;;`,
    `    ${shellQuote(root)}/*) mount -o remount,bind,nosuid,nodev,ro "$at" 2>/dev/null || mount -o remount,bind,nosuid,nodev,noexec,ro "$at" ;;`,
    '  esac',
    'done < /proc/self/mountinfo',
  ].join('\n');
}

/** Mount points with `noexec` in the text of /proc/self/mountinfo. */
export function noexecFolders(mountinfo: string): string[] {
  return mountinfo
    .split('\n')
    .map((line) => line.split(' '))
    .filter((words) => (words[5] ?? '').split(',').includes('noexec'))
    .map((words) =>
      (words[4] ?? '').replace(/\\([0-7]{3})/g, (_, code: string) =>
        String.fromCharCode(Number.parseInt(code, 8)),
      ),
    );
}
