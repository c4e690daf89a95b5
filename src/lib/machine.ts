import { readFile, statfs } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';

/**
 * Bytes that may still be written below a folder, and bytes of its file system.
 *
 * @returns `null` where the folder is gone, or its file system does not tell
 */
export async function spaceOf(folder: string): Promise<{ free: number; size: number } | null> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    return { free: bavail * bsize, size: blocks * bsize };
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
