import { spawnSync } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../scripts/prerequisites.mjs', import.meta.url));
const NOBODY = 65_534;
const asRoot = process.getuid?.() === 0;

/** A machine: a PATH of its own with only what a test puts there. */
let bin: string;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'machine-'));
  bin = join(folder, 'bin');
  await mkdir(bin);
  await copyFile(SCRIPT, join(folder, 'prerequisites.mjs'));
  await copyFile(new URL('needs.json', pathToFileURL(SCRIPT)), join(folder, 'needs.json'));
  // Another user has to reach it too.
  for (const path of [tmpdir(), folder, bin]) await chmod(path, 0o755);
  await chmod(folder, 0o777);
  await symlink('/usr/bin/env', join(bin, 'env'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function program(name: string, script: string): Promise<void> {
  await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(bin, name), 0o755);
}

const versions: Record<string, string> = {
  'redis-server': 'Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc bits=64',
  'valkey-server': 'Valkey server v=8.0.1 sha=00000000:0',
  bwrap: 'bubblewrap 0.8.0',
  git: 'git version 2.39.5 (Apple Git-154)',
  chromium: 'Chromium 156.0.8078.108',
  'chromium-headless-shell': 'Chromium 156.0.8078.108',
};

async function has(...names: string[]): Promise<void> {
  for (const name of names) await program(name, `echo '${versions[name]}'`);
}

/** An apt that notes how it is called and "installs" by putting programs into the PATH. */
async function hasApt(options: { installs?: boolean; lacks?: string } = {}): Promise<void> {
  const programs = { 'redis-server': 'redis-server', bubblewrap: 'bwrap', git: 'git', chromium: 'chromium' };
  const put = Object.entries({ ...programs, 'chromium-headless-shell': 'chromium-headless-shell' })
    .filter(([name]) => name !== options.lacks)
    .map(([name, file]) => `case " $* " in *" ${name} "*) put ${file} "${versions[file]}";; esac`)
    .join('\n');
  await program(
    'apt-get',
    `echo "$DEBIAN_FRONTEND apt-get $*" >> '${folder}/calls'
put() { printf '#!/bin/sh\\necho "%s"\\n' "$2" > '${bin}'/"$1"; /bin/chmod 755 '${bin}'/"$1"; }
case " $* " in *" install "*) ;; *) exit 0;; esac
${options.installs === false ? 'echo "E: Unable to locate package" >&2; exit 100' : put}`,
  );
}

const calls = () => readFile(join(folder, 'calls'), 'utf8').catch(() => '');

function run(args: string[] = [], user: 'root' | 'nobody' = 'root') {
  const ids = user === 'nobody' && asRoot ? { uid: NOBODY, gid: NOBODY } : {};
  const result = spawnSync(process.execPath, [join(folder, 'prerequisites.mjs'), ...args], {
    env: { PATH: bin },
    encoding: 'utf8',
    input: '',
    ...ids,
  });
  return { code: result.status, said: result.stderr, stdout: result.stdout };
}

describe('with everything there', () => {
  it('names the versions and succeeds, saying nothing on stdout', async () => {
    await has('redis-server', 'bwrap', 'git');
    const { code, said, stdout } = run();
    expect(code).toBe(0);
    expect(said).toMatch(/redis-server 7\.0\.15, bwrap 0\.8\.0, git 2\.39\.5/);
    expect(stdout).toBe('');
  });

  it('takes Valkey for Redis', async () => {
    await has('valkey-server', 'bwrap', 'git');
    expect(run()).toMatchObject({ code: 0, said: expect.stringContaining('valkey-server 8.0.1') });
  });

  it.runIf(process.platform === 'linux')(
    'warns when bubblewrap is there and cannot make a sandbox',
    async () => {
      await has('redis-server', 'git');
      await program(
        'bwrap',
        `[ "$1" = --version ] && { echo 'bubblewrap 0.8.0'; exit; }\necho 'bwrap: No permissions to create new namespace' >&2; exit 1`,
      );
      expect(run()).toMatchObject({
        code: 0,
        said: expect.stringContaining('No permissions to create new namespace'),
      });
    },
  );
});

describe.runIf(process.platform === 'linux')('on a Debian machine', () => {
  it.runIf(asRoot)('installs as root without a terminal, after it said what', async () => {
    await hasApt();
    const { code, said } = run();
    expect(said).toContain('missing: Redis (redis-server or valkey-server)');
    expect(said).toContain('Installing redis-server, bubblewrap, git');
    expect(code).toBe(0);
    expect((await calls()).trim().split('\n')).toEqual([
      expect.stringMatching(/^noninteractive apt-get .* update$/),
      expect.stringMatching(
        /^noninteractive apt-get .* install -y --no-install-recommends redis-server bubblewrap git$/,
      ),
    ]);
  });

  it.runIf(asRoot)('installs only what is missing', async () => {
    await has('git', 'bwrap');
    await hasApt();
    expect(run().code).toBe(0);
    expect(await calls()).toMatch(/install -y --no-install-recommends redis-server\n$/);
  });

  it.runIf(asRoot).each([
    ['the small browser', 'nothing', /chromium-headless-shell\n$/],
    [
      'the whole one where there is no small one',
      'chromium-headless-shell',
      /chromium-headless-shell\n.* chromium\n$/,
    ],
  ])('installs for tests also %s', async (_, lacks, last) => {
    await has('git', 'bwrap', 'redis-server');
    await hasApt({ lacks });
    expect(run(['--yes', '--tests'])).toMatchObject({
      code: 0,
      said: expect.not.stringContaining('still missing'),
    });
    expect(await calls()).toMatch(last);
  });

  it.runIf(asRoot)('says what failed, prints the command and exits 4 when apt cannot install', async () => {
    await hasApt({ installs: false });
    const { code, said } = run(['--yes']);
    expect(code).toBe(4);
    expect(said).toContain('E: Unable to locate package');
    expect(said).toContain('error: still missing: git');
    expect(said).toMatch(/apt-get .*install -y --no-install-recommends redis-server bubblewrap git/);
  });

  it('never uses sudo without being asked to: prints the command and exits 4', async () => {
    await hasApt();
    await program('sudo', 'echo sudo >> calls; exit 1');
    const { code, said } = run([], 'nobody');
    expect(code).toBe(4);
    expect(said).toMatch(/sudo .*apt-get .*install -y/);
    expect(await calls()).toBe('');
  });

  it('uses sudo with --yes, and lets it fail instead of waiting for a password', async () => {
    await hasApt();
    await chmod(bin, 0o777);
    await program('sudo', '[ "$1" = -n ] || exit 1\nshift\nexec "$@"');
    expect(run(['--yes'], 'nobody')).toMatchObject({ code: 0 });
  });

  it('prints the command for root where there is no sudo', async () => {
    await hasApt();
    const { code, said } = run(['--yes'], 'nobody');
    expect(code).toBe(4);
    expect(said).toContain('As root, run:');
    expect(said).not.toContain('sudo env');
    expect(await calls()).toBe('');
  });

  it('only looks with --check', async () => {
    await hasApt();
    expect(run(['--check']).code).toBe(4);
    expect(await calls()).toBe('');
  });

  it('prints the command of a package manager that it does not run itself', async () => {
    await program('dnf', 'echo dnf >> calls');
    await program('sudo', 'exit 1');
    const { code, said } = run(['--yes']);
    expect(code).toBe(4);
    expect(said).toContain('dnf install -y redis bubblewrap git');
    expect(await calls()).toBe('');
  });

  it('exits 4 and names what is missing where it knows no package manager', () => {
    expect(run(['--yes'])).toMatchObject({
      code: 4,
      said: expect.stringContaining('Redis, bubblewrap, git'),
    });
  });
});

describe('what does not count as there', () => {
  it('a git older than the oldest that will do', async () => {
    await has('redis-server', 'bwrap');
    await program('git', "echo 'git version 2.20.1'");
    expect(run(['--check'])).toMatchObject({
      code: 4,
      said: expect.stringContaining('git 2.25 or newer; git is 2.20.1'),
    });
  });

  it('a Redis that does not run', async () => {
    await has('bwrap', 'git');
    await program('redis-server', 'echo "cannot load library" >&2; exit 127');
    expect(run(['--check'])).toMatchObject({
      code: 4,
      said: expect.stringContaining('redis-server does not run'),
    });
  });

  it('exits 2 for an argument it does not know', () => {
    expect(run(['--force'])).toMatchObject({ code: 2, said: expect.stringContaining('--force') });
  });
});
