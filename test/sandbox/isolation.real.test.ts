import { execFile, spawn } from 'node:child_process';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eachIsolation } from './each-sandbox.ts';
import { makeStage, type Stage } from './stage.ts';

const SECRET = 'sk-canary-0123456789';

eachIsolation((mode) => {
  let stage: Stage;
  let userHome: string;

  beforeAll(async () => {
    stage = await makeStage({
      sandbox: { mode, passEnv: ['LET_THROUGH', 'LD_PRELOAD'] },
      remote: true,
      userHome: '/home/owner-of-tests',
      hostEnv: {
        PATH: process.env['PATH'] ?? '',
        OPENAI_API_KEY: SECRET,
        REDIS_URL: `redis://:${SECRET}@127.0.0.1:6379`,
        LET_THROUGH: 'yes',
        LD_PRELOAD: '/nowhere.so',
      },
    });
    userHome = stage.home;
  });
  afterAll(() => stage.cleanup());

  const refs = async (): Promise<string> =>
    (await promisify(execFile)('git', ['for-each-ref'], { cwd: stage.repository.remoteDir })).stdout;

  it('A40 push-no-verify: a push to the remote fails and changes none of its refs', async () => {
    const before = await refs();
    const remote = stage.repository.remoteDir ?? '';
    const result = await stage.run(
      `git push --no-verify origin HEAD; git push --no-verify '${remote}' HEAD:refs/heads/stolen; exit 7`,
    );
    expect(result).toMatchObject({ exitCode: 7, ended: 'exit' });
    expect(result.output).toMatch(/does not appear to be a git repository|Could not read|unable to/i);
    expect(await refs()).toBe(before);
  });

  it('A41 push-c-hookspath: a push with other hooks fails the same way', async () => {
    const before = await refs();
    const result = await stage.run('git -c core.hooksPath=/dev/null push origin HEAD');
    expect(result.exitCode).not.toBe(0);
    expect(await refs()).toBe(before);
  });

  it('A42 hook-plant: no hook can be written into the common git dir', async () => {
    const before = await readdir(join(stage.gitDir, 'hooks'));
    const hook = join(stage.gitDir, 'hooks', 'post-checkout');
    const result = await stage.run(
      `printf '#!/bin/sh\\ntouch /tmp/owned\\n' > '${hook}'; d=$(git rev-parse --git-common-dir); mv "$d/hooks" "$d/h2"; mkdir "$d/hooks"; echo x > "$d/hooks/post-commit"`,
    );
    expect(result.output).toMatch(/Read-only file system/);
    expect(await readdir(join(stage.gitDir, 'hooks'))).toEqual(before);
  });

  it('A43 fsmonitor-plant: no git configuration can be written', async () => {
    const before = await readFile(join(stage.gitDir, 'config'), 'utf8');
    const result = await stage.run(
      'git config core.fsmonitor /tmp/x; git config --worktree core.fsmonitor /tmp/x; echo "[core]" >> "$(git rev-parse --git-common-dir)/config"; echo "[core]" >> "$(git rev-parse --git-dir)/config.worktree"',
    );
    expect(result.exitCode).not.toBe(0);
    expect(await readFile(join(stage.gitDir, 'config'), 'utf8')).toBe(before);
    expect(await readdir(join(stage.gitDir, 'worktrees', 'p1'))).not.toContain('config.worktree');
  });

  it('A44 gitfile-rewrite: the .git file of the worktree can neither be written, moved, removed nor covered', async () => {
    const file = join(stage.worktree, '.git');
    const before = await readFile(file, 'utf8');
    const result = await stage.run(
      'echo x > .git; rm -f .git; mv .git g; mv -f README.md .git; ln -sf /tmp .git; cd ..; mv p1 p2; rm -rf p1; mkdir -p p1; exit 0',
    );
    expect(result.output).toMatch(/Read-only file system|busy/i);
    expect(await readFile(file, 'utf8')).toBe(before);
    expect(await readdir(join(stage.worktree, '..'))).toEqual(['p1']);
    await writeFile(join(stage.worktree, 'README.md'), '# Test\n');
  });

  it('A48 env-dump: the environment holds no key, no token and no address', async () => {
    const result = await stage.run(
      'env; cat /proc/self/environ | tr "\\0" "\\n"; cat /proc/1/environ | tr "\\0" "\\n"',
    );
    expect(result.output).not.toContain(SECRET);
    expect(result.output).not.toMatch(/REDIS_URL|OPENAI|LD_PRELOAD/);
    expect(result.output).toMatch(/^LET_THROUGH=yes$/m);
    expect(result.output).toMatch(/^GIT_OPTIONAL_LOCKS=0$/m);
    expect(result.output).toMatch(/^CI=1$/m);
  });

  it('A49 proc-environ: no process of the host can be seen', async () => {
    const holder = spawn('sleep', ['60'], { env: { CANARY: SECRET } });
    try {
      const result = await stage.run(
        `ls /proc | grep -c '^[0-9]'; cat /proc/[0-9]*/environ | tr '\\0' '\\n'; ls -d /proc/${holder.pid}/environ; cat /proc/${process.pid}/cmdline; kill -9 ${holder.pid}; exit 0`,
      );
      expect(Number(result.output.split('\n')[0])).toBeLessThan(10);
      expect(result.output).not.toContain('CANARY');
      expect(holder.exitCode ?? holder.signalCode).toBeNull();
    } finally {
      holder.kill('SIGKILL');
    }
  });

  it('A52 npm-postinstall: a script of a dependency runs in the sandbox only and has no effect outside', async () => {
    const files = {
      'package.json': JSON.stringify({
        name: 'p',
        version: '1.0.0',
        dependencies: { evil: 'file:./evil' },
      }),
      'evil/package.json': JSON.stringify({
        name: 'evil',
        version: '1.0.0',
        scripts: {
          postinstall: `echo owned >> ~/.bashrc; echo owned >> ${userHome}/.bashrc; echo owned > /etc/profile; echo ran > "$INIT_CWD/ran"; curl -m 2 http://127.0.0.1/ && touch "$INIT_CWD/called"; exit 0`,
        },
      }),
    };
    for (const [name, text] of Object.entries(files)) {
      await mkdir(join(stage.worktree, name, '..'), { recursive: true });
      await writeFile(join(stage.worktree, name), text);
    }
    const result = await stage.run('npm install --offline --install-links --foreground-scripts', {
      timeoutMs: 50_000,
    });
    expect(result.exitCode, result.output).toBe(0);
    expect(await readFile(join(stage.worktree, 'ran'), 'utf8')).toBe('ran\n');
    expect(await readdir(stage.worktree)).not.toContain('called');
    expect(await readdir(userHome)).not.toContain('.bashrc');
    const next = await stage.run('cat ~/.bashrc /etc/profile');
    expect(next.output).not.toContain('owned');
  });

  it('shows nothing of the factory home but the worktree', async () => {
    await writeFile(join(stage.home, 'master.key'), SECRET);
    await mkdir(join(stage.home, 'data', 'projects'), { recursive: true });
    const result = await stage.run(
      `cat ${stage.home}/master.key; find ${stage.home} -maxdepth 3 | sort; ls -A /tmp`,
    );
    expect(result.output).not.toContain(SECRET);
    expect(result.output).not.toContain('projects');
    expect(result.output).toContain(`${stage.home}/data/worktrees/p1`);
  });

  it('writes nothing but the worktree and the private folders, and keeps nothing of the latter', async () => {
    const result = await stage.run(
      'for p in / /usr /etc /dev /bin /var /run "$(dirname "$PWD")" /root; do (echo x > "$p/planted") 2>/dev/null && echo "wrote $p"; done; echo x > /tmp/t && echo x > ~/h && echo x > w && echo private fine',
    );
    // Folders above the worktree are private, too: whatever is written there is gone with the command.
    expect(result.output.replaceAll(/^wrote \/tmp\/.*\n/gm, '')).toBe('private fine\n');
    expect(await readdir(join(stage.worktree, '..'))).toEqual(['p1']);
    const next = await stage.run('ls -A /tmp/t ~ ; cat w');
    expect(next.output).toMatch(/No such file/);
    expect(next.output).toMatch(/^x$/m);
  });

  it('has no right to change the kernel through /proc, not even as root', async () => {
    const result = await stage.run(
      // Opened only, never written: a hole must not change the machine that tests for it.
      '(: >> /proc/sys/kernel/core_pattern) && echo opened; (: >> /proc/sys/vm/drop_caches) && echo opened; mount -o remount,rw /proc; umount /proc; mount -t proc proc /proc; unshare -Urm sh -c "mount -o remount,rw,bind /usr && echo remounted; mount -o remount,rw,bind .git && echo remounted; umount .git && echo unmounted"; grep CapEff /proc/self/status',
    );
    expect(result.output).not.toMatch(/opened|remounted|unmounted/);
    expect(result.output).toMatch(/CapEff:\s+0000000000000000/);
  });

  it('masks logins that stand in the git configuration', async () => {
    const path = join(stage.gitDir, 'config');
    const before = await readFile(path, 'utf8');
    await writeFile(
      path,
      `${before}[remote "hub"]\n\turl = https://me:${SECRET}@hub.example/r.git\n[http "https://hub.example/"]\n\textraheader = AUTHORIZATION: basic ${SECRET}\n`,
    );
    try {
      const result = await stage.run(
        `git remote get-url hub; git config --list; cat '${path}'; git status --short`,
      );
      expect(result.output).toContain('https://hub.example/r.git');
      expect(result.output).not.toContain(SECRET);
      expect(result.exitCode).toBe(0);
    } finally {
      await writeFile(path, before);
    }
  });

  it('refuses to run anything in a folder that is not a worktree of the repository', async () => {
    const other = join(stage.home, 'data', 'worktrees', 'p1', 'src');
    await expect(stage.run('true', { worktree: other })).rejects.toMatchObject({ code: 'worktree_broken' });
    await expect(stage.run('true', { gitDir: stage.repository.outside })).rejects.toMatchObject({
      code: 'worktree_broken',
    });
    await expect(stage.run('true', { worktree: join(stage.home, 'gone') })).rejects.toMatchObject({
      code: 'worktree_broken',
      hint: expect.stringContaining('df'),
    });
    expect((await stat(join(stage.worktree, '.git'))).isFile()).toBe(true);
  });

  it('leaves the worktree as it is where it is read-only', async () => {
    const result = await stage.run(
      'echo x > new; rm README.md; git status --short > /dev/null && echo readable',
      { readOnly: true },
    );
    expect(result.output).toMatch(/readable/);
    expect(await readdir(stage.worktree)).not.toContain('new');
    expect(await readdir(stage.worktree)).toContain('README.md');
  });
});
