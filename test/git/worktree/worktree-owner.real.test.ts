import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  chmod,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { snapshot } from '../snapshot.ts';

import { branch, openStage, type Stage, step } from './worktree-stage.ts';

let { repository, git, worktree, order, create } = {} as Stage;
beforeEach(async () => {
  ({ repository, git, worktree, order, create } = await openStage());
});
afterEach(() => repository.cleanup());

describe('the owner', () => {
  it('finds checkout, index, stash, configuration, hooks and refs byte for byte as they were', async () => {
    await repository.write('stashed.txt', 'x');
    await repository.git('stash', '--include-untracked', '--quiet');
    await repository.write('a.txt', 'dirty\n');
    await repository.write('staged.txt', 'staged\n');
    await repository.git('add', 'staged.txt');
    await repository.write('.git/hooks/pre-commit', '#!/bin/sh\nexit 0\n');
    await repository.write(
      '.git/config',
      `${await readFile(join(repository.dir, '.git/config'), 'utf8')}\n# mine\n`,
    );
    const ignore = [/^objects\//, /refs\/heads\/df\//, /^(refs|logs)\/heads\/df$/, /^logs\/refs\/heads\/df/];
    const before = await snapshot(repository.dir, ignore);
    const elsewhere = join(repository.outside, 'second');
    await create();
    await create({ worktree: elsewhere, branch: 'df/b/1' });
    await writeFile(join(worktree, 'x'), 'x');
    await git.treeHash(repository.dir, worktree);
    await git.commitChanges(repository.dir, worktree, 'Work', step('e/1/a'));
    await git.tryPush(repository.dir, worktree);
    await git.deleteWorktree(repository.dir, worktree);
    expect(await repository.git('config', 'extensions.worktreeConfig')).toBe('true');
    await git.deleteWorktree(repository.dir, elsewhere);
    expect(await snapshot(repository.dir, ignore)).toEqual(before);
    expect(await repository.git('for-each-ref', 'refs/heads', '--format=%(refname)')).toContain(branch);
  });

  it('finds nothing in the git dir of programs that died as they wrote there', async () => {
    await create();
    for (const name of ['before', 'after', 'moved', 'new', 'main'])
      await repository.write(`.git/dark-factory/config.${name}.${randomUUID()}`, '[core');
    await git.deleteWorktree(repository.dir, worktree);
    expect(await readdir(join(repository.dir, '.git'))).not.toContain('dark-factory');
  });

  it('keeps extensions.worktreeConfig when it was theirs before', async () => {
    await repository.git('config', 'extensions.worktreeConfig', 'true');
    const before = await readFile(join(repository.dir, '.git/config'));
    await create();
    await git.deleteWorktree(repository.dir, worktree);
    expect(await readFile(join(repository.dir, '.git/config'))).toEqual(before);
  });

  it('keeps it when they came to need it meanwhile, and what they changed in any case', async () => {
    await create();
    await repository.git('config', 'alias.mine', 'log');
    await git.deleteWorktree(repository.dir, worktree);
    const config = await repository.git('config', '--list', '--local');
    expect(config).toContain('alias.mine=log');
    expect(config).not.toContain('worktreeconfig');

    await create();
    await repository.git('config', '--worktree', 'core.sparseCheckout', 'false');
    await git.deleteWorktree(repository.dir, worktree);
    expect(await repository.git('config', 'extensions.worktreeConfig')).toBe('true');
    expect(await repository.git('config', 'core.sparseCheckout')).toBe('false');
  });

  it('has a configuration that nobody else can read, and no copy of it that others can', async () => {
    const config = join(repository.dir, '.git/config');
    await chmod(config, 0o600);
    await create();
    const { stdout } = await promisify(execFile)('find', [
      join(repository.dir, '.git'),
      ...['-name', 'config*', '-perm', '/077'],
    ]);
    expect(stdout).toBe('');
    await git.deleteWorktree(repository.dir, worktree);
    expect((await stat(config)).mode & 0o777).toBe(0o600);
  });

  it('may have a repository whose shared configuration says bare, with worktrees of their own', async () => {
    const bare = join(repository.outside, 'bare.git');
    const own = join(repository.outside, 'own');
    await repository.git('clone', '--quiet', '--bare', repository.dir, bare);
    await repository.gitIn(bare, 'worktree', 'add', '--quiet', own, 'main');
    const before = await readFile(join(bare, 'config'));
    await git.createWorktree(order({ repository: own }));
    expect(await repository.gitIn(own, 'status', '--porcelain')).toBe('');
    expect(await repository.gitIn(bare, 'rev-parse', '--is-bare-repository')).toBe('true');
    expect(await repository.gitIn(worktree, 'status', '--porcelain')).toBe('');
    await git.deleteWorktree(own, worktree);
    expect(await readFile(join(bare, 'config'))).toEqual(before);
    expect(await readdir(bare)).not.toContain('config.worktree');
    expect(await repository.gitIn(own, 'status', '--porcelain')).toBe('');
  });

  it('may keep the checkout elsewhere by core.worktree', async () => {
    await repository.git('config', 'core.worktree', '../../checkout');
    await repository.git('config', 'core.worktree', repository.dir);
    const before = await readFile(join(repository.dir, '.git/config'));
    await create();
    expect(await repository.gitIn(worktree, 'rev-parse', '--show-toplevel')).toBe(worktree);
    expect(await repository.git('rev-parse', '--show-toplevel')).toBe(repository.dir);
    await git.deleteWorktree(repository.dir, worktree);
    expect(await readFile(join(repository.dir, '.git/config'))).toEqual(before);
  });

  it('may have a configuration that is a link to that of another repository', async () => {
    const config = join(repository.dir, '.git/config');
    const shared = join(repository.outside, 'shared');
    await rename(config, shared);
    await symlink(shared, config);
    const before = await readFile(shared);
    await create();
    expect(await readFile(shared, 'utf8')).toContain('worktreeConfig = true');
    await git.deleteWorktree(repository.dir, worktree);
    expect(await readlink(config)).toBe(shared);
    expect(await readFile(shared)).toEqual(before);
  });

  it('may reach repository and worktrees through a link', async () => {
    const links = await realpath(await mkdtemp(join(tmpdir(), 'df-link-')));
    const [linked, outside] = [join(links, 'repository'), join(links, 'outside')];
    await symlink(repository.dir, linked);
    await symlink(repository.outside, outside);
    try {
      const through = join(outside, 'w');
      await git.createWorktree(order({ repository: linked, worktree: through }));
      expect(await git.validateWorktree(linked, through)).toBe(true);
      expect(await git.validateWorktree(repository.dir, join(repository.outside, 'w'))).toBe(true);
      await git.deleteWorktree(linked, through);
      expect(await readdir(repository.outside)).toEqual([]);
    } finally {
      await rm(links, { recursive: true });
    }
  });
});
