import { readdirSync, readlinkSync } from 'node:fs';
import { isUnseen, orNullSync } from '../../lib/errno.ts';
import { isAlive, processIds, readProc } from '../../lib/process/others.ts';

/** Who is running on this machine, as far as `/proc` tells; on systems without it every answer is "unknown". */

/**
 * Does a live process hold this lock file of git, or might it?
 *
 * git records no process id in a lock file. A holder has it open, or is a git at work in one of `folders` (a `git
 * commit` that waits in an editor has closed the file and still holds it).
 *
 * @returns `unknown` where the system cannot tell
 */
export async function holderOf(
  file: string,
  folders: readonly string[],
): Promise<number | 'none' | 'unknown'> {
  const processes = processIds();
  if (processes === null) return 'unknown';
  let isUnclear = false;
  for (const pid of processes) {
    if (pid === process.pid) continue;
    if (await hasOpen(pid, file)) return pid;
    const name = readProc(pid, 'comm')?.trim();
    if (name !== 'git' && !name?.startsWith('git-')) continue;
    const where = await linkOf(`/proc/${pid}/cwd`);
    const words = readProc(pid, 'cmdline') ?? '';
    if (where === null) {
      // A git of another user can be seen, but not what it does; one that has just ended does nothing.
      isUnclear ||= isAlive(pid);
    } else if (
      folders.some((folder) => where === folder || where.startsWith(`${folder}/`) || words.includes(folder))
    )
      return pid;
  }
  return isUnclear ? 'unknown' : 'none';
}

async function hasOpen(pid: number, file: string): Promise<boolean> {
  for (const descriptor of orNullSync(() => readdirSync(`/proc/${pid}/fd`), isUnseen) ?? [])
    if ((await linkOf(`/proc/${pid}/fd/${descriptor}`)) === file) return true;
  return false;
}

async function linkOf(path: string): Promise<string | null> {
  return orNullSync(() => readlinkSync(path), isUnseen);
}
