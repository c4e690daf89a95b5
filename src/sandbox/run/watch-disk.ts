import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { always, orNullSync } from '../../lib/errno.ts';
import { descendants } from './process-tree.ts';

/** A disk takes some hundred MB in this time. Milliseconds. */
const PAUSE = 250;
/** What a command may write also on a disk that is nearly full: somebody has to be able to clean up. Bytes. */
export const ALWAYS = 64 * 1024 * 1024;
/** Of the files that a file system can hold: a command makes some ten thousand between two looks. */
const RESERVE_SHARE = 0.05;
const MOST_RESERVED = 200_000;
/** As `ALWAYS`, for files. */
export const ALWAYS_FILES = 10_000;
/** More processes than this are not asked. */
const MOST = 1_000;

export interface DiskLimit {
  /** On the disk that is watched. */
  folder: string;
  /** Bytes that commands leave free on it. None: nothing is watched, the number of files neither. */
  reserve: number;
}

export interface DiskUse {
  /** Bytes free now, and how much more it was since the command began. */
  free: number;
  fallen: number;
  /** Bytes that the living processes of the command wrote to disks; `null`: this system does not tell. */
  written: number | null;
}

/**
 * Is the reserve touched, and by this command? Below half of the reserve every command ends that runs while the disk fills,
 * for many short processes write without being caught at it, and a full disk stops everybody.
 */
export function fillsDisk({ free, fallen, written }: DiskUse, reserve: number): boolean {
  if (free >= reserve || fallen <= ALWAYS) return false;
  return written === null || written > ALWAYS || free < reserve / 2;
}

export interface FileUse {
  /** How many the file system can hold; 0 where it does not count. */
  total: number;
  /** As in `DiskUse`. */
  free: number;
  fallen: number;
}

/**
 * Does the disk run out of files? Empty ones cost no byte, and without a place for one nobody can work. Who makes them is told
 * nowhere, so every command ends that runs while they become many.
 */
export function fillsFiles({ total, free, fallen }: FileUse): boolean {
  return total > 0 && free < Math.min(total * RESERVE_SHARE, MOST_RESERVED) && fallen > ALWAYS_FILES;
}

/**
 * Watches the disk while a command runs and tells once when the command fills it.
 *
 * @param root its descendants are the command
 * @returns stops watching
 */
export function watchDisk(root: number, { folder, reserve }: DiskLimit, full: () => void): () => void {
  let [most, mostFiles] = [0, 0];
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    const found = await room(folder);
    if (stopped || found === null) return;
    const { free, freeFiles, files } = found;
    most = Math.max(most, free);
    mostFiles = Math.max(mostFiles, freeFiles);
    const fallen = most - free;
    const written = free < reserve && fallen > ALWAYS ? writtenBy(root) : null;
    const takesFiles =
      reserve > 0 && fillsFiles({ total: files, free: freeFiles, fallen: mostFiles - freeFiles });
    if (takesFiles || fillsDisk({ free, fallen, written }, reserve)) full();
    else timer = setTimeout(look, PAUSE);
  }

  // Asked at once, for what is free at the start is what is compared with.
  void look();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

/** @returns `null` when the folder is gone, or its file system does not tell: then nothing is watched */
async function room(folder: string): Promise<{ free: number; freeFiles: number; files: number } | null> {
  return statfs(folder).then(
    ({ bavail, bsize, ffree, files }) => ({ free: bavail * bsize, freeFiles: ffree, files }),
    () => null,
  );
}

function writtenBy(root: number): number | null {
  const each = descendants(root, MOST).map(writtenBytes);
  const known = each.filter((bytes) => bytes !== null);
  return known.length === 0 ? null : known.reduce((sum, bytes) => sum + bytes, 0);
}

/** @returns `null`: ended meanwhile, or this system does not tell; the rule knows the case */
function writtenBytes(pid: number): number | null {
  const text = orNullSync(() => readFileSync(`/proc/${pid}/io`, 'utf8'), always) ?? '';
  const found = /^write_bytes: (\d+)$/m.exec(text);
  return found ? Number(found[1]) : null;
}
