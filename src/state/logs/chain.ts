/**
 * Logs whose lines are chained: each carries a hash over itself and the hash of the line before it, so that an edited,
 * removed, inserted or moved line does not fit any more. Beside the log lies its head: length and last hash, which tell of
 * whole lines that are missing at the end.
 *
 * There is no secret in it. Whoever can write both files and computes every hash after the change anew is not found out,
 * unless somebody kept an earlier hash elsewhere.
 */

import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { errorCode } from '../../lib/errno.ts';
import { FILE_MODE, openToRead } from '../files/files.ts';
import { type OpenFile, openFile } from '../files/open-file.ts';
import { readLines } from './lines.ts';

export interface ChainPlace {
  file: string;
  headFile: string;
  /** Stands for the hash before the first line: tells one log from another. */
  start: string;
}

/** One writer's view of a chain. All its methods are for whoever holds the log's lock. */
export interface Chain {
  /**
   * @param length of the log, all of it whole lines
   * @param texts JSON objects with at least one entry
   */
  extend(open: OpenFile, length: number, texts: readonly string[]): Promise<Extension>;
}

export interface Extension {
  /** The texts, each with its hash. */
  lines: string[];
  /** To be called when the lines are on disk. */
  done(length: number): Promise<void>;
}

const LINK = /^(.*),"chain":"([A-Za-z0-9_-]{43})"\}$/s;

export function createChain(place: ChainPlace): Chain {
  let known: { inode: bigint; length: number; last: string } | null = null;

  async function lastLink(open: OpenFile, length: number): Promise<string> {
    if (known !== null && known.length === length && known.inode === open.key().inode) return known.last;
    const head = await readHead(place.headFile);
    // Lines are missing: the next one goes on from the last that there was, and so tells of it for ever.
    if (head !== null && head.length > length) return head.last;
    return lastOf(place, open, length);
  }

  return {
    async extend(open, length, texts) {
      let last = await lastLink(open, length);
      const lines = texts.map((text) => {
        last = linkOf(last, text);
        return `${text.slice(0, -1)},"chain":"${last}"}`;
      });
      const { inode } = open.key();
      return {
        lines,
        async done(newLength) {
          known = { inode, length: newLength, last };
          await writeHead(place.headFile, known);
        },
      };
    },
  };
}

export function linkOf(before: string, text: string): string {
  return createHash('sha256').update(before).update('\n').update(text).digest('base64url');
}

/** What a line says its hash is, and the text that it is over; `link` is `null` for a line of before there were chains. */
export function splitLink(line: string): { text: string; link: string | null } {
  // Only the end can match; without this a long line would be walked for nothing.
  const found = line.endsWith('"}') ? LINK.exec(line) : null;
  return found === null ? { text: line, link: null } : { text: `${found[1]}}`, link: found[2] ?? null };
}

/** Lines without a hash count too, so that the first one with a hash seals all before it. */
export function advance(before: string, line: string): string {
  return splitLink(line).link ?? linkOf(before, line);
}

/** A line with its hash is found near the end; only in a log of an older program everything has to be read, once. */
async function lastOf(place: ChainPlace, open: OpenFile, length: number): Promise<string> {
  const from = Math.max(0, length - 64 * 1024);
  const end = (await open.read(from, length - from)).toString('utf8').trimEnd();
  const { link } = splitLink(end.slice(end.lastIndexOf('\n') + 1));
  if (link !== null) return link;
  let last = place.start;
  await readLines(place.file, open, { from: 0, to: length, lineBefore: 0 }, (line) => {
    last = advance(last, line);
  });
  return last;
}

export interface Head {
  length: number;
  last: string;
}

const HEAD = /^ *(\d+) ([A-Za-z0-9_-]{43})\n$/;

/** @returns `null` when there is none, or none that can be read */
export async function readHead(file: string): Promise<Head | null> {
  const open = openToRead(file);
  if (open === null) return null;
  try {
    const found = HEAD.exec((await open.read(0, 128)).toString('latin1'));
    return found === null ? null : { length: Number(found[1]), last: found[2] ?? '' };
  } finally {
    open.close();
  }
}

/** Always of one length, written in place and not forced to disk: cheap, and after a power cut at most behind the log. */
async function writeHead(file: string, { length, last }: Head): Promise<void> {
  try {
    const open = openFile(file, constants.O_WRONLY | constants.O_CREAT, FILE_MODE);
    try {
      await open.write(Buffer.from(`${String(length).padStart(16)} ${last}\n`));
    } finally {
      open.close();
    }
  } catch (error) {
    // The lines themselves are on disk: a head that is behind says less, and nothing wrong.
    if (errorCode(error) === undefined) throw error;
  }
}
