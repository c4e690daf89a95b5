import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeRepository } from '../support/repository.ts';
import { stage } from './stage.ts';

const signal = new AbortController().signal;
const shell = (command: string) => ({ command, label: 'x', timeoutMs: 60_000, signal });
const LOCAL = ['-c', 'protocol.file.allow=always'];

/** A repository with `libs/outer`, which has `deep/inner` in it; both as the owner checked them out. */
async function withSubmodules() {
  const [inner, outer] = [
    await makeRepository({ files: { 'inner.txt': 'inner\n' } }),
    await makeRepository({ files: { 'outer.txt': 'outer\n', Makefile: 'all:\n\ttouch built\n' } }),
  ];
  await outer.git(...LOCAL, 'submodule', '--quiet', 'add', '--name', 'in/ner', inner.dir, 'deep/inner');
  await outer.git('commit', '-qm', 'inner');
  const s = await stage({ a: 'a\n' });
  const { repository, git, data } = s;
  await repository.git(
    ...LOCAL,
    'submodule',
    '--quiet',
    'add',
    '--name',
    'the outer',
    outer.dir,
    'libs/outer',
  );
  await repository.git(...LOCAL, 'submodule', '--quiet', 'update', '--init', '--recursive');
  await repository.git('commit', '-qm', 'outer');
  // Whatever is read from here on is not read from where it came from.
  await Promise.all([inner.cleanup(), outer.cleanup()]);
  const head = await repository.git('rev-parse', 'HEAD');
  const worktree = join(data, 'worktrees', 'two');
  const order = { repository: repository.dir, worktree, branch: 'df/two/2026-01-01', commit: head };
  await git.createWorktree(order);
  const project = { ...s.project, baseCommit: head, worktreePath: worktree };
  return { ...s, head, order, project, worktree };
}

