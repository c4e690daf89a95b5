import { chmod, lstat, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSealedFolder } from '../../../../src/state/projects/sealed.ts';
import { writeFiles } from '../../../../src/workspace/trees/write-files.ts';

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'df-sealed-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe('laying sealed checks over a tree', () => {
  it('replaces links that the tree has in their place, and writes nothing through them', () =>
    inFolder(async (folder) => {
      const [tree, outside] = [join(folder, 'tree'), join(folder, 'outside')];
      await mkdir(tree);
      await mkdir(outside);
      await writeFile(join(outside, 'target'), 'untouched');
      await symlink(outside, join(tree, 'test'));
      await symlink(join(outside, 'target'), join(tree, 'run.sh'));
      await writeFiles(tree, [
        { path: 'test/a.test.js', executable: false, content: Buffer.from('a') },
        { path: 'run.sh', executable: true, content: Buffer.from('b') },
      ]);
      expect(await readFile(join(outside, 'target'), 'utf8')).toBe('untouched');
      expect((await lstat(join(tree, 'test'))).isDirectory()).toBe(true);
      expect(await readFile(join(tree, 'test/a.test.js'), 'utf8')).toBe('a');
      expect((await stat(join(tree, 'run.sh'))).mode & 0o111).not.toBe(0);
    }));

  it('replaces files and folders of the tree', () =>
    inFolder(async (tree) => {
      await writeFile(join(tree, 'test'), 'a file in place of a folder');
      await mkdir(join(tree, 'a.js/inner'), { recursive: true });
      await writeFiles(tree, [
        { path: 'test/a.js', executable: false, content: Buffer.from('a') },
        { path: 'a.js', executable: false, content: Buffer.from('b') },
      ]);
      expect(await readFile(join(tree, 'test/a.js'), 'utf8')).toBe('a');
      expect(await readFile(join(tree, 'a.js'), 'utf8')).toBe('b');
    }));
});

describe('a folder of sealed checks', () => {
  it('is read whole, with modes, without what belongs to tools', () =>
    inFolder(async (folder) => {
      await mkdir(join(folder, 'b/node_modules/x'), { recursive: true });
      await writeFile(join(folder, 'b/run.sh'), 'b');
      await chmod(join(folder, 'b/run.sh'), 0o700);
      await writeFile(join(folder, 'b/node_modules/x/y.js'), 'y');
      await writeFile(join(folder, 'a.txt'), 'a');
      const { files } = await readSealedFolder(folder);
      expect(files.map(({ path, executable }) => [path, executable])).toEqual([
        ['a.txt', false],
        ['b/run.sh', true],
      ]);
    }));

  it.each([
    ['missing', async () => {}, 'nowhere', 'sealed_unreadable'],
    ['empty', async () => {}, '', 'sealed_empty'],
    ['one with a link', (folder: string) => symlink('/etc/passwd', join(folder, 'a')), '', 'sealed_unusual'],
  ])('is refused when it is %s', (_what, make, name, code) =>
    inFolder(async (folder) => {
      await make(folder);
      await expect(readSealedFolder(join(folder, name))).rejects.toMatchObject({ kind: 'usage', code });
    }),
  );
});
