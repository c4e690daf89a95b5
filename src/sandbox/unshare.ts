import { join } from 'node:path';
import type { Inside, Launch, Mechanism } from './mechanism.ts';
import { inOrder, type Mount } from './mounts.ts';

export interface UnshareOptions {
  /** Absolute path of util-linux' `unshare`. */
  program: string;
  /** Absolute path of util-linux' `setpriv`: ends the sandbox with the factory, and takes the rights that building needed. */
  setpriv: string;
  /** An empty folder on which the new root is built, in a mount namespace of its own: nothing of it shows on the host. */
  root: string;
}

const BUILD_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
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
 * not forbidden, and that building takes some 50 ms, a process for each mount.
 */
export function unshare({ program, setpriv, root }: UnshareOptions): Mechanism {
  return {
    name: 'unshare',
    ownProcesses: true,
    detail: program,
    launch(inside: Inside): Launch {
      const script = buildScript(inOrder(inside.mounts), root, setpriv, inside.cwd);
      const namespaces = inside.network ? NAMESPACES : [...NAMESPACES, '--net'];
      return {
        file: setpriv,
        args: [
          '--pdeathsig',
          'KILL',
          '--',
          program,
          ...namespaces,
          '--',
          '/bin/sh',
          '-c',
          script,
          'sandbox',
          ...inside.argv,
        ],
        env: { ...inside.env },
        cwd: '/',
      };
    },
  };
}

/** Builds the root, moves into it, gives up every right, runs the arguments. Ends with a message when any part fails. */
export function buildScript(mounts: readonly Mount[], root: string, setpriv: string, cwd: string): string {
  const sealed = mounts.filter(({ kind }) => kind === 'proc' || kind === 'dev' || kind === 'empty');
  return [
    'set -e; umask 022; outer=$PATH',
    `PATH=${BUILD_PATH}`,
    FUNCTIONS,
    `mount -t tmpfs -o mode=755,nosuid,nodev,size=16m tmpfs ${quote(root)}`,
    ...mounts.map((mount) => mountCommand(mount, root)),
    ...sealed.map(({ target }) => `mount -o remount,bind,ro ${quote(join(root, target))}`),
    'hostname sandbox 2>/dev/null || true',
    `cd ${quote(root)}; mkdir .host; pivot_root . .host; cd /`,
    'umount -l /.host; rmdir /.host; mount -o remount,bind,ro /',
    `cd ${quote(cwd)}; PATH=$outer`,
    `exec ${quote(setpriv)} --no-new-privs --bounding-set=-all --inh-caps=-all --ambient-caps=-all -- "$@"`,
  ].join('\n');
}

/**
 * `place SOURCE TARGET FLAGS` shows a file or folder with all that is mounted below it, and sets the flags on each of these
 * mounts: the kernel does not do so by itself. What was `noexec` outside has to stay so.
 */
const FUNCTIONS = `
place() {
  if [ -d "$1" ]; then mkdir -p "$2"; else mkdir -p "\${2%/*}"; [ -e "$2" ] || : > "$2"; fi
  mount --rbind "$1" "$2"
  while read -r _ _ _ _ at _; do
    case $at in *\\\\*) at=$(printf '%b' "$at") ;; esac
    case $at in
      "$2"|"$2"/*) mount -o "remount,bind,nosuid,nodev,$3" "$at" 2>/dev/null || mount -o "remount,bind,nosuid,nodev,noexec,$3" "$at" ;;
    esac
  done < /proc/self/mountinfo
}
device() { : > "$2"; mount --bind "$1" "$2"; }`.trim();

function mountCommand(mount: Mount, root: string): string {
  const target = quote(join(root, mount.target));
  switch (mount.kind) {
    case 'read-only':
      return `place ${quote(mount.source)} ${target} ro`;
    case 'writable':
      return `place ${quote(mount.source)} ${target} rw`;
    case 'symlink':
      return `ln -s ${quote(mount.source)} ${target}`;
    case 'folder':
      return `mkdir -p ${target}`;
    case 'scratch':
      return `mkdir -p ${target}; mount -t tmpfs -o mode=755,nosuid,nodev,size=${mount.bytes} tmpfs ${target}`;
    case 'empty':
      return `mkdir -p ${target}; mount -t tmpfs -o mode=755,nosuid,nodev,size=1m tmpfs ${target}`;
    case 'proc':
      return `mkdir -p ${target}; mount -t proc -o nosuid,nodev,noexec proc ${target}`;
    case 'dev':
      return deviceCommands(target);
  }
}

function deviceCommands(target: string): string {
  return [
    `mkdir -p ${target}; mount -t tmpfs -o mode=755,nosuid,size=1m tmpfs ${target}`,
    ...DEVICES.map((name) => `device /dev/${name} ${target}/${name}`),
    `mkdir ${target}/pts; mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts ${target}/pts`,
    `ln -s pts/ptmx ${target}/ptmx; ln -s /proc/self/fd ${target}/fd`,
    ...['stdin', 'stdout', 'stderr'].map((name, fd) => `ln -s /proc/self/fd/${fd} ${target}/${name}`),
  ].join('; ');
}

/** A word for a POSIX shell, whatever it holds. */
function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
