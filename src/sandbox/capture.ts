import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

/** Bytes of the end that are kept for the model; of the start twice that, so that short output is there whole. */
export const KEPT_TAIL = 8 * 1024;
const KEPT_HEAD = 2 * KEPT_TAIL;
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

/** Streams output into a file of at most `cap` bytes, with constant memory. */
export function createCapture(file: FileHandle, cap: number, resume: () => void): Capture {
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
        await file.writev(batch);
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
    writing ??= write();
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
