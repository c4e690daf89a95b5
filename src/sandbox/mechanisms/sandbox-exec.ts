import { realpathSync } from 'node:fs';
import { inOrder, type Mount } from '../mounts/mounts.ts';
import { makeScratch } from '../mounts/scratch.ts';
import type { Inside, Launch, Mechanism } from './mechanism.ts';

export interface SandboxExecOptions {
  /** Absolute path of `sandbox-exec`. */
  program: string;
  /** Private folder of this process. */
  folder: string;
}

/**
 * Commands under macOS' Seatbelt.
 *
 * It filters what a process may do and builds no file system, so it promises less than bubblewrap: there is no process
 * namespace (the tree is ended by group and by mark), private folders lie on disk without a limit of size, places have to
 * be denied by name, and a git configuration with logins is readable. Written from Apple's documentation of the profile
 * language and tested for the text of the profile only: nobody has run it on a Mac yet.
 */
export function sandboxExec({ program, folder }: SandboxExecOptions): Mechanism {
  return {
    name: 'sandbox-exec',
    ownProcesses: false,
    layers: false,
    detail: program,
    launch(inside: Inside): Launch {
      const scratch = makeScratch(folder);
      const profile = seatbeltProfile(inside, [scratch.folder], realPath);
      return {
        file: program,
        args: ['-p', profile, ...inside.argv],
        env: { ...inside.env, HOME: scratch.home, TMPDIR: scratch.temporary },
        cwd: inside.cwd,
        after: scratch.remove,
      };
    },
  };
}

const SYSTEM_READABLE = [
  '/System',
  '/usr',
  '/bin',
  '/sbin',
  '/opt/homebrew',
  '/Library/Apple',
  '/Library/Developer',
  '/Library/Frameworks',
  '/Library/Java',
  '/Library/Preferences/Logging',
  '/Applications/Xcode.app',
  '/private/etc/ssl',
  '/private/var/db/timezone',
  '/private/var/db/dyld',
  '/private/var/select',
  '/private/var/db/xcode_select_link',
];
const SYSTEM_FILES = [
  '/',
  '/etc',
  '/tmp',
  '/var',
  '/private',
  '/private/etc/passwd',
  '/private/etc/group',
  '/private/etc/shells',
  '/private/etc/localtime',
  '/private/etc/protocols',
  '/private/etc/services',
];
const DEVICES = [
  '/dev/null',
  '/dev/zero',
  '/dev/random',
  '/dev/urandom',
  '/dev/tty',
  '/dev/fd',
  '/dev/stdin',
  '/dev/stdout',
  '/dev/stderr',
  '/dev/dtracehelper',
];
/** What libc itself asks of the system. Nothing that starts programs, reads keychains or talks to other applications. */
const SERVICES = [
  'com.apple.system.notification_center',
  'com.apple.system.opendirectoryd.libinfo',
  'com.apple.system.opendirectoryd.membership',
  'com.apple.system.logger',
  'com.apple.logd',
  'com.apple.diagnosticd',
];
const NETWORK_SERVICES = [
  'com.apple.SystemConfiguration.configd',
  'com.apple.trustd',
  'com.apple.trustd.agent',
  'com.apple.dnssd.service',
];

/**
 * The profile: everything is denied, then allowed by name. The last rule that matches an operation decides, so mounts in
 * order of depth, writable after hidden, `.git` last, mean the same here as in a file system.
 *
 * @param writable folders of this run alone
 * @param real resolves links: Seatbelt compares real paths (`/tmp` is `/private/tmp`)
 */
export function seatbeltProfile(
  inside: Inside,
  writable: readonly string[],
  real: (path: string) => string,
): string {
  const paths = inOrder(inside.mounts).flatMap((mount) => pathRules(mount, real));
  return [
    '(version 1)',
    '(deny default)',
    '(allow process-fork process-exec)',
    '(allow signal process-info* (target same-sandbox))',
    '(allow sysctl-read)',
    '(allow file-ioctl (literal "/dev/tty"))',
    `(allow mach-lookup ${names([...SERVICES, ...(inside.network ? NETWORK_SERVICES : [])])})`,
    '(allow ipc-posix-shm-read-data (ipc-posix-name "apple.shm.notification_center"))',
    `(allow file-read* ${subpaths(SYSTEM_READABLE)} ${literals(SYSTEM_FILES)} ${literals(DEVICES)} (subpath "/dev/fd"))`,
    `(allow file-write-data ${literals(DEVICES)} (subpath "/dev/fd"))`,
    // Programs look at every folder on the way to a file; names and sizes, not contents.
    '(allow file-read-metadata)',
    ...paths,
    `(allow file-read* file-write* ${subpaths(writable)})`,
    ...(inside.network
      ? ['(allow network-outbound)', '(allow network-bind network-inbound (local ip))']
      : []),
    // A path-based socket of the host is a way out, whatever the network rules say.
    '(deny network-outbound (remote unix-socket))',
    ...(inside.network ? ['(allow network-outbound (literal "/private/var/run/mDNSResponder"))'] : []),
  ].join('\n');
}

function pathRules(mount: Mount, real: (path: string) => string): string[] {
  switch (mount.kind) {
    case 'writable':
      return [`(allow file-read* file-write* ${subpaths([real(mount.source)])})`];
    case 'read-only': {
      // What is mounted from elsewhere (a private /etc, a configuration without logins) has no counterpart here.
      if (mount.source !== mount.target) return [];
      const path = real(mount.source);
      return [`(allow file-read* ${subpaths([path])})`, `(deny file-write* ${subpaths([path])})`];
    }
    case 'empty':
      return [`(deny file-read* file-write* ${subpaths([real(mount.target)])})`];
    default:
      return [];
  }
}

function subpaths(paths: readonly string[]): string {
  return paths.map((path) => `(subpath ${text(path)})`).join(' ');
}

function literals(paths: readonly string[]): string {
  return paths.map((path) => `(literal ${text(path)})`).join(' ');
}

function names(services: readonly string[]): string {
  return services.map((name) => `(global-name ${text(name)})`).join(' ');
}

/** A string of the profile language: backslash and quote are its only special characters. */
function text(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function realPath(path: string): string {
  return realpathSync(path);
}
