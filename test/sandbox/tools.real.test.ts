import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { config } from '../../src/factory/config/config.ts';
import { linkedInEtc } from '../../src/sandbox/mounts/etc-links.ts';
import { makePrivateEtc } from '../../src/sandbox/mounts/private-etc.ts';
import { createSandbox } from '../../src/sandbox/sandbox.ts';
import { makeStage } from './stage.ts';

async function folder(files: Record<string, string>): Promise<string> {
  const made = await realpath(await mkdtemp(join(tmpdir(), 'df-tools-')));
  onTestFinished(() => rm(made, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(made, path)), { recursive: true });
    await writeFile(join(made, path), text);
  }
  return made;
}

describe('programs that keep their parts elsewhere', () => {
  it('find in the private /etc what their own links lead to, without secrets and without the machine’s files', async () => {
    const root = await folder({
      'etc/tool/conf/a.xml': '<s><!-- <password>x</password> --><password>hunter2</password><id>one</id></s>',
      'etc/tool/closed': 'closed',
      'etc/ssh/key': 'key',
      'etc/environment': 'TOKEN=x',
      'etc/unlinked/a': 'a',
      'share/tool/bin/tool': 'x',
    });
    await chmod(join(root, 'etc/tool/closed'), 0o600);
    await symlink(join(root, 'etc/tool'), join(root, 'share/tool/conf'));
    await symlink('../../etc/ssh', join(root, 'share/tool/ssh'));
    await symlink(join(root, 'etc/environment'), join(root, 'share/tool/environment'));
    const etc = join(root, 'etc');
    const linked = await linkedInEtc([join(root, 'share')], etc, []);
    const made = join(root, 'private');
    await makePrivateEtc(made, { uid: 1, gid: 1, foreign: false }, { source: etc, linked });
    expect(await readFile(join(made, 'tool/conf/a.xml'), 'utf8')).toBe(
      '<s><!-- <password></password> --><password></password><id>one</id></s>',
    );
    for (const path of ['tool/closed', 'ssh', 'environment', 'unlinked'])
      expect(existsSync(join(made, path)), path).toBe(false);
  });

  it.each(['bubblewrap', 'unshare'] as const)(
    'have what config.yaml names below /etc, and packages that were downloaded to the home, but no logins (%s)',
    async (mode) => {
      const userHome = await folder({
        '.m2/repository/org/a.pom': 'pom',
        '.m2/settings.xml': '<server><username>me</username><password>hunter2</password></server>',
        '.m2/settings-security.xml': '<master>hunter2</master>',
        '.gradle/caches/modules-2/files-2.1/a': 'jar',
        '.gradle/gradle.properties': 'signing.password=hunter2',
        '.nuget/packages/a/a.nupkg': 'nupkg',
        '.nuget/NuGet/NuGet.Config': 'hunter2',
        '.cargo/registry/index/a': 'crate',
        '.cargo/credentials.toml': 'token = "hunter2"',
        'go/pkg/mod/a': 'module',
        '.npmrc': '//registry.npmjs.org/:_authToken=hunter2',
        '.gem/credentials': 'hunter2',
        '.local/share/gem/credentials': 'hunter2',
        '.local/share/gem/ruby/3.1.0/gems/a.rb': 'gem',
      });
      const stage = await makeStage({ userHome, sandbox: { mode, readOnlyPaths: ['/etc/dpkg/'] } });
      onTestFinished(() => stage.cleanup());
      const look = 'find ~ -type f | sort; cat ~/.m2/settings.xml; ls $GRADLE_RO_DEP_CACHE; ls /etc/dpkg';
      const { output } = await stage.run(
        `${look}; (echo x > ~/.m2/repository/x) 2>&1; touch ~/.m2/y && echo made`,
      );
      const lines = output.trim().split('\n');
      expect(lines.filter((line) => line.startsWith('/tmp/home/'))).toEqual([
        '/tmp/home/.cargo/registry/index/a',
        '/tmp/home/.gradle-lent/modules-2/files-2.1/a',
        '/tmp/home/.local/share/gem/ruby/3.1.0/gems/a.rb',
        '/tmp/home/.m2/repository/org/a.pom',
        '/tmp/home/.m2/settings.xml',
        '/tmp/home/.nuget/packages/a/a.nupkg',
        '/tmp/home/go/pkg/mod/a',
      ]);
      expect(output).not.toContain('hunter2');
      expect(output).toContain('<username>me</username>');
      expect(lines).toContain('origins');
      expect(output).toContain('Read-only file system');
      expect(lines.at(-1)).toBe('made');
    },
  );

  it('a path of config.yaml that no sandbox can show is named', async () => {
    const wanted = { mode: 'bubblewrap' as const, readOnlyPaths: ['/etc/dpkg', '/dev/fd'] };
    const made = createSandbox({ config: { ...config.parse({}).sandbox, ...wanted }, hidden: [] });
    await expect(made).rejects.toThrow(/\/dev\/fd, which sandbox.readOnlyPaths/);
  });
});
