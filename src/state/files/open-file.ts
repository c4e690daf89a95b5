/**
 * An open file, for the state's hot path.
 *
 * What the kernel answers from memory (open, stat, a small read or write, close) is asked synchronously: that takes some
 * microseconds, and going through the thread pool takes ten times as long on the very thread it is to keep free. What may
 * wait for the disk (sync, large transfers, making and removing names: these wait for the file system's journal) is
 * asynchronous.
 */
import {
  closeSync,
  constants,
  fdatasync,
  fstatSync,
  fsync,
  ftruncateSync,
  openSync,
  open as openWithCallback,
  readSync,
  read as readWithCallback,
  writeSync,
  write as writeWithCallback,
} from 'node:fs';
import { promisify } from 'node:util';

/** What tells one content of a path from the next without reading it. Not proof: inode numbers are used again. */
export interface FileKey {
  inode: bigint;
  modifiedNs: bigint;
  size: number;
}

export interface OpenFile {
  key(): FileKey;
  /** The bytes from `from` on, `length` of them or fewer where the file ends earlier. */
  read(from: number, length: number): Promise<Buffer>;
  /** All of `data`, where the file was opened for; in one write unless the disk is full. */
  write(data: Buffer): Promise<void>;
  truncate(length: number): void;
  /** Forces content and size to disk. */
  sync(what: 'all' | 'data'): Promise<void>;
  close(): void;
}

const SMALL_BYTES = 128 * 1024;
const openSlowly = promisify(openWithCallback);
const readSlowly = promisify(readWithCallback);
const writeSlowly = promisify(writeWithCallback);
const syncAll = promisify(fsync);
const syncData = promisify(fdatasync);

/**
 * Opens a file that is there as a rule. Throws what the file system says, and its `ENXIO` for a named pipe: whoever opens one waits
 * until somebody opens the other end.
 */
export function openFile(path: string, flags: number, mode?: number): OpenFile {
  const fd = openSync(path, flags | constants.O_NONBLOCK, mode);
  if (!fstatSync(fd).isFIFO()) return wrap(fd);
  closeSync(fd);
  throw Object.assign(new Error(`${path}: a named pipe`), { code: 'ENXIO' });
}

/** Makes a file that must not be there yet, and opens it for writing. Throws what the file system says. */
export async function createFile(path: string, mode: number): Promise<OpenFile> {
  return wrap(await openSlowly(path, 'wx', mode));
}

function wrap(fd: number): OpenFile {
  return {
    key: () => {
      const { ino, mtimeNs, size } = fstatSync(fd, { bigint: true });
      return { inode: ino, modifiedNs: mtimeNs, size: Number(size) };
    },
    async read(from, length) {
      const data = Buffer.allocUnsafe(length);
      let filled = 0;
      while (filled < length) {
        const rest = length - filled;
        const count =
          rest <= SMALL_BYTES
            ? readSync(fd, data, filled, rest, from + filled)
            : (await readSlowly(fd, data, filled, rest, from + filled)).bytesRead;
        if (count === 0) break;
        filled += count;
      }
      return data.subarray(0, filled);
    },
    async write(data) {
      let written = 0;
      while (written < data.length) {
        const rest = data.length - written;
        written +=
          rest <= SMALL_BYTES
            ? writeSync(fd, data, written, rest)
            : (await writeSlowly(fd, data, written, rest)).bytesWritten;
      }
    },
    truncate: (length) => ftruncateSync(fd, length),
    sync: (what) => (what === 'all' ? syncAll(fd) : syncData(fd)),
    close: () => closeSync(fd),
  };
}
