import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { SilentLock } from '../../factory/diagnosis/facts.ts';
import type { Project } from '../../factory/model/project.ts';
import { LOCK_TIMINGS } from '../../lib/locks/lock.ts';
import { lookAtLock } from '../../lib/locks/lock-links.ts';
import type { Services } from '../../services.ts';

/** A holder gives a sign far more often than this. Milliseconds. */
const SILENT_MS = 4 * LOCK_TIMINGS.refreshMs;

/** Locks of the home, of its open projects and of their repositories that hold others up. Those of dead processes hold up nobody. */
export async function silentLocks(
  { home, state, liveness }: Pick<Services, 'home' | 'state' | 'liveness'>,
  open: readonly Project[],
): Promise<SilentLock[]> {
  const folders = new Set([home.data, join(home.data, 'gates'), home.run, join(home.setups, 'locks')]);
  for (const { id, repository, worktreePath } of open) {
    const folder = state.projectFolder(id);
    for (const each of [folder, join(folder, 'agents')]) folders.add(each);
    folders.add(join(repository, '.git', 'dark-factory'));
    folders.add(join(repository, '.git', 'worktrees', basename(worktreePath), 'dark-factory'));
  }
  const found: SilentLock[] = [];
  for (const folder of folders) {
    // A folder that is not there holds no lock.
    for (const name of await readdir(folder).catch(() => [])) {
      if (!isLock(folder, name)) continue;
      const path = join(folder, name);
      const lock = lookAtLock(path);
      if (lock === null || lock.silentMs < SILENT_MS) continue;
      if (lock.holder !== null && (await liveness(lock.holder)) === 'dead') continue;
      found.push({ path, pid: lock.holder?.pid ?? null, silentMs: lock.silentMs });
    }
  }
  return found;
}

function isLock(folder: string, name: string): boolean {
  return name === 'lock' || name.endsWith('.lock') || (folder.endsWith('/locks') && !name.includes('.'));
}
