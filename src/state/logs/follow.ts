import type * as z from 'zod';
import type { Piece } from '../../factory/ports.ts';
import { openToRead } from '../files/files.ts';
import { parseLine } from './line-form.ts';
import { MAX_LINE_BYTES, readLines } from './lines.ts';

/** Bytes that one `readFrom` looks at; the next call goes on behind them. */
const FOLLOW_BYTES = MAX_LINE_BYTES * 2;

export async function readFrom<T>(file: string, schema: z.ZodType<T>, offset: number): Promise<Piece<T>> {
  const open = openToRead(file);
  if (open === null) return { entries: [], ends: [], offset: 0 };
  try {
    const { size } = open.key();
    // Shorter than before: another file stands there now (or a torn line was cut off before anything was appended).
    const from = Math.min(offset, size);
    const entries: T[] = [];
    const ends: number[] = [];
    const range = { from, to: Math.min(size, from + FOLLOW_BYTES), lineBefore: 0 };
    const { end } = await readLines(file, open, range, (line, number, lineEnd) => {
      entries.push(parseLine(file, schema, line, number));
      ends.push(lineEnd);
    });
    return { entries, ends, offset: end };
  } finally {
    open.close();
  }
}