describe('submodules', () => {
  it('are filled from what the owner has, nested ones too, in worktrees and scratch trees, and are clean to git', async () => {
    const s = await withSubmodules();
    expect(await s.git.checkoutProblems(s.repository.dir, s.head)).toEqual([]);
    expect(await readFile(join(s.worktree, 'libs/outer/deep/inner/inner.txt'), 'utf8')).toBe('inner\n');
    expect(await s.repository.gitIn(s.worktree, 'status', '--porcelain')).toBe('');
    expect(await s.repository.gitIn(s.worktree, 'submodule', 'status', '--recursive')).not.toMatch(/^[-+U]/m);
    const tree = await s.trees.scratchTree(s.project, { commit: s.head });
    const inside = [
      'cat libs/outer/outer.txt libs/outer/deep/inner/inner.txt',
      'git -C libs/outer/deep/inner log --format=%s | wc -l',
      'git submodule update --init --recursive && git status --short && git -C libs/outer status --short',
      'for i in libs/outer libs/outer/deep/inner; do (echo x > $i/.git) 2>/dev/null || echo refused; done',
      'make -s -C libs/outer && ls libs/outer/built',
    ];
    const { result } = await tree.run(shell(inside.join(' && ')));
    const [outer, inner, count, ...rest] = result.output.trim().split('\n');
    expect([outer, inner]).toEqual(['outer', 'inner']);
    expect(Number(count)).toBeGreaterThan(0);
    expect(rest).toEqual(['refused', 'refused', 'libs/outer/built']);
    await tree.remove();
    await s.trees.removeScratchTrees(s.project.id, s.project.repository);
    await s.git.deleteWorktree(s.repository.dir, s.worktree);
    expect(await s.repository.git('worktree', 'list')).not.toContain('two');
  });

  it('of a gate are what the commit records, whatever an agent writes into its own or its .gitmodules', async () => {
    const s = await withSubmodules();
    await writeFile(join(s.worktree, 'libs/outer/outer.txt'), 'patched\n');
    await writeFile(join(s.worktree, 'libs/outer/extra.txt'), 'planted\n');
    await rename(join(s.worktree, 'libs/outer/deep/inner'), join(s.worktree, 'libs/outer/deep/moved'));
    await mkdir(join(s.worktree, 'libs/outer/deep/inner/.git'), { recursive: true });
    await writeFile(
      join(s.worktree, 'libs/outer/deep/inner/.git/config'),
      '[core]\n\tfsmonitor = touch /x\n',
    );
    await writeFile(join(s.worktree, 'a'), 'b\n');
    const commit = await s.git.commitChanges(s.repository.dir, s.worktree, 'x', { project: 'p', step: 's' });
    expect(await s.repository.git('diff', '--name-only', s.head, commit ?? '')).toBe('a');
    const tree = await s.trees.scratchTree(s.project, { commit: commit ?? '' });
    const look = 'cat libs/outer/outer.txt libs/outer/deep/inner/inner.txt; ls libs/outer';
    const { result } = await tree.run(shell(`${look}; echo worse > libs/outer/outer.txt`));
    expect(result.output).toBe('outer\ninner\nMakefile\ndeep\nouter.txt\n');
    expect(await tree.restore()).toEqual(['libs/outer/outer.txt']);
    expect((await tree.run(shell('cat libs/outer/outer.txt'))).result.output).toBe('outer\n');
    await tree.remove();
    // A name that would lead out of `modules`.
    const gitmodules = '[submodule "../../../../evil"]\n\tpath = libs/outer\n\turl = ./x\n';
    await writeFile(join(s.worktree, '.gitmodules'), gitmodules);
    const lying = await s.git.commitChanges(s.repository.dir, s.worktree, 'y', { project: 'p', step: 't' });
    const empty = await s.trees.scratchTree(s.project, { commit: lying ?? '' });
    expect((await empty.run(shell('ls -A libs/outer'))).result.output).toBe('');
    await empty.remove();
    await s.trees.removeScratchTrees(s.project.id, s.project.repository);
  });

  it('A46 symlink-out: a link in the place of their folder leads no file, mount or removal out of the tree', async () => {
    const s = await withSubmodules();
    const victim = join(s.repository.outside, 'victim');
    await mkdir(join(victim, 'outer'), { recursive: true });
    await writeFile(join(victim, 'outer/outer.txt'), 'mine\n');
    await writeFile(join(victim, 'outer/package.json'), '{}');
    const untouched = async () => {
      expect(await readdir(join(victim, 'outer'))).toEqual(['outer.txt', 'package.json']);
      expect(await readFile(join(victim, 'outer/outer.txt'), 'utf8')).toBe('mine\n');
    };
    const tree = await s.trees.scratchTree(s.project, { commit: s.head });
    // Where bubblewrap has the host while it builds a sandbox, and where the host has it.
    for (const place of [`/oldroot${victim}`, victim]) {
      await tree.run(shell(`rm -rf x; mv libs x && ln -s ${place} libs`));
      await tree.run(shell('true'));
      await untouched();
      await tree.run(shell(`rm -rf x; mv libs x && ln -s ${place} libs`));
      await tree.restore();
      await untouched();
      const { result } = await tree.run(shell('cat libs/outer/outer.txt libs/outer/deep/inner/inner.txt'));
      expect(result.output).toBe('outer\ninner\n');
    }
    await tree.run(shell(`mv libs y && ln -s ${victim} libs`));
    expect(await s.git.listUntracked(s.repository.dir, tree.folder)).not.toContain('libs/outer/package.json');
    await expect(
      s.sandbox.run({ ...tree.place, ...shell('true'), outputFile: join(s.data, 'o') }),
    ).rejects.toMatchObject({
      code: 'sandbox_failed',
    });
    await tree.remove();
    await untouched();
    await s.trees.removeScratchTrees(s.project.id, s.project.repository);
  });

  it('whose commit the owner does not have are named with what to do, and are empty', async () => {
    const s = await withSubmodules();
    const missing = '1'.repeat(40);
    await s.repository.git('update-index', '--cacheinfo', `160000,${missing},libs/outer`);
    await s.repository.git('commit', '-qm', 'ahead');
    const head = await s.repository.git('rev-parse', 'HEAD');
    expect(await s.git.checkoutProblems(s.repository.dir, head)).toEqual([
      expect.stringMatching(
        /libs\/outer.*111111111111.*git submodule update --init --recursive -- libs\/outer/,
      ),
    ]);
    const tree = await s.trees.scratchTree({ ...s.project, baseCommit: head }, { commit: head });
    expect((await tree.run(shell('ls -A libs/outer; git status --short'))).result.output).toBe('');
    await tree.remove();
    await s.trees.removeScratchTrees(s.project.id, s.project.repository);
  });
});
