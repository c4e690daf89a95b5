import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stage } from './stage.ts';

const PACKAGE = JSON.stringify({ name: 'a', scripts: { test: 'tool' } });

const signal = new AbortController().signal;
const shell = (command: string) => ({ command, label: 'x', timeoutMs: 60_000, signal });
const IGNORED = 'node_modules/\ndist/\n.env\n';

describe.each(['auto', 'off'] as const)('scratch trees with the sandbox %s', (mode) => {
  it('find packages and build results as the set-up makes them, not what came into the worktree', async () => {
    const setup =
      "mkdir -p node_modules/.bin dist && printf '#!/bin/sh\\necho honest\\n' > node_modules/.bin/tool && chmod +x node_modules/.bin/tool && echo built > dist/a.js";
    const s = await stage(
      { 'package.json': PACKAGE, '.gitignore': IGNORED },
      { mode, setup, copy: ['.env'] },
    );
    await writeFile(join(s.repository.dir, '.env'), 'A=1\n');
    await mkdir(join(s.worktree, 'node_modules/.bin'), { recursive: true });
    await writeFile(join(s.worktree, 'node_modules/.bin/tool'), '#!/bin/sh\necho lying\n', { mode: 0o755 });
    const tree = await s.trees.scratchTree(s.project, { commit: s.base });
    const { result } = await tree.run(
      shell(
        'node_modules/.bin/tool; ls node_modules/.bin; cat dist/a.js .env; echo more > dist/b.js && git status --short',
      ),
    );
    expect(result.output.trim().split('\n')).toEqual(['honest', 'tool', 'built', 'A=1']);
    await tree.remove();
    expect(await readdir(s.folder)).toEqual(['packages.json']);
    expect(await s.repository.git('worktree', 'list')).not.toContain('scratch');
    await s.trees.removeScratchTrees(s.project.id, s.project.repository);
    expect(existsSync(s.folder)).toBe(false);
  });
});

