import { rmdir } from 'node:fs/promises';
import { expecting, hasCode, isMissing } from './errno.ts';
import { runProgram } from './process/run-program.ts';

/** Where these two programs are on every system that we know. */
const PATH = '/usr/bin:/bin:/run/current-system/sw/bin';

/**
 * Removes a folder and everything in it, also where an agent took the permission away or nested folders deeper than any
 * path may be long. Symbolic links are removed, not followed. Nothing there is fine.
 *
 * By the system's program, which goes down step by step: Node's own call takes whole paths, and gives up where they get
 * too long.
 */
export async function removeTree(path: string): Promise<void> {
  const env = { PATH };
  const remove = () => runProgram('rm', ['-rf', '--', path], { env });
  if ((await remove()).problem === null) return;
  await runProgram('chmod', ['-R', 'u+rwX', '--', path], { env });
  const { problem, stderr } = await remove();
  if (problem !== null)
    throw new Error(`${path} could not be removed: ${stderr.split('\n', 1)[0] || problem}`);
}

/** A folder that holds something, or is gone, stays as it is. */
export async function removeIfEmpty(folder: string): Promise<void> {
  await rmdir(folder).catch(expecting((error) => isMissing(error) || hasCode(error, 'ENOTEMPTY'), undefined));
}
