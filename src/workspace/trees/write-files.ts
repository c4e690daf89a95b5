import { rm, writeFile } from 'node:fs/promises';
import type { SealedFile } from '../../factory/model/sealing/sealed.ts';
import { clearWay } from '../../lib/clear-way.ts';

/**
 * Puts files over a tree. They are written by the host and never by git: its objects are readable in every sandbox. What
 * the tree has in their place goes, links on the way there included, so that none leads a file elsewhere.
 */
export async function writeFiles(tree: string, files: readonly SealedFile[]): Promise<void> {
  for (const { path, executable, content } of files) {
    const file = await clearWay(tree, path);
    await rm(file, { recursive: true, force: true });
    // `wx` follows no link.
    await writeFile(file, content, { flag: 'wx', mode: executable ? 0o755 : 0o644 });
  }
}
