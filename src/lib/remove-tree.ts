import { lstat, rmdir } from 'node:fs/promises';
import { expecting, hasCode, isMissing, orNull } from './errno.ts';
import { runProgram } from './process/run-program.ts';

/** Where `rm`, `chmod` and `find` are on every system that we know. */
export const SYSTEM_PATH = '/usr/bin:/bin:/run/current-system/sw/bin';

/**
 * Removes folders and everything in them, one after the other, also where an agent took the permission away or nested folders deeper than any
 * path may be long. Symbolic links are removed, not followed. Nothing there is fine.
 *
 * By the system's program, which goes down step by step: Node's own call takes whole paths, and gives up where they get
 * too long.
 */
export async function removeTree(...paths: readonly string[]): Promise<void> {
  const found = await Promise.all(paths.map((path) => orNull(lstat(path))));
  const there = paths.filter((_, at) => found[at] !== null);
  const folders = paths.filter((_, at) => found[at]?.isDirectory());
  if (there.length === 0) return;
  const env = { PATH: SYSTEM_PATH };
  const remove = () => runProgram('rm', ['-rf', '--', ...there], { env });
  if ((await remove()).problem === null) return;
  // It follows a link that it is given by name.
  if (folders.length > 0) await runProgram('chmod', ['-R', 'u+rwX', '--', ...folders], { env });
  const { problem, stderr } = await remove();
  if (problem !== null)
    throw new Error(`${there.join(', ')} could not be removed: ${stderr.split('\n', 1)[0] || problem}`);
}

/** A folder that holds something, or is gone, stays as it is. */
export async function removeIfEmpty(folder: string): Promise<void> {
  await rmdir(folder).catch(expecting((error) => isMissing(error) || hasCode(error, 'ENOTEMPTY'), undefined));
}
