import type { Dirent } from 'node:fs';
import { readdir, readlink } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { isInside } from './mounts.ts';

/** Installations lie here, each in a folder of its own; looked through to this depth. */
const PLACES = [
  { folder: '/usr/share', depth: 2 },
  { folder: '/usr/lib', depth: 2 },
  { folder: '/usr/local', depth: 3 },
];
const OTHER_DEPTH = 2;
/** Many folders, and nothing that a program starts with. */
const DULL = new Set([
  'doc',
  'man',
  'locale',
  'icons',
  'zoneinfo',
  'info',
  'licenses',
  'i18n',
  'fonts',
  'modules',
  'firmware',
  'node_modules',
  'dist-packages',
  'site-packages',
  'terminfo',
]);
/** Of the machine and its owner, not of a program that builds or tests. */
const NEVER =
  /^(alternatives|apt|cloud|cron.*|dbus.*|default|docker|environment\.d|fail2ban|init\.d|ipsec.*|kubernetes|ldap|letsencrypt|mysql.*|Network.*|network|openvpn|pam\.d|pki|polkit.*|postgresql.*|ppp|profile\.d|rancher|redis|samba|security|ssh|ssl|sssd|sudoers\.d|systemd|udev|vault.*|wireguard|wpa_supplicant|xdg|X11)$/;
const MOST = 64;

/**
 * What installed programs reach in `/etc` through links among their own files (Debian's Maven has its `conf` there): paths
 * relative to `/etc`, each within a folder of a program.
 *
 * @param others folders of toolchains outside the system's
 */
export async function linkedInEtc(
  others: readonly string[],
  etc = '/etc',
  places = PLACES,
): Promise<string[]> {
  const found = new Set<string>();
  const look = async (folder: string, depth: number): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch((): Dirent[] => []);
    await Promise.all(
      entries.map(async (entry) => {
        const path = join(folder, entry.name);
        if (entry.isSymbolicLink()) {
          const target = await readlink(path).catch(() => null);
          if (target !== null) found.add(resolve(dirname(path), target));
        } else if (entry.isDirectory() && depth > 1 && !DULL.has(entry.name)) await look(path, depth - 1);
      }),
    );
  };
  const wanted = [...places, ...others.map((folder) => ({ folder, depth: OTHER_DEPTH }))];
  await Promise.all(wanted.map(({ folder, depth }) => look(folder, depth)));
  return (
    [...found]
      .filter((path) => path !== etc && isInside(path, etc))
      .map((path) => relative(etc, path).split('/'))
      .filter(([first = '']) => !NEVER.test(first))
      // A file of /etc itself is the machine's (`/etc/environment`); a program has a folder.
      .filter((parts) => parts.length > 1 || !parts[0]?.includes('.'))
      .map((parts) => parts.join('/'))
      .sort()
      .slice(0, MOST)
  );
}
