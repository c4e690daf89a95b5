import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Who is running on this machine, as far as `/proc` tells; on systems without it every answer is "unknown". */

/** `null`: this system has no `/proc`. */
export async function allProcesses(): Promise<number[] | null> {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch (error) {
    if (unseen(error)) return null;
    throw error;
  }
}

/** Processes whose environment holds `NAME=value`. Those of other users cannot be seen. */
export async function processesWith(variable: string): Promise<number[]> {
  const found: number[] = [];
  for (const pid of (await allProcesses()) ?? []) {
    const environment = await readProc(pid, 'environ');
    if (environment?.split('\0').includes(variable)) found.push(pid);
  }
  return found;
}

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
  const processes = await allProcesses();
  if (processes === null) return 'unknown';
  for (const pid of processes) {
    if (pid === process.pid) continue;
    if (await hasOpen(pid, file)) return pid;
    const name = (await readProc(pid, 'comm'))?.trim();
    if (name !== 'git' && !name?.startsWith('git-')) continue;
    const where = await linkOf(`/proc/${pid}/cwd`);
    const words = (await readProc(pid, 'cmdline')) ?? '';
    // A git of another user: it can be seen, but not what it does.
    if (where === null) return 'unknown';
    if (
      folders.some((folder) => where === folder || where.startsWith(`${folder}/`) || words.includes(folder))
    )
      return pid;
  }
  return 'none';
}

async function hasOpen(pid: number, file: string): Promise<boolean> {
  try {
    for (const descriptor of readdirSync(`/proc/${pid}/fd`))
      if ((await linkOf(`/proc/${pid}/fd/${descriptor}`)) === file) return true;
    return false;
  } catch (error) {
    if (unseen(error)) return false;
    throw error;
  }
}

async function readProc(pid: number, name: string): Promise<string | null> {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch (error) {
    if (unseen(error)) return null;
    throw error;
  }
}

async function linkOf(path: string): Promise<string | null> {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (unseen(error)) return null;
    throw error;
  }
}

/** Gone in the meantime, or another user's. */
function unseen(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    ['ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'ENOTDIR'].includes(String(error.code))
  );
}
