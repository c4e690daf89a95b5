import { readFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { hasCode, isUnseen, orNull, orNullSync } from '../../lib/errno.ts';

/**
 * Memory without a name that processes share, in the map of a process. It stays as long as one of them maps a piece of it, and is
 * resident in none that let go of its pages.
 */
const SHARED = /^0*([0-9a-f]+)-0*([0-9a-f]+) \S+ ([0-9a-f]+) \S+ (\d+) +\/dev\/zero \(deleted\)$/gm;
const BLOCK = 512;
/** A database has one; more of them than this cannot be asked for between two looks. */
const MOST = 10_000;
/** So often one that moves its part about while it is looked at is asked again. */
const LOOKS = 3;

interface SharedPart {
  inode: string;
  /** The range of addresses, as the kernel names it among the mapped files. */
  range: string;
  /** Bytes from the beginning of what is shared to the end of this part. */
  reach: number;
}

/** @param maps text of /proc/PID/maps */
export function sharedIn(maps: string): SharedPart[] {
  return [...maps.matchAll(SHARED)].map(([, start = '', end = '', offset = '', inode = '']) => ({
    inode,
    range: `${start}-${end}`,
    reach: hex(offset) + hex(end) - hex(start),
  }));
}

/** What all processes of this machine hold at the most that is resident in none of them. Bytes. */
export function mostUnseen(): number {
  const meminfo = orNullSync(() => readFileSync('/proc/meminfo', 'utf8'), isUnseen) ?? '';
  return bytesOf('Shmem', meminfo) + bytesOf('SwapTotal', meminfo) - bytesOf('SwapFree', meminfo);
}

/**
 * Memory of these processes behind which there is no file: what is resident of their own, and all that they share, resident or not. What
 * others hold does not count. Slow. Bytes; `Infinity` where they share too many pieces to be asked for.
 */
export async function heldMemory(pids: readonly number[]): Promise<number> {
  const taken = new Map<string, number>();
  const mapped = new Map<string, number>();
  let own = 0;
  let asked = 0;
  for (const pid of pids) {
    own += bytesOf('Pss_Anon', await textOf(`/proc/${pid}/smaps_rollup`));
    for (const part of sharedIn(await textOf(`/proc/${pid}/maps`))) {
      const { inode, reach } = part;
      const known = mapped.get(inode);
      if (known !== undefined) mapped.set(inode, Math.max(known, reach));
      if (known !== undefined || taken.has(inode)) continue;
      if (++asked > MOST) return Number.POSITIVE_INFINITY;
      const bytes = await takenBy(pid, part);
      if (bytes === null) mapped.set(inode, reach);
      else if (bytes > 0) taken.set(inode, bytes);
    }
  }
  return [...taken.values(), ...mapped.values()].reduce((sum, bytes) => sum + bytes, own);
}

/**
 * @returns bytes; 0 of a process that ended or let go meanwhile, which says nothing of others. `null` where the kernel does not tell, which
 *   tells root alone, or where the part is elsewhere at each look: what is mapped has to count then, used or not
 */
async function takenBy(pid: number, { inode, range }: SharedPart): Promise<number | null> {
  let at: string | undefined = range;
  for (let look = 0; look < LOOKS; look++) {
    if (at === undefined) return 0;
    try {
      return (await stat(`/proc/${pid}/map_files/${at}`)).blocks * BLOCK;
    } catch (error) {
      if (!isUnseen(error)) throw error;
      if (hasCode(error, 'EACCES', 'EPERM')) return null;
    }
    at = sharedIn(await textOf(`/proc/${pid}/maps`)).find((part) => part.inode === inode)?.range;
  }
  return null;
}

async function textOf(file: string): Promise<string> {
  return (await orNull(readFile(file, 'utf8'), isUnseen)) ?? '';
}

function bytesOf(field: string, text: string): number {
  return Number(new RegExp(`^${field}: +(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0) * 1_024;
}

const hex = (digits: string): number => Number.parseInt(digits, 16);
