import {
  copyFile,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  realpath,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { withoutSecrets } from './configuration-text.ts';
import { INSIDE_HOME } from './environment.ts';
import { isInside, type Mount } from './mounts.ts';

/** What ordinary programs read below /etc: the loader, certificates, the time zone, services. */
const COPIED = [
  'ca-certificates.conf',
  'crypto-policies',
  'debian_version',
  'fonts',
  'java-*',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'localtime',
  'magic',
  'mime.types',
  'npmrc',
  'os-release',
  'perl',
  'pip.conf',
  'protocols',
  'python3*',
  'services',
  'shells',
  'ssl/cert.pem',
  'ssl/certs/ca-certificates.crt',
  'ssl/openssl.cnf',
  'terminfo',
  'timezone',
];
/** Hundreds of links: mounted as they are, for copying them takes longer than a thousand mounts. */
const MOUNTED = ['alternatives'];
/** Only for commands that may use the network. */
const MOUNTED_WITH_NETWORK = ['ssl/certs', 'pki/ca-trust/extracted', 'pki/tls/certs', 'resolv.conf', 'hosts'];
/** More than that is no configuration. */
const MOST_FILES = 2_000;
const LARGEST_FILE = 4 * 1024 * 1024;
const READABLE_BY_ALL = 0o004;
/** `https://user:token@host`: a registry that needs a login. */
const LOGIN_IN_URL = /:\/\/[^/\s]*@|_auth/i;

export interface EtcWanted {
  source?: string;
  /** Names below it that programs reach through links of theirs: copied without secrets. */
  linked?: readonly string[];
  /** The owner's git settings, as text, and files by the names that the text gives. */
  git?: { text: string; files: Record<string, string> };
  /** Names below it that the owner has shown as they are: only places for their mounts are made. */
  shown?: readonly string[];
}

export interface PrivateEtc {
  mounts: Mount[];
  /** On top of these when the command may use the network. */
  networkMounts: Mount[];
}

/**
 * Fills `folder` with the `/etc` that commands see: copies of what programs need and every user of the machine may read,
 * and small files of our own for users, hosts and git. One folder makes one mount; thirty would cost milliseconds a command.
 *
 * @param identity ids that commands run under, and whether git sees other ids than those that stand in the index
 */
export async function makePrivateEtc(
  folder: string,
  identity: { uid: number; gid: number; foreign: boolean },
  { source = '/etc', linked = [], shown = [], git = { text: '', files: {} } }: EtcWanted = {},
): Promise<PrivateEtc> {
  await mkdir(folder, { recursive: true });
  const names = await Promise.all(COPIED.map((pattern) => expand(source, pattern)));
  const budget = { files: MOST_FILES };
  await Promise.all(names.flat().map((name) => copy(join(source, name), join(folder, name), budget)));
  const others = linked.filter((name) => !names.flat().some((each) => isInside(name, each)));
  for (const name of others)
    if ((await stat(join(source, name)).catch(() => null))?.isDirectory() || name.includes('/'))
      await copy(join(source, name), join(folder, name), budget, withoutSecrets);
  for (const path of shown) await makeMountPoint(join('/etc', path), join(folder, path));
  const own = Object.entries({ ...ownFiles(identity, git.text), ...git.files });
  await Promise.all(own.map(([name, text]) => writeFile(join(folder, name), text)));
  return {
    mounts: [
      { kind: 'read-only', source: folder, target: '/etc' },
      ...(await mountPoints(MOUNTED, source, folder)),
    ],
    networkMounts: await mountPoints(MOUNTED_WITH_NETWORK, source, folder),
  };
}

function ownFiles(
  identity: { uid: number; gid: number; foreign: boolean },
  owners: string,
): Record<string, string> {
  const { uid, gid } = identity;
  return {
    passwd: `root:x:0:0:root:${INSIDE_HOME}:/bin/sh\nagent:x:${uid}:${gid}:agent:${INSIDE_HOME}:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n`,
    group: `root:x:0:\nagent:x:${gid}:\nnogroup:x:65534:\n`,
    hosts: '127.0.0.1 localhost sandbox\n::1 localhost\n',
    hostname: 'sandbox\n',
    'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n',
    'resolv.conf': '',
    gitconfig: `${gitConfig(identity.foreign)}${owners}`,
  };
}

/** Mounts of the host's own entries, with a place for each in `folder`: nothing can be made in a read-only mount. */
async function mountPoints(names: readonly string[], source: string, folder: string): Promise<Mount[]> {
  const mounts: Mount[] = [];
  for (const name of names) {
    const from = await realpath(join(source, name)).catch(() => null);
    if (from === null) continue;
    await makeMountPoint(from, join(folder, name));
    mounts.push({ kind: 'read-only', source: from, target: join('/etc', name) });
  }
  return mounts;
}

async function makeMountPoint(from: string, place: string): Promise<void> {
  if ((await stat(from)).isDirectory()) return void (await mkdir(place, { recursive: true }));
  await mkdir(dirname(place), { recursive: true });
  await writeFile(place, '', { flag: 'a' });
}

/**
 * The repository may belong to another user than the command runs as. Where ids differ, git must not compare them with
 * those in the index, or every `git status` would read every file.
 */
function gitConfig(foreign: boolean): string {
  return [
    '[safe]\n\tdirectory = *',
    '[user]\n\tname = agent\n\temail = agent@localhost',
    '[init]\n\tdefaultBranch = main',
    '[advice]\n\tdetachedHead = false',
    ...(foreign ? ['[core]\n\tcheckStat = minimal'] : []),
    '',
  ].join('\n');
}

async function expand(source: string, pattern: string): Promise<string[]> {
  if (!pattern.endsWith('*')) return [pattern];
  const names = await readdir(source).catch(() => []);
  return names.filter((name) => name.startsWith(pattern.slice(0, -1)));
}

async function copy(
  from: string,
  to: string,
  left: { files: number },
  clean?: (text: string) => string,
): Promise<void> {
  const info = await lstat(from).catch(() => null);
  if (info === null || left.files <= 0) return;
  left.files -= 1;
  if (info.isSymbolicLink()) {
    await mkdir(dirname(to), { recursive: true });
    await symlink(await readlink(from), to);
  } else if ((info.mode & READABLE_BY_ALL) === 0) {
    return;
  } else if (info.isDirectory()) {
    await mkdir(to, { recursive: true });
    await Promise.all(
      (await readdir(from)).map((name) => copy(join(from, name), join(to, name), left, clean)),
    );
  } else if (info.isFile() && info.size <= LARGEST_FILE && !(await holdsLogin(from))) {
    await mkdir(dirname(to), { recursive: true });
    if (clean === undefined) await copyFile(from, to);
    else await writeFile(to, clean(await readFile(from, 'latin1')), 'latin1');
  }
}

async function holdsLogin(file: string): Promise<boolean> {
  return /(npmrc|pip\.conf)$/.test(file) && LOGIN_IN_URL.test(await readFile(file, 'utf8'));
}
