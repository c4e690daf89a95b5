import { plainText } from '../../../lib/text/plain-text.ts';
import { widthOf, wrapLine } from './wrap.ts';

/** Text whose look was chosen by the program. Its content is already neutralised. */
export interface Styled {
  readonly open: string;
  readonly content: string;
}

/**
 * What may be shown: plain strings are never trusted (they may hold what a model, a test run or a repository wrote) and
 * are neutralised on the way out; only `Styled` carries control sequences, and only those of this file.
 */
export type Text = string | number | Styled | readonly Text[];

const look =
  (open: string) =>
  (text: string | number): Styled => ({ open, content: plainText(String(text)) });

export const bold = look('\u001b[1m');
export const dim = look('\u001b[2m');
export const red = look('\u001b[31m');
export const green = look('\u001b[32m');
export const yellow = look('\u001b[33m');
export const cyan = look('\u001b[36m');

const RESET = '\u001b[0m';

/** @param colour whether the control sequences of `Styled` parts are kept */
export function render(text: Text, colour: boolean): string {
  if (typeof text === 'string') return plainText(text);
  if (typeof text === 'number') return String(text);
  if ('content' in text) return colour ? `${text.open}${text.content}${RESET}` : text.content;
  return text.map((part) => render(part, colour)).join('');
}

/** One of the two streams a command writes to. */
export interface Channel {
  readonly isTerminal: boolean;
  readonly colour: boolean;
  /** Width in characters; 100 where there is no terminal. */
  columns(): number;
  /** On a terminal broken between words; elsewhere one line. */
  line(text?: Text): void;
  /** A command line to be copied: on a narrow terminal it still is one. */
  command(text: string): void;
  /** Replaces the last lines of a terminal that were shown in this way; does nothing elsewhere. */
  replaceLines(texts: readonly Text[]): void;
  /** Neutralised already, or not for people: written as it stands. */
  raw(text: string): void;
}

/** The part of a Node stream that is needed. */
export interface Sink {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
  rows?: number;
}

/**
 * @param env `NO_COLOR` (any value but empty) and `TERM=dumb` switch colour off; `COLUMNS` is the width; nothing switches it on where there is no
 *   terminal
 */
export function createChannel(sink: Sink, env: NodeJS.ProcessEnv): Channel {
  // A dumb one replaces no lines either: it is written to as a file is.
  const isTerminal = sink.isTTY === true && env['TERM'] !== 'dumb';
  const colour = isTerminal && !env['NO_COLOR'];
  const columns = () => (isTerminal ? widthOfTerminal(sink, env) : 100);
  let pending: string[] = [];
  const clear = () => {
    if (pending.length > 0)
      sink.write(`\r\u001b[2K${'\u001b[1A\u001b[2K'.repeat(rowsOf(pending, columns()) - 1)}`);
    pending = [];
  };
  return {
    isTerminal,
    colour,
    columns,
    line(text = '') {
      clear();
      const shown = render(text, colour);
      const lines = isTerminal ? shown.split('\n').map((line) => wrapLine(line, columns())) : [shown];
      sink.write(`${lines.join('\n')}\n`);
    },
    command(text) {
      clear();
      const shown = render(text, colour);
      sink.write(`${isTerminal ? wrapLine(shown, columns(), ' \\') : shown}\n`);
    },
    replaceLines(texts) {
      if (!isTerminal) return;
      // What has left the screen cannot be replaced.
      const shown = texts
        .slice(0, (sink.rows || 24) - 1)
        .map((text) => render(text, colour).replace(/[\t\r\n]/g, ' '))
        .filter((text) => text !== '');
      if (shown.length === pending.length && shown.every((line, index) => line === pending[index])) return;
      clear();
      sink.write(shown.join('\n'));
      pending = shown;
    },
    raw(text) {
      clear();
      sink.write(text);
    },
  };
}

/** `COLUMNS` is what the person says; a terminal that does not know its size says 0. */
function widthOfTerminal(sink: Sink, env: NodeJS.ProcessEnv): number {
  const said = Number(env['COLUMNS']);
  return Number.isInteger(said) && said > 0 ? said : sink.columns || 100;
}

/** Rows of a terminal that lines take; it may have become narrower since they were written. */
function rowsOf(lines: readonly string[], columns: number): number {
  return lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / columns)), 0);
}

/** At most `width` characters, on one line; the last is `…` when something was left out. */
export function cut(text: string, width: number): string {
  return shorten(text.replace(/\s+/g, ' ').trim(), width);
}

function shorten(line: string, width: number): string {
  const letters = [...line];
  return letters.length <= width ? line : `${letters.slice(0, Math.max(0, width - 1)).join('')}…`;
}

/**
 * One JSON document and a line end. Control characters beyond ASCII, which JSON lets through, are escaped too, so that a
 * document can be shown in a terminal.
 */
export function jsonText(document: unknown, indent = 2): string {
  const text = JSON.stringify(document, null, indent);
  return `${text.replace(/[\u007f-\u009f]/g, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`)}\n`;
}

export { formatUsd } from '../../../lib/text/usd.ts';

export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** `1 task`, `2 tasks`. */
export function plural(count: number, word: string, several = `${word}s`): string {
  return `${formatCount(count)} ${count === 1 ? word : several}`;
}

export { formatMoment } from '../../../lib/moment.ts';

/** The first eight characters: what people type. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}
