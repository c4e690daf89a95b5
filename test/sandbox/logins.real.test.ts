import { execFile } from 'node:child_process';
import { appendFile, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createGitManager } from '../../src/git/manager.ts';
import { until } from '../support/until.ts';
import { eachIsolation } from './each-sandbox.ts';
import { makeStage, type Stage } from './stage.ts';

const SECRET = 'canary-0123456789';
const REMOTE = `[remote "hub"]\n\turl = https://me:${SECRET}@hub.example/r.git\n`;
const EVERYTHING = `grep -rs ${SECRET} "$(git rev-parse --git-common-dir)"; git status --short && git log --format=%s && git branch --all`;

eachIsolation((mode) => {
  let stage: Stage;
  const inGitDir = (...parts: string[]) => join(stage.gitDir, ...parts);

  beforeEach(async () => {
    stage = await makeStage({ sandbox: { mode } });
  });
  afterEach(() => stage.cleanup());

  async function put(path: string, text: string): Promise<void> {
    await mkdir(dirname(inGitDir(path)), { recursive: true });
    await writeFile(inGitDir(path), text);
  }

  async function seesNone(): Promise<void> {
    const { exitCode, output } = await stage.run(EVERYTHING);
    expect(output).not.toContain(SECRET);
    expect(output).toContain('df/test');
    expect(exitCode).toBe(0);
  }

  it('A135 logins: none of the remote is in what the factory remembers of the configuration', async () => {
    await appendFile(inGitDir('config'), REMOTE);
    const git = createGitManager({ env: stage.repository.env });
    const commit = await stage.repository.git('rev-parse', 'HEAD');
    const worktree = join(stage.home, 'data', 'worktrees', 'p2');
    await git.createWorktree({ repository: stage.repository.dir, worktree, branch: 'df/p2/1', commit });
    await seesNone();
    const { output } = await stage.run(EVERYTHING, { worktree });
    expect(output).not.toContain(SECRET);
  });

  it('nor is one that the owner has taken out of the configuration since', async () => {
    await put('dark-factory/config.before', REMOTE);
    await seesNone();
  });

  it.each([
    'config',
    'config.worktree',
    'worktrees/p1/config.worktree',
    'worktrees/other/config.worktree',
    'modules/a/config',
    'modules/a/config.worktree',
    'modules/path/to/b/modules/c/config',
    'worktrees/p1/modules/a/config',
    'remotes/hub',
    'logs/refs/heads/main',
    'git-crypt/keys/default',
    'annex/creds/hub',
    'modules/a/git-crypt/keys/default',
    'config.bak',
    'credentials',
  ])('A135 logins: none is seen that stands in %s of the git dir', async (path) => {
    const [submodule] = /^.*modules\/(path\/to\/)?\w+/.exec(path) ?? [];
    if (submodule !== undefined) await put(join(submodule, 'HEAD'), 'ref: refs/heads/m\n');
    await put(path, path === 'config' ? `[core]\n\tbare = false\n${REMOTE}` : REMOTE);
    await seesNone();
  });

  it.each([
    ['with a login in it', REMOTE],
    ['without one', ''],
  ])(
    'A135 logins: what the owner changes while a command runs uncovers none, in a git dir %s',
    async (_, before) => {
      await appendFile(inGitDir('config'), before);
      const started = join(stage.worktree, 'started');
      const go = join(stage.worktree, 'go');
      const command = `touch started; while [ ! -e go ]; do :; done; ${EVERYTHING}`;
      const running = stage.run(command);
      await until(() => stat(started).then(Boolean, () => false));
      const login = ['config', 'remote.other.url', `https://me:${SECRET}@hub.example/r.git`];
      await promisify(execFile)('git', login, { cwd: stage.repository.dir });
      await put('git-crypt/keys/default', SECRET);
      await put('config.lock', REMOTE);
      await put('dark-factory/config.before', REMOTE);
      await writeFile(go, '');
      const { exitCode, output } = await running;
      await rm(inGitDir('config.lock'));
      expect(output).not.toContain(SECRET);
      expect(exitCode).toBe(0);
    },
  );

  it('nothing of a git dir can be written that is shown without its logins', async () => {
    await appendFile(inGitDir('config'), REMOTE);
    const { output } = await stage.run(
      'd=$(git rev-parse --git-common-dir); touch "$d/x" "$d/worktrees/p1/x" "$d/hooks/x"; echo x >> "$d/config"; echo "$?"',
    );
    expect(output.match(/Read-only file system/g)).toHaveLength(4);
  });
});