describe('scratch trees', () => {
  it('lend packages to who may only look, too', async () => {
    const setup = 'mkdir -p node_modules/a && echo lent > node_modules/a/index.js';
    const s = await stage({ 'package.json': PACKAGE, '.gitignore': IGNORED }, { setup });
    const tree = await s.trees.scratchTree(s.project, { commit: s.base });
    const { output } = await s.sandbox.run({
      ...tree.place,
      command: 'cat node_modules/a/index.js; (echo x > y) 2>/dev/null || echo refused',
      readOnly: true,
      timeoutMs: 60_000,
      outputFile: join(s.repository.outside, 'looked'),
    });
    expect(output.trim().split('\n')).toEqual(['lent', 'refused']);
    await tree.remove();
    await s.trees.removeScratchTrees(s.project.id, s.project.repository);
  });

  it('look as if they lay where the worktree lies', async () => {
    const s = await stage({ 'package.json': PACKAGE, '.gitignore': IGNORED });
    const tree = await s.trees.scratchTree(s.project, { commit: s.base });
    const { result } = await tree.run(shell('pwd'));
    expect(result.output.trim()).toBe(s.worktree);
    await tree.remove();
    await s.trees.removeScratchTrees(s.project.id, s.project.repository);
  });

  it.each([
    ['bubblewrap', {}],
    ['unshare', { mode: 'unshare' }],
    ['a kernel without overlays', { layers: false }],
  ] as const)(
    'tools may write among the packages; no other command, tree or project finds what they wrote (%s)',
    async (_, options) => {
      const setup =
        "mkdir -p node_modules/.bin node_modules/a && echo 1 > node_modules/a/index.js && printf '#!/bin/sh\\necho honest\\n' > node_modules/.bin/tool && chmod +x node_modules/.bin/tool";
      const s = await stage({ 'package.json': PACKAGE, '.gitignore': IGNORED }, { setup, ...options });
      const tree = await s.trees.scratchTree(s.project, { commit: s.base });
      const generate =
        'require("fs").mkdirSync("node_modules/.prisma/client",{recursive:true});require("fs").writeFileSync("node_modules/.prisma/client/index.js","made")';
      const writes = [
        `node -e '${generate}' && cat node_modules/.prisma/client/index.js`,
        'echo patched > node_modules/a/index.js && rm -r node_modules/.bin && mkdir node_modules/.bin && echo x > node_modules/.bin/planted',
        'chmod 0 node_modules/.prisma && cat node_modules/a/index.js && ls node_modules/.bin && git status --short',
      ];
      expect((await tree.run(shell(writes.join(' && ')))).result.output.trim().split('\n')).toEqual([
        'madepatched',
        'planted',
      ]);
      const look = shell(
        'cat node_modules/a/index.js; node_modules/.bin/tool; ls -A node_modules | grep prisma',
      );
      const untouched = async (run: typeof tree.run) =>
        expect((await run(look)).result.output.trim().split('\n')).toEqual(['1', 'honest']);
      await untouched(tree.run);
      await tree.remove();
      const other = await s.make('two');
      const next = await s.open().scratchTree(other, { commit: s.base });
      expect(await s.setups()).toHaveLength(1);
      await untouched(next.run);
      await next.remove();
      for (const project of [s.project, other])
        await s.trees.removeScratchTrees(project.id, project.repository);
      expect(await readdir(join(s.data, 'scratch'))).toEqual([]);
    },
  );

  it('run the set-up in a clean tree of the base commit', async () => {
    const setup = 'mkdir -p node_modules && cat marker > node_modules/marker';
    const s = await stage({ marker: 'base\n', '.gitignore': IGNORED }, { setup });
    await writeFile(join(s.worktree, 'marker'), 'changed\n');
    const tree = await s.trees.scratchTree(s.project, { commit: s.base });
    const { result } = await tree.run(shell('cat node_modules/marker'));
    expect(result.output).toBe('base\n');
    await tree.remove();
    await s.trees.removeScratchTrees(s.project.id, s.project.repository);
  });

  it('take what another project of the same repository set up, without running the set-up again', async () => {
    const setup = 'mkdir -p node_modules && head -c 8 /dev/urandom | od -An -tx1 > node_modules/chance';
    const s = await stage({ a: 'a\n', '.gitignore': IGNORED }, { setup });
    const seen: string[] = [];
    for (const project of [s.project, await s.make('two')]) {
      const tree = await s.trees.scratchTree(project, { commit: s.base });
      seen.push((await tree.run(shell('cat node_modules/chance'))).result.output);
      await tree.remove();
    }
    expect(seen[1]).toBe(seen[0]);
    expect(await s.setups()).toHaveLength(1);
  });

  it('set up once when several ask at the same time', async () => {
    const setup =
      'mkdir -p node_modules && head -c 8 /dev/urandom | od -An -tx1 > node_modules/chance; sleep 0.3';
    const s = await stage({ a: 'a\n', '.gitignore': IGNORED }, { setup });
    const projects = [s.project, await s.make('two'), await s.make('three')];
    const trees = await Promise.all(
      projects.map((project) => s.open().scratchTree(project, { commit: s.base })),
    );
    const seen = await Promise.all(trees.map((tree) => tree.run(shell('cat node_modules/chance'))));
    expect(new Set(seen.map(({ result }) => result.output)).size).toBe(1);
    for (const tree of trees) await tree.remove();
  });

  it('find packages that name the place they were installed at, in another project as well', async () => {
    const setup =
      'mkdir -p .venv/bin && { echo "#!$PWD/.venv/bin/sh"; echo "echo found by \\$0"; } > .venv/bin/tool && ln -s /bin/sh .venv/bin/sh && chmod +x .venv/bin/tool';
    const s = await stage({ a: 'a\n', '.gitignore': '.venv/\n' }, { setup });
    const first = await s.trees.scratchTree(s.project, { commit: s.base });
    await first.remove();
    const two = await s.make('two');
    const tree = await s.trees.scratchTree(two, { commit: s.base });
    const { result } = await tree.run(shell('.venv/bin/tool; pwd'));
    expect(result.output.trim().split('\n')).toEqual(['found by .venv/bin/tool', two.worktreePath]);
    expect(await s.setups()).toHaveLength(1);
    await tree.remove();
  });

  it('run the set-up again where what it may read is another', async () => {
    const setup = 'mkdir -p node_modules && cat a > node_modules/a';
    const s = await stage({ a: 'a\n', '.gitignore': IGNORED }, { setup });
    await (await s.trees.scratchTree(s.project, { commit: s.base })).remove();
    await writeFile(join(s.repository.dir, 'a'), 'b\n');
    await s.repository.git('commit', '-qam', 'b');
    const baseCommit = await s.repository.git('rev-parse', 'HEAD');
    const tree = await s.trees.scratchTree({ ...(await s.make('two')), baseCommit }, { commit: baseCommit });
    expect((await tree.run(shell('cat node_modules/a'))).result.output).toBe('b\n');
    await tree.remove();
  });

  it('say so when the set-up fails, and leave nothing half made', async () => {
    const s = await stage({ a: 'a\n' }, { setup: 'exit 3' });
    await expect(s.trees.scratchTree(s.project, { commit: s.base })).rejects.toMatchObject({
      code: 'setup_failed',
    });
    expect(await readdir(s.folder)).toEqual(['packages.json']);
    expect(await s.setups()).toEqual([]);
  });

  it('whose files are gone and whose worker died before git was told leave nothing with git', async () => {
    const s = await stage({ 'a.txt': 'a\n' });
    await s.open(0).scratchTree(s.project, { commit: s.base });
    const [place = ''] = (await readdir(s.folder)).filter((name) => name.startsWith('tree-'));
    await rm(join(s.folder, place, place.replace('tree-', 'scratch-')), { recursive: true });
    expect(await s.repository.git('worktree', 'list')).toContain('scratch-');
    await s.trees.removeScratchTrees(s.project.id, s.project.repository);
    expect(await s.repository.git('worktree', 'list')).not.toContain('scratch-');
  });

  it('left by a dead worker are removed by the next one', async () => {
    const s = await stage({ a: 'a\n' });
    const left = async () => (await readdir(s.folder)).filter((name) => name.startsWith('tree-'));
    await s.open(0).scratchTree(s.project, { commit: s.base });
    expect(await left()).toHaveLength(1);
    const tree = await s.trees.scratchTree(s.project, { commit: s.base });
    expect(await left()).toHaveLength(1);
    expect(await readFile(join(tree.folder, 'a'), 'utf8')).toBe('a\n');
    await tree.remove();
    await s.trees.removeScratchTrees(s.project.id, s.project.repository);
  });

  it('A46 symlink-out: links that a set-up makes are kept as links, and none of the tree is followed', async () => {
    const setup = 'mkdir -p dist && ln -s /etc dist/etc && mkdir -p app && echo x > app/out';
    const s = await stage({ '.gitignore': 'dist/\napp/out\n', 'app/keep': '' }, { setup });
    const commit = async () => {
      const outside = join(s.repository.outside, 'elsewhere');
      await mkdir(outside);
      await s.repository.git('rm', '-rq', 'app');
      await symlink(outside, join(s.repository.dir, 'app'));
      await s.repository.git('add', '-A');
      await s.repository.git('commit', '-qm', 'a link in place of a folder');
      return { outside, head: await s.repository.git('rev-parse', 'HEAD') };
    };
    const { outside, head } = await commit();
    const tree = await s.trees.scratchTree(s.project, { commit: head });
    expect((await readdir(join(tree.folder, 'dist'), { withFileTypes: true }))[0]?.isSymbolicLink()).toBe(
      true,
    );
    expect(await readdir(outside)).toEqual([]);
    await tree.remove();
    await s.trees.removeScratchTrees(s.project.id, s.project.repository);
  });

  it('restore what a command did to definitions, and keep what it built', async () => {
    const s = await stage({ 'package.json': PACKAGE, '.npmrc': 'a=1\n', '.gitignore': IGNORED });
    const tree = await s.trees.scratchTree(s.project, { commit: s.base });
    await tree.run(
      shell(
        'echo b > .npmrc; echo "{}" > .eslintrc.json; mkdir -p dist node_modules/.bin; touch dist/x node_modules/.bin/y',
      ),
    );
    await tree.restore();
    const { result } = await tree.run(shell('cat .npmrc; ls -A; ls dist; ls node_modules/.bin'));
    expect(result.output).not.toMatch(/eslintrc|\by\b/);
    expect(result.output).toMatch(/^a=1\n/);
    expect(result.output).toMatch(/\nx\n/);
    await tree.remove();
    await s.trees.removeScratchTrees(s.project.id, s.project.repository);
  });
});
