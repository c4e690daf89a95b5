import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createGitManager } from '../../../src/git/manager.ts';
import { makeRepository } from '../../support/repository.ts';

async function stage(files: Record<string, string>) {
  const repository = await makeRepository({ files });
  onTestFinished(() => repository.cleanup());
  const git = createGitManager({ env: repository.env });
  const base = await repository.git('rev-parse', 'HEAD');
  const folder = join(repository.outside, 'scratch', 'one');
  return { repository, git, base, folder, read: (path: string) => readFile(join(folder, path), 'utf8') };
}

describe('scratch trees', () => {
  it('hold a commit with files of another commit and given texts over it, and leave no trace', async () => {
    const s = await stage({ '.npmrc': 'a=1\n', 'x.js': 'old\n', 'package.json': '{}\n' });
    await s.repository.write('x.js', 'new\n');
    await s.repository.write('.npmrc', 'script-shell=/bin/true\n');
    await s.repository.write('pkg/.npmrc', 'planted\n');
    await s.repository.git('add', '--all');
    await s.repository.git('commit', '--quiet', '--message=Second');
    const head = await s.repository.git('rev-parse', 'HEAD');
    const before = await s.repository.git('status', '--porcelain', '--branch');
    await s.git.createScratchTree({
      repository: s.repository.dir,
      folder: s.folder,
      commit: head,
      over: [{ commit: s.base, paths: ['.npmrc', 'pkg/.npmrc'] }],
      texts: { 'package.json': '{"merged":1}\n' },
    });
    expect(await s.read('x.js')).toBe('new\n');
    expect(await s.read('.npmrc')).toBe('a=1\n');
    expect(await s.read('package.json')).toBe('{"merged":1}\n');
    expect(existsSync(join(s.folder, 'pkg'))).toBe(false);
    await s.git.removeScratchTree(s.repository.dir, s.folder);
    await s.git.removeScratchTree(s.repository.dir, s.folder);
    expect(existsSync(s.folder)).toBe(false);
    expect(await s.repository.git('worktree', 'list')).not.toContain('scratch');
    expect(await s.repository.git('status', '--porcelain', '--branch')).toBe(before);
  });

  it('A46 symlink-out: a link in the commit does not lead a file that is laid over it out of the tree', async () => {
    const s = await stage({ 'conf/a.json': 'base\n' });
    await s.repository.git('rm', '-rq', 'conf');
    await symlink(s.repository.outside, join(s.repository.dir, 'conf'));
    await s.repository.git('add', '--all');
    await s.repository.git('commit', '--quiet', '--message=Link');
    const head = await s.repository.git('rev-parse', 'HEAD');
    await s.git.createScratchTree({
      repository: s.repository.dir,
      folder: s.folder,
      commit: head,
      over: [{ commit: s.base, paths: ['conf/a.json'] }],
    });
    expect(await s.read('conf/a.json')).toBe('base\n');
    expect(existsSync(join(s.repository.outside, 'a.json'))).toBe(false);
  });

  it('come back to what they were: changed files restored, unwanted new ones gone, the others kept', async () => {
    const s = await stage({ 'a.js': 'one\n', '.gitignore': 'out/\n' });
    await s.git.createScratchTree({ repository: s.repository.dir, folder: s.folder, commit: s.base });
    await writeFile(join(s.folder, 'a.js'), 'two\n');
    await writeFile(join(s.folder, '.npmrc'), 'planted\n');
    await mkdir(join(s.folder, 'out'));
    await writeFile(join(s.folder, 'out/b'), 'built\n');
    const changed = await s.git.restoreScratchTree(s.repository.dir, s.folder, (path) => path === '.npmrc');
    expect(changed).toEqual(['a.js']);
    expect(await s.read('a.js')).toBe('one\n');
    expect(existsSync(join(s.folder, '.npmrc'))).toBe(false);
    expect(await s.read('out/b')).toBe('built\n');
    expect(await s.git.listUntracked(s.repository.dir, s.folder)).toEqual(['out/']);
  });

  // root goes everywhere.
  it.skipIf(process.getuid?.() === 0)(
    'A188 come back to what they were also where a command closed folders, one within the other and its own',
    async () => {
      const s = await stage({ 'a.js': 'one\n', 'test/b/c.js': 'two\n' });
      await s.git.createScratchTree({ repository: s.repository.dir, folder: s.folder, commit: s.base });
      await writeFile(join(s.folder, 'test/b/c.js'), 'three\n');
      await mkdir(join(s.folder, 'test/new'));
      await writeFile(join(s.folder, 'test/new/.npmrc'), 'planted\n');
      for (const path of ['test/b', 'test/new', 'test', '']) await chmod(join(s.folder, path), 0o000);
      const unwanted = (path: string) => path.endsWith('.npmrc');
      expect(await s.git.restoreScratchTree(s.repository.dir, s.folder, unwanted)).toEqual(['test/b/c.js']);
      expect(await s.read('test/b/c.js')).toBe('two\n');
      expect(existsSync(join(s.folder, 'test/new/.npmrc'))).toBe(false);
      // One that may not be written in.
      await writeFile(join(s.folder, 'test/b/c.js'), 'four\n');
      await chmod(join(s.folder, 'test/b'), 0o500);
      expect(await s.git.restoreScratchTree(s.repository.dir, s.folder, unwanted)).toEqual(['test/b/c.js']);
      expect(await s.read('test/b/c.js')).toBe('two\n');
    },
  );
});
