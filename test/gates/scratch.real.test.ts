import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { config } from '../../src/factory/config.ts';
import type { Holder } from '../../src/factory/agent/journal.ts';
import { createGitManager } from '../../src/git/manager.ts';
import { createSandbox } from '../../src/sandbox/sandbox.ts';
import { createScratchTrees } from '../../src/workers/gates/scratch.ts';
import { makeRepository } from '../support/repository.ts';
import { sampleProject } from '../support/samples.ts';

const PACKAGE = JSON.stringify({ name: 'a', scripts: { test: 'tool' } });

/** A repository, its worktree as the factory makes it, and scratch trees over both. */
async function stage(files: Record<string, string>, options: { setup?: string; mode?: 'auto' | 'off' } = {}) {
  const repository = await makeRepository({ files });
  onTestFinished(() => repository.cleanup());
  const git = createGitManager({ env: repository.env });
  const base = await repository.git('rev-parse', 'HEAD');
  const data = join(repository.outside, 'data');
  const worktree = join(data, 'worktrees', 'one');
  await git.createWorktree({
    repository: repository.dir,
    worktree,
    branch: 'df/one/2026-01-01',
    commit: base,
  });
  const sandbox = await createSandbox({
    config: config.parse({ sandbox: { mode: options.mode ?? 'auto' } }).sandbox,
    hidden: [data],
    hostEnv: repository.env,
  });
  onTestFinished(() => sandbox.close());
  const project = sampleProject({
    repository: repository.dir,
    gitDir: join(repository.dir, '.git'),
    baseCommit: base,
    worktreePath: worktree,
    settings: { commands: {}, allowGateChanges: false, setup: options.setup ?? null },
  });
  let outputs = 0;
  const open = (pid = process.pid) =>
    createScratchTrees({
      git,
      state: {
        newOutput: async () => {
          outputs += 1;
          await mkdir(join(repository.outside, 'output'), { recursive: true });
          return { file: join(repository.outside, 'output', `${outputs}`), relative: `output/${outputs}` };
        },
      },
      sandbox: async () => sandbox,
      root: join(data, 'scratch'),
      setupNetwork: false,
      setupTimeoutMs: 60_000,
      holder: async (): Promise<Holder> => ({ host: 'here', pid, startedAt: '1' }),
      isDead: async (holder) => holder.pid === 0,
    });
  const put = async (path: string, text: string, mode = 0o644) => {
    await mkdir(join(worktree, path, '..'), { recursive: true });
    await writeFile(join(worktree, path), text, { mode });
  };
  return {
    repository,
    git,
    base,
    data,
    sandbox,
    worktree,
    project,
    open,
    trees: open(),
    put,
    folder: join(data, 'scratch', project.id),
  };
}

const signal = new AbortController().signal;
const shell = (command: string) => ({ command, label: 'x', timeoutMs: 60_000, signal });
const IGNORED = 'node_modules/\ndist/\n.env\n';

describe.each(['auto', 'off'] as const)('scratch trees with the sandbox %s', (mode) => {
  it('find dependencies and build results as they were kept, not what came into the worktree later', async () => {
    const s = await stage({ 'package.json': PACKAGE, '.gitignore': IGNORED }, { mode });
    await s.put('node_modules/.bin/tool', '#!/bin/sh\necho honest\n', 0o755);
    await s.put('dist/a.js', 'built\n');
    await s.put('.env', 'A=1\n');
    await s.trees.keepDependencies(s.project);
    await s.put('node_modules/.bin/tool', '#!/bin/sh\necho lying\n', 0o755);
    await s.put('node_modules/.bin/other', '#!/bin/sh\necho planted\n', 0o755);
    const tree = await s.trees.create(s.project, { commit: s.base });
    const { result } = await tree.run(
      shell(
        'node_modules/.bin/tool; ls node_modules/.bin; cat dist/a.js .env; echo more > dist/b.js && git status --short',
      ),
    );
    expect(result.output.trim().split('\n')).toEqual(['honest', 'tool', 'built', 'A=1']);
    await tree.remove();
    expect(await readdir(s.folder)).toEqual(['dependencies-base']);
    expect(await s.repository.git('worktree', 'list')).not.toContain('scratch');
    await s.trees.removeAll(s.project);
    expect(existsSync(s.folder)).toBe(false);
  });
});

