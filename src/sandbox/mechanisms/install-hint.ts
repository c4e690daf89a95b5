import { findProgram } from '../mounts/toolchains.ts';

const INSTALLERS: readonly { program: string; command: string }[] = [
  { program: 'apt-get', command: 'apt-get install -y bubblewrap' },
  { program: 'dnf', command: 'dnf install -y bubblewrap' },
  { program: 'yum', command: 'yum install -y bubblewrap' },
  { program: 'pacman', command: 'pacman -S --noconfirm bubblewrap' },
  { program: 'zypper', command: 'zypper --non-interactive install bubblewrap' },
  { program: 'apk', command: 'apk add bubblewrap' },
];
const STANDARD_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What to do on a machine without a working sandbox: the exact command where it is known. */
export async function installHint(platform: NodeJS.Platform, path: string, tried: string): Promise<string> {
  if (platform === 'darwin') return 'macOS ships /usr/bin/sandbox-exec; put /usr/bin on the PATH.';
  if (platform !== 'linux') return 'Run Dark Factory on Linux, on macOS or in WSL 2.';
  if (/bubblewrap: (?!not found)/.test(tried)) return KERNEL_HINT;
  for (const { program, command } of INSTALLERS) {
    if ((await findProgram(program, `${path}:${STANDARD_PATH}`)) !== null) {
      return `Install bubblewrap: ${process.getuid?.() === 0 ? '' : 'sudo '}${command}`;
    }
  }
  return 'Install bubblewrap with the package manager of this system.';
}

const KERNEL_HINT =
  'bubblewrap is installed, but the kernel does not let it make namespaces. On Ubuntu: ' +
  'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0. On older Debian: ' +
  'sudo sysctl -w kernel.unprivileged_userns_clone=1. In Docker: --security-opt seccomp=unconfined ' +
  '--security-opt apparmor=unconfined --security-opt systempaths=unconfined.';
