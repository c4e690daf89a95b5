import { shellQuote } from '../../lib/text/shell-quote.ts';
import { inOrder, type Mount } from '../mounts/mounts.ts';
import { BUILD_PATH } from '../run/shell.ts';
import { layersIn, makeLayer, withoutLayers, writeLayerTable } from './layers.ts';
import { FILTER_FD, type Inside, type Launch, type Mechanism } from './mechanism.ts';

/** Where bubblewrap reports as JSON; no process inside has it. */
export const REPORT_FD = 4;

export interface BubblewrapOptions {
  /** Absolute path of `bwrap`. */
  program: string;
  /** Text of `bwrap --help`: older versions lack some options. */
  help: string;
  /** Ids inside; the host's own when missing. */
  identity?: { uid: number; gid: number };
  /** Absolute path of util-linux' `unshare`, with which layers are made; `null`: there can be none. */
  unshare: string | null;
  /** A file of `systemCallFilter`; missing where there is none for this processor. */
  filter?: string;
  /** Without a user namespace only root can use it; the last resort where the kernel forbids them. */
  userNamespace: boolean;
}

/** Commands under bubblewrap: namespaces of their own and only the given mounts. */
export function bubblewrap(options: BubblewrapOptions): Mechanism {
  const has = (option: string): boolean => options.help.includes(option);
  // Without a user namespace of its own it would leave devices in them usable.
  const knowsLayers = options.userNamespace && has('--overlay ');
  const { filter } = options;
  const fixed = [...namespaces(options, has), '--die-with-parent', '--new-session', '--as-pid-1'];
  if (filter !== undefined) fixed.push('--seccomp', String(FILTER_FD));
  return {
    name: 'bubblewrap',
    ownProcesses: true,
    layers: knowsLayers || options.unshare !== null,
    detail: options.userNamespace ? options.program : `${options.program} without a user namespace`,
    launch(inside: Inside): Launch {
      const [layer, ...more] = knowsLayers && eachOnce(inside.mounts) ? [] : layersIn(inside.mounts);
      const reports = inside.report === true && has('--json-status-fd');
      const mounts = inOrder(layer === undefined ? inside.mounts : withoutLayers(inside.mounts));
      const [file = '', ...before] =
        layer === undefined ? [options.program] : withLayers(options, writeLayerTable([layer, ...more]));
      return {
        file,
        args: [
          ...before,
          ...fixed,
          ...(layer === undefined ? [] : outerIdentity(options)),
          ...(inside.network ? [] : ['--unshare-net']),
          ...(reports ? ['--json-status-fd', String(REPORT_FD)] : []),
          ...mounts.flatMap((mount) => mountOption(mount, has('--size'))),
          ...sealed(mounts),
          '--chdir',
          inside.cwd,
          '--',
          ...inside.argv,
        ],
        // Given as the environment and not as `--setenv`, which every user of the machine could read in the process list.
        env: { ...inside.env },
        cwd: '/',
        ...(filter === undefined ? {} : { filter }),
        ...(reports ? { reports } : {}),
      };
    },
  };
}

/** One layer cannot be mounted at two places. */
function eachOnce(mounts: readonly Mount[]): boolean {
  return mounts.filter(({ kind }) => kind === 'layer').length === layersIn(mounts).length;
}

/**
 * bubblewrap knows no overlays before 0.11: they are made in a mount namespace around it, which takes a user namespace with
 * the rights of root where the user has none, and three programs more.
 */
function withLayers({ program, unshare, userNamespace }: BubblewrapOptions, table: string): string[] {
  if (unshare === null) throw new Error('layers were asked for where they cannot be made');
  const script = [
    `outer=$PATH; PATH=${BUILD_PATH}`,
    `mount -a -T ${shellQuote(table)} || exit 125`,
    'PATH=$outer; exec "$0" "$@"',
  ];
  const namespaces = [...(userNamespace ? ['--user', '--map-root-user'] : []), '--mount'];
  return [unshare, ...namespaces, '--', '/bin/sh', '-c', script.join('\n'), program];
}

/** Within the namespace around it bubblewrap would take the user for root. */
function outerIdentity({ userNamespace, identity }: BubblewrapOptions): string[] {
  const [uid, gid] = [process.getuid?.(), process.getgid?.()];
  if (!userNamespace || identity !== undefined || uid === undefined || gid === undefined) return [];
  return ['--uid', String(uid), '--gid', String(gid)];
}

function namespaces(options: BubblewrapOptions, has: (option: string) => boolean): string[] {
  const args = [
    '--unshare-pid',
    '--unshare-ipc',
    '--unshare-uts',
    '--unshare-cgroup-try',
    '--hostname',
    'sandbox',
  ];
  if (options.userNamespace) {
    args.push('--unshare-user');
    // The kernel's largest attack surface is what a process may do in a user namespace that it made itself.
    if (has('--disable-userns')) args.push('--disable-userns');
    if (options.identity) {
      args.push('--uid', String(options.identity.uid), '--gid', String(options.identity.gid));
    }
  }
  return [...args, '--cap-drop', 'ALL'];
}

function mountOption(mount: Mount, sizes: boolean): string[] {
  switch (mount.kind) {
    case 'read-only':
      return ['--ro-bind', mount.source, mount.target];
    case 'layer': {
      const { upper, work } = makeLayer(mount);
      return ['--overlay-src', mount.source, '--overlay', upper, work, mount.target];
    }
    case 'writable':
      return ['--bind', mount.source, mount.target];
    case 'symlink':
      return ['--symlink', mount.source, mount.target];
    case 'scratch':
      return [...(sizes ? ['--size', String(mount.bytes)] : []), '--tmpfs', mount.target];
    case 'empty':
      return ['--tmpfs', mount.target];
    case 'folder':
      return ['--dir', mount.target];
    case 'proc':
      return ['--proc', mount.target];
    case 'dev':
      return ['--dev', mount.target];
  }
}

/**
 * Closed again after everything stands in it. `/`, `/dev` and hidden places are memory without a limit of size. `/proc` is
 * sealed because root's processes own `/proc/sys` even in a user namespace without any capability: a command could set
 * `kernel.core_pattern` and so have the host run a program.
 */
function sealed(mounts: readonly Mount[]): string[] {
  const targets = mounts
    .filter(({ kind }) => kind === 'proc' || kind === 'dev' || kind === 'empty')
    .map(({ target }) => target);
  return [...targets, '/'].flatMap((target) => ['--remount-ro', target]);
}
