import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Attack, openAttack } from './attack-stage.ts';

let { repository, git, notes, worktree, canaries, put, config, trap, commit, wholeLife, nothingRan } =
  {} as Attack;
beforeEach(async () => {
  ({ repository, git, notes, worktree, canaries, put, config, trap, commit, wholeLife, nothingRan } =
    await openAttack());
});
afterEach(() => repository.cleanup());

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
