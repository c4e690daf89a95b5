import { plainText } from '../../lib/text/plain-text.ts';
import type { Captured } from './capture.ts';

/** The most that a model is shown of one output. Bytes. */
export const OUTPUT_TEXT_LIMIT = 16 * 1024;
const ROOM_FOR_NOTE = 256;

/**
 * Head and tail of an output for the model: valid UTF-8, without control characters, at most 16 KiB, with a line in between
 * that says how much is missing.
 */
export function outputText(captured: Captured): string {
  const { bytes, kept, head, tail } = captured;
  if (bytes <= head.length) {
    const whole = plainText(decode(head));
    if (Buffer.byteLength(whole) <= OUTPUT_TEXT_LIMIT) return whole;
  }
  const half = (OUTPUT_TEXT_LIMIT - ROOM_FOR_NOTE) / 2;
  const start = firstBytes(plainText(decode(head)), half);
  const end = lastBytes(plainText(decode(tail.subarray(firstWhole(tail)))), half);
  // What was neutralised changed its length; the number is about what the command wrote.
  const missing = Math.max(0, bytes - Math.min(head.length, half) - Math.min(tail.length, half));
  const note = `[… ${missing} of ${bytes} bytes left out${kept < bytes ? `; only the first ${kept} were kept in the file` : ''} …]`;
  return `${start}\n${note}\n${end}`;
}

function decode(bytes: Buffer): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

/** Index of the first byte that starts a character. */
function firstWhole(bytes: Buffer): number {
  let index = 0;
  while (index < 4 && ((bytes[index] ?? 0) & 0xc0) === 0x80) index += 1;
  return index;
}

function firstBytes(text: string, limit: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= limit) return text;
  let end = limit;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
}

function lastBytes(text: string, limit: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= limit) return text;
  const cut = bytes.subarray(bytes.length - limit);
  return cut.toString('utf8', firstWhole(cut));
}
