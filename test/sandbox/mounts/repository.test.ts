import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { redactConfig } from '../../../src/sandbox/mounts/git-dir.ts';
import { inOrder, isInside } from '../../../src/sandbox/mounts/mounts.ts';
import { repositoryMounts } from '../../../src/sandbox/mounts/repository.ts';

describe('redactConfig', () => {
  it('takes logins out of URLs and drops values that are secrets', () => {
    const text = [
      '[core]',
      '\tbare = false',
      '[remote "origin"]',
      '\turl = https://x-access-token:ghp_secret@github.com/a/b.git',
      '\tpushurl = https://token@example.com/a.git',
      '[remote "plain"]',
      '\turl = git@github.com:a/b.git',
      '[http "https://github.com/"]',
      '\textraheader = AUTHORIZATION: basic c2VjcmV0',
      '[url "https://u:p@h/"]',
      '\tinsteadOf = x:',
      '[some]',
      '\tToken = secret \\',
      ' secret-too',
      '\tother = kept',
      '[github] user = me',
      '[sendemail] smtpPass = secret # comment',
      '[credential]',
      '\thelper = "!f() { echo password=secret; }; f"',
    ].join('\n');
    const clean = redactConfig(text);
    expect(clean).not.toMatch(/secret|token@|u:p@/);
    expect(clean).toContain('url = https://github.com/a/b.git');
    expect(clean).toContain('url = git@github.com:a/b.git');
    expect(clean).toContain('other = kept');
    expect(clean).toContain('[url "https://h/"]');
    expect(clean).toContain('[github] user = me\n[sendemail] ');
  });

  it('leaves a configuration without secrets as it is', () => {
    const text =
      '[core]\n\tbare = false\n[remote "o"]\n\turl = /srv/git/a.git\n\tfetch = +refs/heads/*:refs/remotes/o/*\n';
    expect(redactConfig(text)).toBe(text);
  });
});

