import { installCommand } from '../../lib/install-command.ts';

const STANDARD_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What to do on a machine without a working sandbox: the exact command where it is known. */
export function installHint(platform: NodeJS.Platform, path: string, tried: string): string {
  if (platform === 'darwin') return 'macOS ships /usr/bin/sandbox-exec; put /usr/bin on the PATH.';
  if (platform !== 'linux') return 'Run Dark Factory on Linux, on macOS or in WSL 2.';
  if (/bubblewrap: (?!not found)/.test(tried)) return KERNEL_HINT;
  const command = installCommand('bubblewrap', `${path}:${STANDARD_PATH}`, platform);
  return command === null
    ? 'Install bubblewrap with the package manager of this system.'
    : `Install bubblewrap: ${command}`;
}

const KERNEL_HINT =
  'bubblewrap is installed, but the kernel does not let it make namespaces. On Ubuntu: ' +
  'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0. On older Debian: ' +
  'sudo sysctl -w kernel.unprivileged_userns_clone=1. In Docker: --security-opt seccomp=unconfined ' +
  '--security-opt apparmor=unconfined --security-opt systempaths=unconfined.';
