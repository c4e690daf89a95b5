import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SealedFile } from '../../factory/model/sealing/sealed.ts';
import { lstatOrNull } from '../files.ts';

/**
 * Puts files over a tree. They are written by the host and never by git: its objects are readable in every sandbox. What
 * the tree has in their place goes, links on the way there included, so that none leads a file elsewhere.
 */
export async function writeFiles(tree: string, files: readonly SealedFile[]): Promise<void> {
  for (const { path, executable, content } of files) {
    const parts = path.split('/');
    for (let depth = 1; depth < parts.length; depth++) {
      const folder = join(tree, ...parts.slice(0, depth));
      if ((await lstatOrNull(folder))?.isDirectory()) continue;
      await rm(folder, { force: true });
      await mkdir(folder);
    }
    const file = join(tree, path);
    await rm(file, { recursive: true, force: true });
    // `wx` follows no link.
    await writeFile(file, content, { flag: 'wx', mode: executable ? 0o755 : 0o644 });
  }
}
