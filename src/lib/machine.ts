import { readFile, statfs } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';

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
export async function memoryNow(): Promise<{ available: number; total: number }> {
  const text = await readFile('/proc/meminfo', 'utf8').catch(() => '');
  const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1];
  return { available: kib === undefined ? freemem() : Number(kib) * 1024, total: totalmem() };
}
