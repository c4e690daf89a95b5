import { copyFile, lstat, mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What ordinary programs read below /etc: name resolution, certificates, the loader, the time zone, alternatives. */
const COPIED = [
  'alternatives',
  'ca-certificates',
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
  'pki/ca-trust/extracted',
  'pki/tls/cert.pem',
  'pki/tls/certs',
  'protocols',
  'python3*',
  'services',
  'shells',
  'ssl/cert.pem',
  'ssl/certs',
  'ssl/openssl.cnf',
  'terminfo',
  'timezone',
];
/** Per entry of the list above: more than that is no configuration. */
const MOST_FILES = 3_000;
const LARGEST_FILE = 4 * 1024 * 1024;
const READABLE_BY_ALL = 0o004;
/** `https://user:token@host`: a registry that needs a login. */
const LOGIN_IN_URL = /:\/\/[^/\s]*@|_auth/i;

/**
 * Fills `folder` with the `/etc` that commands see: copies of what programs need and every user of the machine may read,
 * and small files of our own for users, hosts and git. One folder makes one mount; thirty would cost milliseconds a command.
 *
 * @param identity ids that commands run under, and whether git sees other ids than those that stand in the index
 */
export async function makePrivateEtc(
  folder: string,
  identity: { uid: number; gid: number; foreign: boolean },
  source = '/etc',
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const pattern of COPIED) {
    for (const name of await expand(source, pattern)) {
      await copy(join(source, name), join(folder, name), { files: MOST_FILES });
    }
  }
  const { uid, gid } = identity;
  const files = {
    passwd: `root:x:0:0:root:/root:/bin/sh\nagent:x:${uid}:${gid}:agent:/tmp/home:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n`,
    group: `root:x:0:\nagent:x:${gid}:\nnogroup:x:65534:\n`,
    hosts: '127.0.0.1 localhost sandbox\n::1 localhost\n',
    hostname: 'sandbox\n',
    'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n',
    'resolv.conf': '',
    gitconfig: gitConfig(identity.foreign),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
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

async function copy(from: string, to: string, left: { files: number }): Promise<void> {
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
    await Promise.all((await readdir(from)).map((name) => copy(join(from, name), join(to, name), left)));
  } else if (info.isFile() && info.size <= LARGEST_FILE && !(await holdsLogin(from))) {
    await mkdir(dirname(to), { recursive: true });
    await copyFile(from, to);
  }
}

async function holdsLogin(file: string): Promise<boolean> {
  return /(npmrc|pip\.conf)$/.test(file) && LOGIN_IN_URL.test(await readFile(file, 'utf8'));
}