describe('scratch trees', () => {
  it('lend packages to who may only look, too', async () => {
    const s = await stage({ 'package.json': PACKAGE, '.gitignore': IGNORED });
    await s.put('node_modules/a/index.js', 'lent\n');
    await s.trees.keepDependencies(s.project);
    const tree = await s.trees.create(s.project, { commit: s.base });
    const { output } = await s.sandbox.run({
      ...tree.place,
      command: 'cat node_modules/a/index.js; (echo x > y) 2>/dev/null || echo refused',
      readOnly: true,
      timeoutMs: 60_000,
      outputFile: join(s.repository.outside, 'looked'),
    });
    expect(output.trim().split('\n')).toEqual(['lent', 'refused']);
    await tree.remove();
    await s.trees.removeAll(s.project);
  });

  it('look as if they lay where the worktree lies, and lend packages read-only with room for caches', async () => {
    const s = await stage({ 'package.json': PACKAGE, '.gitignore': IGNORED });
    await s.put('node_modules/a/index.js', '1\n');
    await s.trees.keepDependencies(s.project);
    const tree = await s.trees.create(s.project, { commit: s.base });
    const { result } = await tree.run(
      shell(
        'pwd; echo x > node_modules/.cache/y && echo cached; (echo 2 > node_modules/a/index.js) 2>/dev/null || echo refused',
      ),
    );
    expect(result.output.trim().split('\n')).toEqual([s.worktree, 'cached', 'refused']);
    await tree.remove();
    await s.trees.removeAll(s.project);
  });

  it('run the set-up in a clean tree of the base commit where nothing was kept', async () => {
    const setup = 'mkdir -p node_modules && pwd > node_modules/place && cat marker >> node_modules/place';
    const s = await stage({ marker: 'base\n', '.gitignore': IGNORED }, { setup });
    await s.put('marker', 'changed\n');
    const tree = await s.trees.create(s.project, { commit: s.base });
    const { result } = await tree.run(shell('cat node_modules/place'));
    expect(result.output).toBe(`${s.worktree}\nbase\n`);
    await tree.remove();
    await s.trees.removeAll(s.project);
  });

  it('say so when that set-up fails, and leave nothing half made', async () => {
    const s = await stage({ a: 'a\n' }, { setup: 'exit 3' });
    await expect(s.trees.create(s.project, { commit: s.base })).rejects.toMatchObject({
      code: 'setup_failed',
    });
    expect(await readdir(s.folder)).toEqual([]);
  });

  it('left by a dead worker are removed by the next one', async () => {
    const s = await stage({ a: 'a\n' });
    await s.open(0).create(s.project, { commit: s.base });
    expect((await readdir(s.folder)).filter((name) => name.startsWith('tree-'))).toHaveLength(1);
    const tree = await s.trees.create(s.project, { commit: s.base });
    expect((await readdir(s.folder)).filter((name) => name.startsWith('tree-'))).toHaveLength(1);
    expect(await readFile(join(tree.folder, 'a'), 'utf8')).toBe('a\n');
    await tree.remove();
    await s.trees.removeAll(s.project);
  });

  it('A46 symlink-out: links among kept files are kept as links', async () => {
    const s = await stage({ '.gitignore': IGNORED });
    await mkdir(join(s.worktree, 'dist'));
    await symlink('/etc', join(s.worktree, 'dist', 'etc'));
    await s.trees.keepDependencies(s.project);
    const kept = join(s.folder, 'dependencies-base', 'files', 'dist');
    expect(await readdir(kept, { withFileTypes: true })).toEqual([expect.objectContaining({ name: 'etc' })]);
    expect((await readdir(kept, { withFileTypes: true }))[0]?.isSymbolicLink()).toBe(true);
    await s.trees.removeAll(s.project);
  });

  it('restore what a command did to definitions, and keep what it built', async () => {
    const s = await stage({ 'package.json': PACKAGE, '.npmrc': 'a=1\n', '.gitignore': IGNORED });
    const tree = await s.trees.create(s.project, { commit: s.base });
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
    await s.trees.removeAll(s.project);
  });
});
