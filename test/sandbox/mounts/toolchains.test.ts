import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findToolchains } from '../../../src/sandbox/mounts/toolchains.ts';

/** An installation with these parts, and what may hold logins beside them. */
const unpacked = (name: string, ...parts: string[]) =>
  [
    'bin/x',
    ...parts.map((part) => (part.includes('.') ? part : `${part}/x`)),
    '.env',
    'etc/x',
    'conf/x',
    'config/x',
    'data/x',
  ].map((file) => `${name}/${file}`);

describe('findToolchains', () => {
  let root: string;
  let home: string;
  const at = (...parts: string[]) => join(home, ...parts);
  const find = (path: string[], secret: string[] = []) =>
    findToolchains({ path: path.join(':'), node: '/usr/bin/node', home, secret });

  beforeAll(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'df-tools-')));
    home = join(root, 'people', 'me');
    const files = [
      '.nvm/versions/node/v22/bin/node',
      '.nvm/versions/node/v22/lib/x',
      '.nvm/alias/default',
      '.pyenv/shims/python',
      '.pyenv/bin/pyenv',
      '.pyenv/versions/3/bin/python',
      '.cargo/bin/cargo',
      '.cargo/credentials.toml',
      '.rustup/toolchains/x',
      '.local/bin/own',
      '.local/share/keyrings/login',
      '.local/share/pipx/venvs/black/bin/black',
      '.local/share/pipx/venvs/black/lib/x',
      'bin/script',
      'lib/x',
      'project/lib/x',
      'project/bin/tool',
      'project/secret',
      '.ssh/id_rsa',
      '.pulumi/bin/pulumi',
      '.pulumi/plugins/x',
      '.pulumi/credentials.json',
      '.sdkman/candidates/groovy/4/bin/groovy',
      '.sdkman/candidates/groovy/4/lib/x',
      '.sdkman/candidates/groovy/4/conf/x',
      'jdk/bin/java',
      'jdk/lib/x',
      'jdk/conf/x',
      'jdk/legal/x',
      'jdk/release',
      'gcc/bin/gcc',
      'gcc/lib/x',
      'gcc/include/x',
      'gcc/arm-none-eabi/x',
      'venv/bin/python',
      'venv/lib/x',
      'venv/pyvenv.cfg',
      'venv/.env',
      'conda/bin/python',
      'conda/lib/x',
      'conda/conda-meta/x',
      'conda/ssl/x',
      'conda/.condarc',
      ...unpacked('qt', 'lib', 'mkspecs', 'qml', 'metatypes', 'modules', 'translations', 'resources'),
      ...unpacked('ndk', 'lib', 'lib64', 'musl', 'python3', 'sysroot', 'AndroidVersion.txt'),
      ...unpacked('avr', 'avr', 'lib'),
      ...unpacked('arm', 'arm-zephyr-eabi', 'lib'),
      ...unpacked('protoc', 'include'),
      ...unpacked('spark', 'jars', 'python', 'R', 'RELEASE'),
      ...unpacked('cuda', 'extras', 'include', 'lib64', 'nvvm', 'version.json'),
      ...unpacked('tinygo', 'lib', 'pkg', 'src', 'targets'),
      ...unpacked('project', 'modules', 'resources', 'src', 'python', 'extras'),
    ];
    for (const file of files) {
      await mkdir(dirname(at(file)), { recursive: true });
      await writeFile(at(file), '', { mode: 0o755 });
    }
    await symlink(at('.local/share/pipx/venvs/black/bin/black'), at('.local/bin/black'));
    await symlink(at('project/bin/tool'), at('.local/bin/tool'));
    await symlink(at('.nvm/versions/node/v22/bin'), at('current'));
    await symlink('lib', at('gcc/lib64'));
    await symlink(at('.ssh'), at('gcc/share'));
  });
  afterAll(() => rm(root, { recursive: true }));

  it('shows the installation around a folder of programs, not what lies beside it', async () => {
    const { folders, path } = await find([at('.nvm/versions/node/v22/bin')]);
    expect(folders).toEqual([at('.nvm/versions/node/v22')]);
    expect(path[0]).toBe(at('.nvm/versions/node/v22/bin'));
  });

  it('shows the programs of cargo without its credentials, and tells them where rustup is', async () => {
    const { folders, env } = await find([at('.cargo/bin')]);
    expect(folders).toEqual([at('.cargo/bin'), at('.rustup')]);
    expect(env).toMatchObject({ RUSTUP_HOME: at('.rustup') });
  });

  it.each([
    ['.pulumi', ['bin', 'plugins']],
    ['project', ['bin', 'lib']],
    ['qt', ['bin', 'lib', 'metatypes', 'mkspecs', 'modules', 'qml', 'resources', 'translations']],
    ['ndk', ['AndroidVersion.txt', 'bin', 'lib', 'lib64', 'musl', 'python3', 'sysroot']],
    ['avr', ['avr', 'bin', 'lib']],
    ['arm', ['arm-zephyr-eabi', 'bin', 'lib']],
    ['protoc', ['bin', 'include']],
    ['spark', ['R', 'RELEASE', 'bin', 'jars', 'python']],
    ['cuda', ['bin', 'extras', 'include', 'lib64', 'nvvm', 'version.json']],
    ['tinygo', ['bin', 'lib', 'pkg', 'src', 'targets']],
    ['gcc', ['arm-none-eabi', 'bin', 'include', 'lib', 'lib64']],
    ['venv', ['bin', 'lib', 'pyvenv.cfg']],
    ['conda', ['bin', 'conda-meta', 'lib', 'ssl']],
  ])('A173 login-beside: shows of %s in the home the programs and their parts alone', async (name, parts) => {
    const { folders } = await find([at(name, 'bin')]);
    expect(folders.sort()).toEqual(parts.map((part) => at(name, part)));
  });

  it.each(['jdk', '.sdkman/candidates/groovy/4'])(
    'shows %s whole, which is an installation and nothing else',
    async (name) => {
      expect((await find([at(name, 'bin')])).folders).toEqual([at(name)]);
    },
  );

  it('shows pyenv once for its two folders', async () => {
    const { folders, env } = await find([at('.pyenv/shims'), at('.pyenv/bin')]);
    expect(folders).toEqual([at('.pyenv')]);
    expect(env).toMatchObject({ PYENV_ROOT: at('.pyenv') });
  });

  it('never shows the home, a mixed folder of it, or a project that a link leads to', async () => {
    const { folders } = await find([at('bin'), at('.local/bin'), home]);
    expect(folders.sort()).toEqual([at('.local/bin'), at('.local/share/pipx/venvs/black'), at('bin')]);
  });

  it('A173 login-beside: is as careful where the home is a link', async () => {
    await symlink(home, join(root, 'linked'));
    const there = (path: string) => join(root, 'linked', path);
    const { folders } = await findToolchains({
      path: [there('.pulumi/bin'), there('.local/bin'), there('.nvm/versions/node/v22/bin')].join(':'),
      node: '/usr/bin/node',
      home: join(root, 'linked'),
      secret: [there('.nvm')],
    });
    expect(folders.sort()).toEqual([
      at('.local/bin'),
      at('.local/share/pipx/venvs/black'),
      at('.pulumi/bin'),
      at('.pulumi/plugins'),
    ]);
  });

  it('follows a folder that is a link and gives its real name', async () => {
    const { path, folders } = await find([at('current')]);
    expect(path[0]).toBe(at('.nvm/versions/node/v22/bin'));
    expect(folders).toEqual([at('.nvm/versions/node/v22')]);
  });

  it('shows nothing that contains a secret place or lies in one', async () => {
    const { folders, path } = await find(
      [at('.nvm/versions/node/v22/bin')],
      [at('.nvm/versions/node/v22/lib')],
    );
    expect(folders).toEqual([at('.nvm/versions/node/v22/bin')]);
    expect((await find([at('.nvm/versions/node/v22/bin')], [at('.nvm')])).folders).toEqual([]);
    expect(path).not.toContain(home);
  });

  it.skipIf(process.getuid?.() === 0)(
    'shows programs where this user may look neither at them nor at what lies beside them',
    async () => {
      await chmod(at('gcc'), 0o311);
      await chmod(at('venv/bin'), 0o311);
      const { folders, path } = await find([at('gcc/bin'), at('venv/bin')]);
      await chmod(at('gcc'), 0o755);
      await chmod(at('venv/bin'), 0o755);
      expect(path.slice(0, 2)).toEqual([at('gcc/bin'), at('venv/bin')]);
      expect(folders.sort()).toEqual(
        ['gcc/bin', 'venv/bin', 'venv/lib', 'venv/pyvenv.cfg'].map((each) => at(each)),
      );
    },
  );

  it('shows an installation of which a part is a link to itself', async () => {
    await symlink('include', at('project/include'));
    expect((await find([at('project/bin')])).folders).toEqual([at('project/bin'), at('project/lib')]);
  });

  it('leaves out what is relative, missing, or of a project, and adds the standard folders', async () => {
    const { path } = await find(['relative/bin', at('nowhere'), '/x/node_modules/.bin', '', '/usr/bin']);
    expect(path).toEqual(['/usr/bin', '/usr/local/bin', '/bin']);
  });
});
