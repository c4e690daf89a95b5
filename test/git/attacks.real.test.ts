import { appendFile, chmod, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GitManager } from '../../src/factory/ports.ts';
import { createGitManager } from '../../src/git/manager.ts';
import { makeRepository, type TestRepository } from '../support/repository.ts';

/**
 * As if the sandbox had failed: the attack's files are planted where an agent is kept from writing. Whatever git is made
 * to run touches a file in `canaries`, which must stay empty.
 */
let repository: TestRepository;
let git: GitManager;
let worktree: string;
let canaries: string;
let base: string;

beforeEach(async () => {
  repository = await makeRepository({ remote: true, files: { 'a.txt': 'a\n', 'b.txt': 'b\n' } });
  git = createGitManager({ env: repository.env });
  worktree = join(repository.outside, 'w');
  canaries = join(repository.outside, 'canaries');
  await mkdir(canaries);
  base = await repository.git('rev-parse', 'HEAD');
  await git.createWorktree({ repository: repository.dir, worktree, branch: 'df/a/1', commit: base });
});
afterEach(() => repository.cleanup());

const put = (path: string, content: string) => writeFile(join(worktree, path), content);
const config = (key: string, value: string) => repository.git('config', key, value);

/** A program that leaves a trace. */
async function trap(name: string, file = join(repository.outside, `trap-${name}`)): Promise<string> {
  await writeFile(file, `#!/bin/sh\ntouch ${join(canaries, name)}\n`);
  await chmod(file, 0o755);
  return file;
}

let steps = 0;
const commit = () =>
  git.commitChanges(repository.dir, worktree, 'x', { project: 'p', step: `engineer/${steps++}/a` });

/** Everything the factory does with a worktree. */
async function wholeLife(): Promise<void> {
  await git.inspectRepository(repository.dir);
  await git.treeHash(repository.dir, worktree);
  await put('a.txt', `${steps} changed\n`);
  await put('new.txt', `${steps} new\n`);
  await git.treeHash(repository.dir, worktree);
  const made = await commit();
  expect(made).not.toBeNull();
  const tip = made ?? '';
  await git.diff(repository.dir, base, tip);
  await git.diffFigures(repository.dir, base, tip);
  await git.changedFiles(repository.dir, base, tip);
  await git.log(repository.dir, base, tip, 10);
  await git.showFile(repository.dir, tip, 'a.txt');
  await git.tryPush(repository.dir, worktree);
  await git.validateWorktree(repository.dir, worktree);
  const second = join(repository.outside, 'second');
  await git.createWorktree({ repository: repository.dir, worktree: second, branch: 'df/b/1', commit: base });
  await git.deleteWorktree(repository.dir, second);
  await git.deleteWorktree(repository.dir, worktree);
}

const nothingRan = async () => expect(await readdir(canaries)).toEqual([]);

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

