import { readdirSync, readFileSync } from 'node:fs';
import { isUnseen, orNullSync } from '../../lib/errno.ts';

const PAGE = 4_096;

/** What a tree of processes uses. `rss` counts shared pages once per process and so is an upper bound. Bytes. */
export interface TreeUse {
  pids: number[];
  rss: number;
}

/**
 * The living descendants of a process, without itself, from Linux's /proc; what ends while we look is left out.
 *
 * Reads synchronously: a read of /proc takes microseconds, its trip through the thread pool ten times as long.
 *
 * @param limit stops after so many: a fork bomb must not cost us more than it has to
 */
export function descendants(root: number, limit: number): number[] {
  const found: number[] = [];
  const open = [root];
  for (let pid = open.pop(); pid !== undefined && found.length < limit; pid = open.pop()) {
    for (const child of childrenOf(pid)) {
      found.push(child);
      open.push(child);
    }
  }
  return found;
}

/** As `descendants`, with the memory they hold. */
export function treeUse(root: number, limit: number): TreeUse {
  const pids = descendants(root, limit);
  return { pids, rss: pids.reduce((sum, pid) => sum + residentOf(pid), 0) };
}

/** Memory of processes with shared pages counted once over all that share them. Slow (the kernel walks page tables). */
export function proportionalMemory(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const line = /^Pss:\s+(\d+) kB/m.exec(readOr(`/proc/${pid}/smaps_rollup`));
    return sum + (line ? Number(line[1]) * 1_024 : residentOf(pid));
  }, 0);
}

function residentOf(pid: number): number {
  const pages = Number(readOr(`/proc/${pid}/statm`).split(' ')[1]);
  return Number.isFinite(pages) ? pages * PAGE : 0;
}

/** Children stand with the thread that made them. */
function childrenOf(pid: number): number[] {
  return threadsOf(pid).flatMap((thread) =>
    readOr(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number),
  );
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch (error) {
    if (isUnseen(error)) return [];
    throw error;
  }
}

function readOr(file: string): string {
  return orNullSync(() => readFileSync(file, 'utf8'), isUnseen) ?? '';
}