describe('repositoryMounts', () => {
  let root: string;
  const at = (...parts: string[]) => join(root, ...parts);
  const mounts = () =>
    repositoryMounts({
      worktree: at('wt'),
      gitDir: at('repo.git'),
      readOnly: false,
      privateFolder: at('private'),
    });

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'df-mounts-'));
    await mkdir(at('repo.git', 'worktrees', 'wt'), { recursive: true });
    await mkdir(at('repo.git', 'objects', 'info'), { recursive: true });
    await mkdir(at('private'));
    await mkdir(at('wt'));
  });
  afterEach(() => rm(root, { recursive: true }));

  const point = (text: string) => writeFile(at('wt', '.git'), text);

  it('shows the worktree writable, its .git file and what git reads of the git dir read-only', async () => {
    await point(`gitdir: ${at('repo.git', 'worktrees', 'wt')}\n`);
    await writeFile(at('repo.git', 'worktrees', 'wt', 'HEAD'), 'ref: refs/heads/df/a/1\n');
    const shown = mounts().map(({ kind, target }) => `${kind} ${relative(root, target)}`);
    expect(shown.sort()).toEqual([
      'empty repo.git',
      'empty repo.git/worktrees',
      'empty repo.git/worktrees/wt',
      'read-only repo.git/objects',
      'read-only repo.git/worktrees/wt/HEAD',
      'read-only wt/.git',
      'writable wt',
    ]);
  });

  it('A135 logins: shows no keys and copies that lie in a git dir, its submodules’ too, and all that git reads there', async () => {
    await point(`gitdir: ${at('repo.git', 'worktrees', 'wt')}\n`);
    const read = ['HEAD', 'config', 'packed-refs', 'refs/heads/main', 'reftable/tables.list', 'info/exclude'];
    const inModule = ['HEAD', 'config', 'objects/pack/a', 'refs/heads/main'].map(
      (path) => `modules/m/${path}`,
    );
    const secret = [
      'git-crypt/keys/default',
      'annex/creds/x',
      'config.bak',
      'credentials',
      'FETCH_HEAD',
      'logs/HEAD',
    ];
    const inModuleSecret = ['modules/m/git-crypt/keys/default', 'modules/m/annex/creds/x'];
    const all = [...read, ...inModule, 'annex/objects/a', 'filter/rules', ...secret, ...inModuleSecret];
    for (const path of all) {
      await mkdir(dirname(at('repo.git', path)), { recursive: true });
      await writeFile(at('repo.git', path), 'x');
    }
    const shown = mounts();
    const isSeen = (path: string) => {
      const around = shown.filter(({ target }) => isInside(at('repo.git', path), target));
      return inOrder(around).at(-1)?.kind === 'read-only';
    };
    expect(all.filter(isSeen)).toEqual([...read, ...inModule, 'annex/objects/a', 'filter/rules']);
  });

  it('shows no logins to a mechanism that can show the git dir only as it is, of what the factory keeps there', async () => {
    await point(`gitdir: ${at('repo.git', 'worktrees', 'wt')}\n`);
    await writeFile(at('repo.git', 'config'), '[remote "o"]\n\turl = https://u:p@h/r\n');
    await mkdir(at('repo.git', 'dark-factory'));
    await mkdir(at('repo.git', 'annex', 'creds'), { recursive: true });
    await writeFile(at('repo.git', 'config.bak'), '');
    const shown = repositoryMounts({
      worktree: at('wt'),
      gitDir: at('repo.git'),
      readOnly: false,
      privateFolder: at('private'),
      asItIs: true,
    });
    expect(
      shown
        .filter(({ kind }) => kind === 'empty')
        .map(({ target }) => target)
        .sort(),
    ).toEqual([
      at('repo.git', 'annex', 'creds'),
      at('repo.git', 'config.bak'),
      at('repo.git', 'dark-factory'),
    ]);
    expect(shown.map(({ target }) => target)).not.toContain(at('repo.git', 'config'));
  });

  it.each([
    ['as it is', '[core]\n\tbare = false\n', 'other/config'],
    ['without its logins', '[remote "o"]\n\turl = https://u:p@h/r\n', 'private/'],
  ])('shows a configuration that is a link out of the git dir %s', async (_, text, from) => {
    await point(`gitdir: ${at('repo.git', 'worktrees', 'wt')}\n`);
    await mkdir(at('other'));
    await writeFile(at('other', 'config'), text);
    await symlink(at('other', 'config'), at('repo.git', 'config'));
    const [shown, ...more] = mounts().filter(({ target }) => target === at('repo.git', 'config'));
    expect(shown).toMatchObject({ kind: 'read-only', source: expect.stringContaining(at(from)) });
    expect(more).toEqual([]);
  });

  it('takes a relative pointer', async () => {
    await point('gitdir: ../repo.git/worktrees/wt\n');
    expect(mounts()).toContainEqual({ kind: 'writable', source: at('wt'), target: at('wt') });
  });

  it.each([
    ['is missing', async () => rm(at('wt', '.git'))],
    [
      'is a folder',
      async () => {
        await rm(at('wt', '.git'));
        await mkdir(at('wt', '.git'));
      },
    ],
    ['holds no pointer', async () => point('something else')],
    ['points elsewhere', async () => point('gitdir: /etc/worktrees/x\n')],
    ['points to what is no folder of a worktree', async () => point(`gitdir: ${at('repo.git')}\n`)],
  ])('refuses a worktree whose .git file %s', async (_, spoil) => {
    await point('x');
    await spoil();
    expect(mounts).toThrow(expect.objectContaining({ kind: 'environment', code: 'worktree_broken' }));
  });

  it('refuses a repository that lies in the worktree, where the command could move it', async () => {
    expect(() =>
      repositoryMounts({
        worktree: root,
        gitDir: at('repo.git'),
        readOnly: false,
        privateFolder: at('private'),
      }),
    ).toThrow(expect.objectContaining({ code: 'worktree_broken' }));
  });

  it('is not led around in circles by alternates', async () => {
    await point(`gitdir: ${at('repo.git', 'worktrees', 'wt')}\n`);
    await mkdir(at('other', 'info'), { recursive: true });
    await writeFile(
      at('repo.git', 'objects', 'info', 'alternates'),
      `# comment\n${at('repo.git', 'objects')}\n${at('other')}\n/gone\n`,
    );
    await writeFile(at('other', 'info', 'alternates'), `../repo.git/objects\n${at('other')}\n`);
    expect(mounts().map(({ target }) => target)).toContain(at('other'));
    expect(mounts().filter(({ target }) => !isInside(target, at('repo.git')))).toHaveLength(3);
  });
});
