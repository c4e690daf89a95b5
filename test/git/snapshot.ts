import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join, relative } from 'node:path';

/**
 * Every path below a checkout and its `.git` with mode and a hash of its bytes, for comparing before and after.
 *
 * @param ignore paths relative to `.git` that may change
 */
export async function snapshot(folder: string, ignore: readonly RegExp[]): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const visit = async (path: string): Promise<void> => {
    const name = relative(folder, path);
    const inGit = name.replace(/^\.git\//, '');
    if (name.startsWith('.git/') && ignore.some((pattern) => pattern.test(inGit))) return;
    const about = await lstat(path);
    if (about.isDirectory()) {
      found[name] = 'folder';
      for (const entry of await readdir(path)) await visit(join(path, entry));
      return;
    }
    const bytes = about.isSymbolicLink() ? Buffer.from(await readlink(path)) : await readFile(path);
    found[name] = `${about.mode.toString(8)} ${createHash('sha256').update(bytes).digest('hex')}`;
  };
  await visit(folder);
  return found;
}
