import { appendFile, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Attack, openAttack } from './attack-stage.ts';

let { repository, git, worktree, canaries, put, config, trap, commit, wholeLife, nothingRan } = {} as Attack;
beforeEach(async () => {
  ({ repository, git, worktree, canaries, put, config, trap, commit, wholeLife, nothingRan } =
    await openAttack());
});
afterEach(() => repository.cleanup());

describe('nothing that lies in the repository runs on the host', () => {
  it('the trap works: git itself would run it', async () => {
    await config('core.fsmonitor', await trap('fsmonitor'));
    await config('filter.x.clean', await trap('filter'));
    await repository.write('.gitattributes', '* filter=x\n');
    await repository.git('add', '--all');
    expect(await readdir(canaries)).toEqual(['filter', 'fsmonitor']);
  });

  it('A42 hook-plant: hooks of the common dir', async () => {
    const samples = await readdir(join(repository.dir, '.git/hooks'));
    const names = [...samples.map((name) => name.replace('.sample', '')), 'post-checkout', 'post-commit'];
    for (const name of new Set([...names, 'post-index-change', 'reference-transaction', 'post-rewrite']))
      await trap(name, join(repository.dir, '.git/hooks', name));
    await wholeLife();
    await nothingRan();
  });

  it('A42 hook-plant: a hooks path in the configuration', async () => {
    const folder = join(repository.outside, 'hooks');
    await mkdir(folder);
    for (const name of ['post-checkout', 'reference-transaction', 'post-index-change', 'pre-push'])
      await trap(name, join(folder, name));
    await config('core.hooksPath', folder);
    await wholeLife();
    await nothingRan();
  });

  it('A43 fsmonitor-plant: a file system monitor', async () => {
    await config('core.fsmonitor', await trap('fsmonitor'));
    await appendFile(
      join(repository.dir, '.git/worktrees/w/config.worktree'),
      `[core]\n\tfsmonitor = ${await trap('own')}\n`,
    );
    await wholeLife();
    await nothingRan();
  });

  it('A45 filter-plant: a filter for every file', async () => {
    for (const key of ['clean', 'smudge', 'process'])
      await config(`filter.x.${key}`, await trap(`filter-${key}`));
    await config('filter.x.required', 'true');
    await config('filter.two words.clean', await trap('filter-words'));
    await put('.gitattributes', 'a.txt filter=x\nnew.txt filter=x\n* filter=x\n');
    await writeFile(join(repository.dir, '.git/info/attributes'), 'b.txt filter=x\n');
    await wholeLife();
    await nothingRan();
  });

  it('A45 filter-plant: a filter that appears after git was asked once', async () => {
    await git.treeHash(repository.dir, worktree);
    const included = join(repository.outside, 'included');
    await config('include.path', included);
    await git.treeHash(repository.dir, worktree);
    await writeFile(included, `[filter "x"]\n\tclean = ${await trap('included')}\n`);
    await put('.gitattributes', '* filter=x\n');
    await wholeLife();
    await nothingRan();
  });

  it.each([
    ['', '--local'],
    [', the owner’s own included', '--global'],
  ])(
    'diff and merge programs, pagers, editors, aliases, signing and credential programs%s',
    async (_, scope) => {
      const config = (key: string, value: string) => repository.git('config', scope, key, value);
      const program = await trap('program');
      const keys = [
        'core.pager',
        'pager.log',
        'core.editor',
        'core.askPass',
        'core.sshCommand',
        'core.gitProxy',
        'core.alternateRefsCommand',
        'sequence.editor',
        'diff.external',
        'diff.x.command',
        'diff.x.textconv',
        'merge.x.driver',
        'alias.log',
        'alias.push',
        'gpg.program',
        'credential.helper',
        'interactive.diffFilter',
        'uploadpack.packObjectsHook',
        'trailer.x.command',
      ];
      // The owner's own is asked in the remote of the test push, which no agent sees.
      const wanted = keys.filter((key) => scope === '--local' || key !== 'core.alternateRefsCommand');
      for (const key of wanted) await config(key, program);
      await config('commit.gpgSign', 'true');
      await config('log.showSignature', 'true');
      await put('.gitattributes', '* diff=x merge=x\n');
      await wholeLife();
      await nothingRan();
    },
  );

  it('A44 gitfile-rewrite: a .git that points to a git dir of the agent', async () => {
    const evil = join(worktree, 'evil');
    await repository.git('init', '--quiet', evil);
    await repository.gitIn(evil, 'config', 'core.fsmonitor', await trap('evil'));
    await writeFile(join(worktree, '.git'), `gitdir: ${evil}/.git\n`);
    await git.treeHash(repository.dir, worktree);
    await wholeLife();
    await nothingRan();
    expect(await repository.git('log', '-1', '--format=%s', 'df/a/1')).toBe('x');
  });

  it('repositories and submodules inside the worktree, with a configuration of the agent', async () => {
    const inner = join(worktree, 'inner');
    await repository.git('init', '--quiet', inner);
    await put('inner/x', 'x');
    await repository.gitIn(inner, 'add', 'x');
    await repository.gitIn(inner, 'commit', '--quiet', '--message=x');
    for (const key of ['core.fsmonitor', 'filter.x.clean', 'filter.x.process'])
      await repository.gitIn(inner, 'config', key, await trap('inner'));
    await put('inner/.gitattributes', '* filter=x\n');
    await put('.gitmodules', '[submodule "inner"]\n\tpath = inner\n\turl = ./inner\n\tupdate = !touch x\n');
    await put('inner/x', 'changed');
    await config('submodule.recurse', 'true');
    await rm(canaries, { recursive: true });
    await mkdir(canaries);
    await wholeLife();
    await nothingRan();
  });

  it('a link in the place of a folder leads no write and no read out of the worktree', async () => {
    const secret = join(repository.outside, 'secret');
    await mkdir(secret);
    await writeFile(join(secret, 'key'), 'top secret');
    await symlink(secret, join(worktree, 'out'));
    const made = await commit();
    expect(await repository.git('ls-tree', '-r', '--name-only', made ?? '')).toBe('a.txt\nb.txt\nout');
    await git.deleteWorktree(repository.dir, worktree);
    expect(await readdir(secret)).toEqual(['key']);
  });
});
