import { createHash } from 'node:crypto';
import { writev, writevSync } from 'node:fs';
import { promisify } from 'node:util';

/** Bytes of the end that are kept for the model; of the start twice that, so that short output is there whole. */
export const KEPT_TAIL = 8 * 1024;
const KEPT_HEAD = 2 * KEPT_TAIL;
/** Output up to this size is written in one go at the end: the usual case, and without a trip through the thread pool. */
const SMALL = 64 * 1024;
/** With more than this waiting to be written the command is slowed down. */
const HIGH_WATER = 1024 * 1024;

export interface Captured {
  /** All that the command wrote, also what was dropped. */
  bytes: number;
  /** What stands in the file. */
  kept: number;
  hash: string;
  head: Buffer;
  /** The true end of the output, also where it is not in the file any more. */
  tail: Buffer;
}

export interface Capture {
  /**
   * Takes what was read; copies it. Beyond the cap bytes are counted and dropped, so that the command never blocks.
   * @returns false: stop reading until `resume` is called
   */
  take(chunk: Uint8Array): boolean;
  /** After the last chunk. Throws what writing threw (a full disk). */
  finish(): Promise<Captured>;
}

/**
 * Streams output into a file of at most `cap` bytes, with constant memory.
 *
 * @param file an open, empty file
 */
export function createCapture(file: number, cap: number, resume: () => void): Capture {
  const hash = createHash('sha256');
  const head: Buffer[] = [];
  let tail: Buffer = Buffer.alloc(0);
  let waiting: Buffer[] = [];
  let writing: Promise<void> | null = null;
  let problem: unknown = null;
  let paused = false;
  const count = { bytes: 0, kept: 0, head: 0, waiting: 0 };

  async function write(): Promise<void> {
    while (waiting.length > 0 && problem === null) {
      const batch = waiting;
      const size = count.waiting;
      waiting = [];
      try {
        await writeAll(file, batch);
      } catch (error) {
        problem = error;
      }
      count.waiting -= size;
      if (paused) {
        paused = false;
        resume();
      }
    }
    writing = null;
  }

  function store(piece: Buffer): void {
    hash.update(piece);
    count.kept += piece.length;
    count.waiting += piece.length;
    waiting.push(piece);
    if (count.waiting > SMALL) writing ??= write();
  }

  return {
    take(chunk) {
      const bytes = Buffer.from(chunk);
      count.bytes += bytes.length;
      if (count.head < KEPT_HEAD) {
        head.push(bytes.subarray(0, KEPT_HEAD - count.head));
        count.head += bytes.length;
      }
      tail =
        bytes.length >= KEPT_TAIL
          ? bytes.subarray(-KEPT_TAIL)
          : Buffer.concat([tail, bytes]).subarray(-KEPT_TAIL);
      const room = cap - count.kept;
      if (room > 0 && problem === null) store(bytes.subarray(0, room));
      paused = problem === null && count.waiting > HIGH_WATER;
      return !paused;
    },
    async finish() {
      while (writing !== null) await writing;
      if (problem !== null) throw problem;
      if (waiting.length > 0) writeAllSync(file, waiting);
      return {
        bytes: count.bytes,
        kept: count.kept,
        hash: hash.digest('hex'),
        head: Buffer.concat(head),
        tail: Buffer.from(tail),
      };
    },
  };
}

/** A write may take only a part of what it is given. */
async function writeAll(file: number, pieces: Buffer[]): Promise<void> {
  for (let left = pieces; left.length > 0; ) {
    const { bytesWritten } = await promisify(writev)(file, left);
    left = after(left, bytesWritten);
  }
}

function writeAllSync(file: number, pieces: Buffer[]): void {
  for (let left = pieces; left.length > 0; ) left = after(left, writevSync(file, left));
}

function after(pieces: readonly Buffer[], written: number): Buffer[] {
  const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return written === size ? [] : [Buffer.concat(pieces).subarray(written)];
}
