import { readFileSync } from 'node:fs';
import { readFile, stat, statfs } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import path, { join } from 'node:path';

/**
 * Bytes that may still be written below a folder, and bytes of its file system.
 *
 * @returns `null` where the folder is gone, or its file system does not tell
 */
export async function spaceOf(folder: string): Promise<{ free: number; size: number } | null> {
  try {
    const { bavail, blocks, bsize, files, ffree } = await statfs(folder);
    // Without an inode no byte can be written either. Some file systems count none, which says nothing.
    const full = files > 0 && ffree === 0;
    return { free: full ? 0 : bavail * bsize, size: blocks * bsize };
  } catch {
    // Whoever needs the folder says what is wrong with it.
    return null;
  }
}

/** Memory that could be had without swapping, and all of it: the caches count as free, where the system tells. Bytes. */
export interface MemoryNow {
  available: number;
  total: number;
}

/** Of the machine, or of the container where that has less. */
export async function memoryNow(): Promise<MemoryNow> {
  const text = await readFile('/proc/meminfo', 'utf8').catch(() => '');
  const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1];
  const host = { available: kib === undefined ? freemem() : Number(kib) * 1024, total: totalmem() };
  return withinGroups(host, readOr(OWN_GROUPS) ?? '', CONTROL_GROUPS);
}

/** All memory there is for us. Bytes. */
export function totalMemory(): number {
  const host = { available: totalmem(), total: totalmem() };
  return withinGroups(host, readOr(OWN_GROUPS) ?? '', CONTROL_GROUPS).total;
}

const OWN_GROUPS = '/proc/self/cgroup';
const CONTROL_GROUPS = '/sys/fs/cgroup';

/**
 * The least that the machine and its control groups leave: the limit of each holds for all that is in it.
 *
 * @param own text of /proc/self/cgroup
 * @param root where control groups are mounted
 */
export function withinGroups(host: MemoryNow, own: string, root: string): MemoryNow {
  return groupsOf(own, root).reduce(({ available, total }, group) => {
    const limit = Number(readOr(join(group.folder, group.limit)));
    // `max`, no such file, or the number that stands for no limit in version 1.
    if (!Number.isSafeInteger(limit) || limit <= 0 || limit >= host.total) return { available, total };
    const used = Number(readOr(join(group.folder, group.used)) ?? 0);
    const stat = readOr(join(group.folder, 'memory.stat')) ?? '';
    const cached = Number(new RegExp(`^${group.cached} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0);
    const left = Math.max(0, limit - Math.max(0, used - cached));
    return { available: Math.min(available, left), total: Math.min(total, limit) };
  }, host);
}

interface Group {
  folder: string;
  /** Names of its files, and of the line for files that are cached and were not used lately. */
  limit: string;
  used: string;
  cached: string;
}

const VERSION_1 = {
  limit: 'memory.limit_in_bytes',
  used: 'memory.usage_in_bytes',
  cached: 'total_inactive_file',
};
const VERSION_2 = { limit: 'memory.max', used: 'memory.current', cached: 'inactive_file' };

/** The control group for memory of the process that `own` (the text of its /proc/self/cgroup) is about, and those above it. */
function groupsOf(own: string, root: string): Group[] {
  return own.split('\n').flatMap((line) => {
    const [, controllers = '', path = ''] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (path === '' || (controllers !== '' && !controllers.split(',').includes('memory'))) return [];
    const [top, names] = controllers === '' ? [root, VERSION_2] : [join(root, 'memory'), VERSION_1];
    const parts = path.split('/').filter((part) => part !== '' && part !== '..');
    return [...parts, ''].map((_, count) => ({ folder: join(top, ...parts.slice(0, count)), ...names }));
  });
}

function readOr(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return null;
  }
}

/** The folder itself, or the nearest one above it that exists: the home is made when it is first needed. */
export async function nearestFolder(folder: string): Promise<string> {
  const there = await stat(folder).then(
    () => true,
    () => false,
  );
  const parent = path.dirname(folder);
  return there || parent === folder ? folder : nearestFolder(parent);
}
