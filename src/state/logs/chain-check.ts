/** Looks whether a chained log is as it was written. */
import { DarkFactoryError } from '../../lib/failure.ts';
import { openToRead } from '../files/files.ts';
import type { OpenFile } from '../files/open-file.ts';
import { advance, type ChainPlace, type Head, linkOf, readHead, splitLink } from './chain.ts';
import { readLines } from './lines.ts';

export interface ChainReport {
  file: string;
  lines: number;
  /** Lines at the beginning without a hash of their own, written before there were chains; the first hash covers them. */
  unchained: number;
  /** A last line without its end, which a writer left that died: no forgery. */
  torn: boolean;
  /** The last hash. Kept elsewhere, it proves later that everything up to here is still the same. */
  last: string;
  findings: { line: number; problem: string }[];
}

/** Reads the whole log; changes nothing. A writer may be at work meanwhile. */
export async function checkChain(place: ChainPlace): Promise<ChainReport> {
  // First the head: the log may only have grown since.
  const head = await readHead(place.headFile);
  const walk = createWalk(place.start, head);
  const open = openToRead(place.file);
  const torn = open !== null && (await readAll(place.file, open, walk));
  const { lines, unchained, last } = walk;
  const missing = headProblem(head, walk);
  const findings = missing === null ? walk.findings : [...walk.findings, missing];
  return { file: place.file, lines, unchained, torn, last, findings };
}

interface Walk {
  lines: number;
  unchained: number;
  chained: number;
  last: string;
  /** Where the last line that was seen ends. */
  end: number;
  /** The head's line was met. */
  metHead: boolean;
  findings: ChainReport['findings'];
  take(line: string, number: number): void;
}

function createWalk(start: string, head: Head | null): Walk {
  const walk: Walk = {
    lines: 0,
    unchained: 0,
    chained: 0,
    last: start,
    end: 0,
    metHead: head?.length === 0,
    findings: [],
    take(line, number) {
      const blank = number - walk.lines - 1;
      if (blank > 0) walk.findings.push({ line: walk.lines + 1, problem: 'an empty line was inserted' });
      walk.lines = number;
      walk.end += Buffer.byteLength(line) + 1 + Math.max(0, blank);
      const { text, link } = splitLink(line);
      if (link === null && walk.chained === 0) walk.unchained += 1;
      else if (link === null) walk.findings.push({ line: number, problem: NO_LINK });
      else {
        walk.chained += 1;
        if (linkOf(walk.last, text) !== link) walk.findings.push({ line: number, problem: BROKEN });
      }
      walk.last = advance(walk.last, line);
      if (walk.last === head?.last) walk.metHead = true;
    },
  };
  return walk;
}

const NO_LINK = 'it carries no hash: it was inserted, or written by an older df';
const BROKEN =
  'it does not follow from what stands before it: it was edited, or lines before it were edited, removed, inserted or moved';

/** @returns whether the last line is torn */
async function readAll(file: string, open: OpenFile, walk: Walk): Promise<boolean> {
  try {
    const { size } = open.key();
    const { end } = await readLines(file, open, { from: 0, to: size, lineBefore: 0 }, walk.take);
    return end < size;
  } catch (error) {
    if (!(error instanceof DarkFactoryError) || error.code !== 'state_unreadable') throw error;
    walk.findings.push({ line: walk.lines + 1, problem: `it cannot be read (${error.message})` });
    return false;
  } finally {
    open.close();
  }
}

function headProblem(head: Head | null, walk: Walk): ChainReport['findings'][number] | null {
  const line = walk.lines + 1;
  if (head === null) {
    if (walk.chained === 0) return null;
    return { line, problem: 'the head of the log is missing: whether lines are missing here cannot be told' };
  }
  if (walk.metHead) return null;
  if (head.length > walk.end) return { line, problem: 'lines are missing at the end of the log' };
  return { line: walk.lines, problem: 'the end of the log is not the one that was written' };
}