describe('filters of the owner', () => {
  it('outside the repository go on working', async () => {
    await appendFile(repository.globalConfig, '[filter "up"]\n\tclean = tr a-z A-Z\n\tsmudge = tr A-Z a-z\n');
    await put('.gitattributes', '*.up filter=up\n');
    await put('x.up', 'loud');
    expect(await git.showFile(repository.dir, (await commit()) ?? '', 'x.up')).toBe('LOUD');
  });

  it('A161 filter-module: take no part of themselves from what an agent wrote', async () => {
    // As a program that looks for its modules in the current folder first.
    const looks = 'if [ -f ./module ]; then . ./module; fi; cat';
    await appendFile(
      repository.globalConfig,
      `[filter "strip"]\n\tclean = "${looks}"\n\tsmudge = "${looks}"\n[filter "own"]\n\tclean = "${looks} # %f"\n`,
    );
    await put('.gitattributes', '*.ipynb filter=strip\n*.own filter=own\n');
    await put('module', `touch ${join(canaries, 'module')}\n`);
    await put('x.ipynb', 'x\n');
    await put('x.own', 'x\n');
    await git.treeHash(repository.dir, worktree);
    const [made, folder] = [(await commit()) ?? '', join(repository.outside, 'tree')];
    await git.createScratchTree({ repository: repository.dir, folder, commit: made });
    expect(await readFile(join(folder, 'x.ipynb'), 'utf8')).toBe('x\n');
    await git.removeScratchTree(repository.dir, folder);
    await wholeLife();
    await git.applyCommit({
      repository: repository.dir,
      commit: made,
      message: 'x',
      trailers: { project: 'p', step: 's' },
      squash: false,
    });
    expect(await readFile(join(repository.dir, 'x.own'), 'utf8')).toBe('x\n');
    await nothingRan();
  });

  it('are told where the work tree is', async () => {
    await appendFile(
      repository.globalConfig,
      '[filter "where"]\n\tclean = "cat > /dev/null; git rev-parse --show-toplevel"\n',
    );
    await put('.gitattributes', '*.at filter=where\n');
    await put('x.at', 'x\n');
    expect(await git.showFile(repository.dir, (await commit()) ?? '', 'x.at')).toBe(`${worktree}\n`);
  });

  it('A161 filter-module: are not led to the owner’s files by the names of an agent’s', async () => {
    const secret = join(repository.outside, 'secret');
    await writeFile(secret, 'top secret');
    await appendFile(repository.globalConfig, '[filter "named"]\n\tclean = "cat; cat %f 2>&1; true"\n');
    await put('.gitattributes', '*secret filter=named\n');
    await mkdir(join(worktree, repository.outside), { recursive: true });
    await put(secret, 'x\n');
    const held = await git.showFile(repository.dir, (await commit()) ?? '', secret.slice(1));
    expect(held).toMatch(/^x\n.*No such file/);
  });

  it('a relative one cannot be started, and the owner is told', async () => {
    const notes: string[] = [];
    git = createGitManager({ env: repository.env, onNote: (text) => notes.push(text) });
    await appendFile(repository.globalConfig, '[filter "near"]\n\tclean = ./filter\n');
    await put('.gitattributes', '*.ipynb filter=near\n');
    await trap('near', join(worktree, 'filter'));
    await put('x.ipynb', 'x\n');
    await commit();
    expect(notes.join()).toMatch(/external filter '.*cd \/ && \.\/filter' failed/);
    await nothingRan();
  });

  it('stand when the repository says otherwise about them', async () => {
    await appendFile(repository.globalConfig, '[filter "up"]\n\tclean = tr a-z A-Z\n');
    await config('filter.up.clean', await trap('renamed'));
    await put('.gitattributes', '*.up filter=up\n');
    await put('x.up', 'loud');
    expect(await git.showFile(repository.dir, (await commit()) ?? '', 'x.up')).toBe('LOUD');
    await nothingRan();
  });

  it('A51 metadata: one that would ask a server which the agent names (Git LFS) is given no address', async () => {
    const said = join(repository.outside, 'said');
    const ask = `sh -c 'git config lfs.url >> ${said}; git config lfs.skipDownloadErrors >> ${said}; cat'`;
    await appendFile(repository.globalConfig, `[filter "lfs"]\n\tclean = cat\n\tsmudge = "${ask}"\n`);
    await config('include.path', join(worktree, '.lfsconfig'));
    await put('.lfsconfig', '[lfs]\n\turl = http://127.0.0.1:9/of-the-agent\n');
    await put('.gitattributes', '*.bin filter=lfs\n');
    await put('x.bin', 'version https://git-lfs.github.com/spec/v1\n');
    const [made, folder] = [(await commit()) ?? '', join(repository.outside, 'tree')];
    await git.createScratchTree({ repository: repository.dir, folder, commit: made });
    expect(await readFile(said, 'utf8')).toBe('none://\ntrue\n');
    await git.removeScratchTree(repository.dir, folder);
  });
});
