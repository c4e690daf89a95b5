/** Files of JSON lines: the bytes. What the lines mean is in log.ts and journal.ts. */
import { constants } from 'node:fs';
import { dirname } from 'node:path';
import { DarkFactoryError } from '../../lib/failure.ts';
import { asEnvironmentError, FILE_MODE, openToRead, syncFolder, unreadable } from '../files/files.ts';
import { type OpenFile, openFile } from '../files/open-file.ts';

/** One entry; a tool's output is cut long before. */
export const MAX_LINE_BYTES = 8 * 1024 * 1024;
/** One log. At some hundred bytes an entry this is millions of them. */
export const MAX_LOG_BYTES = 1024 * 1024 * 1024;
const CHUNK_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;

/** Makes the file when it is not there; its folder must be. */
export function openToAppend(file: string): OpenFile {
  try {
    return openFile(file, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, FILE_MODE);
  } catch (error) {
    throw asEnvironmentError(error, file);
  }
}

/**
 * Hands every complete line from byte `from` to `take`; a last line without its end is left out, being torn or still under
 * way. Blank lines are skipped.
 *
 * @param lineBefore number of lines before `from`, for messages
 * @param take is given where the line ends in the file, too
 * @returns where the last complete line ends, and its number
 */
export async function readLines(
  file: string,
  open: OpenFile,
  range: { from: number; to: number; lineBefore: number },
  take: (line: string, number: number, end: number) => void,
): Promise<{ end: number; lines: number }> {
  if (range.to > MAX_LOG_BYTES) throw unreadable(file, `it has ${range.to} bytes`, 'Look at what wrote it.');
  let end = range.from;
  let lines = range.lineBefore;
  let rest: Buffer[] = [];
  let restBytes = 0;
  for (let at = range.from; at < range.to; ) {
    const chunk = await open.read(at, Math.min(CHUNK_BYTES, range.to - at));
    if (chunk.length === 0) break;
    let start = 0;
    for (let stop = chunk.indexOf(NEWLINE); stop !== -1; stop = chunk.indexOf(NEWLINE, start)) {
      const piece = chunk.subarray(start, stop);
      const line = restBytes === 0 ? piece : Buffer.concat([...rest, piece]);
      lines += 1;
      if (line.length > 0) take(decode(file, line, lines), lines, at + stop + 1);
      rest = [];
      restBytes = 0;
      start = stop + 1;
      end = at + start;
    }
    if (start < chunk.length) {
      rest.push(chunk.subarray(start));
      restBytes += chunk.length - start;
      if (restBytes > MAX_LINE_BYTES) throw corrupt(file, lines + 1, 'the line is too long');
    }
    at += chunk.length;
  }
  return { end, lines };
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(file: string, line: Buffer, number: number): string {
  try {
    return utf8.decode(line);
  } catch (error) {
    throw corrupt(file, number, 'it holds bytes that are no text', error);
  }
}

/** Damage that is not a torn end: nothing may be appended or believed before a person has looked. */
export function corrupt(file: string, line: number, problem: string, cause?: unknown): DarkFactoryError {
  const remedy = 'Put a copy of the file back, or move that line out of it by hand if you can do without it.';
  return unreadable(file, `line ${line} is damaged (${problem})`, remedy, cause);
}

/**
 * Cuts off a last line without end, which a writer left that died. Only for whoever holds the file's lock: without it the
 * line may be another writer's, still under way.
 *
 * @returns the length after the repair
 */
export async function cutTornLine(open: OpenFile, size: number): Promise<number> {
  if (size === 0 || (await open.read(size - 1, 1))[0] === NEWLINE) return size;
  let keep = 0;
  for (let to = size; to > 0; ) {
    const from = Math.max(0, to - 64 * 1024);
    const at = (await open.read(from, to - from)).lastIndexOf(NEWLINE);
    if (at !== -1) {
      keep = from + at + 1;
      break;
    }
    to = from;
  }
  open.truncate(keep);
  return keep;
}

/** `now`: what was appended is on disk, with all before it. `later`: it outlives its process; a power cut may still take it. */
export type Forced = 'now' | 'later';

/**
 * Appends. On failure the file is as long as before. When the process dies in the middle, a beginning of `data` may stand there:
 * whole lines, and a torn one.
 *
 * @param size the present length; zero makes the file's name durable too
 */
export async function appendLines(
  file: string,
  open: OpenFile,
  size: number,
  data: Buffer,
  forced: Forced,
): Promise<void> {
  if (size + data.length > MAX_LOG_BYTES) {
    throw new DarkFactoryError(
      'failed',
      'log_full',
      `${file}: has reached ${size} bytes.`,
      'Start a new project.',
    );
  }
  try {
    await open.write(data);
  } catch (error) {
    open.truncate(size);
    throw asEnvironmentError(error, file);
  }
  if (forced === 'now' || size === 0) await open.sync('data');
  if (size === 0) await syncFolder(dirname(file));
}

/** What was appended by anybody is on disk when it resolves. */
export async function forceLines(file: string): Promise<void> {
  const open = openToRead(file);
  try {
    await open?.sync('data');
  } finally {
    open?.close();
  }
}
