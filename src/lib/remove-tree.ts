import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

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
  const remove = () => promisify(execFile)('rm', ['-rf', '--', path], { env: { PATH } });
  await remove().catch(async () => {
    await promisify(execFile)('chmod', ['-R', 'u+rwX', '--', path], { env: { PATH } }).catch(() => undefined);
    await remove();
  });
}
