import { type Channel, render, type Styled, type Text } from './output.ts';
import { cutTo, cutWords, widthOf, wrapCell } from './wrap.ts';

export interface Column {
  head: string;
  align?: 'left' | 'right';
  /** Places; longer cells are cut. */
  width?: number;
  /** Where a terminal is narrow a long cell takes several lines instead. */
  wraps?: true;
  /** Left out where a terminal has no room for all, the highest first. Missing: always there. */
  spare?: number;
}

/** Blanks between two columns. */
const GAP = 2;
/** No column is made narrower than this. */
const LEAST = 10;

/** What a table has to know of where it is shown. */
export type Screen = Pick<Channel, 'colour' | 'isTerminal' | 'columns'>;

/** A table for people: no frames; one line a row unless it is narrow. Where there is no terminal all of it is there. */
export function table(columns: readonly Column[], rows: readonly (readonly Text[])[], screen: Screen): Text {
  const { colour } = screen;
  const head = columns.map((column) => paint(column.head.toUpperCase(), colour, '\u001b[2m'));
  const most = ({ width, wraps }: Column) => (wraps && screen.isTerminal ? undefined : width);
  const body = rows.map((row) =>
    columns.map((column, index) => cell(row[index] ?? '', most(column), colour)),
  );
  const all = [head, ...body];
  const natural = columns.map((_, index) =>
    all.reduce((most, row) => Math.max(most, placesOf(row[index] ?? '')), 0),
  );
  const widths = columnWidths(
    columns,
    natural,
    screen.isTerminal ? screen.columns() : Number.POSITIVE_INFINITY,
  );
  return trusted(all.flatMap((row) => drawRow(columns, row, widths)).join('\n'));
}

/** The width of each column; 0: left out. */
export function columnWidths(columns: readonly Column[], natural: readonly number[], room: number): number[] {
  const widths = [...natural];
  const left = () => columns.flatMap((_, index) => ((widths[index] ?? 0) > 0 ? [index] : []));
  const over = () => left().reduce((sum, index) => sum + (widths[index] ?? 0) + GAP, -GAP) - room;
  const spare = left().filter((index) => columns[index]?.spare !== undefined);
  spare.sort((a, b) => (columns[b]?.spare ?? 0) - (columns[a]?.spare ?? 0));
  for (const index of spare) if (over() > 0) widths[index] = 0;
  for (let excess = over(); excess > 0; excess = over()) {
    const flexible = left().filter((index) => columns[index]?.width !== undefined || columns[index]?.wraps);
    const widest = flexible.reduce<number | undefined>(
      (most, index) => (most === undefined || (widths[index] ?? 0) > (widths[most] ?? 0) ? index : most),
      undefined,
    );
    if (widest === undefined || (widths[widest] ?? 0) <= LEAST) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

function drawRow(columns: readonly Column[], row: readonly string[], widths: readonly number[]): string[] {
  const cells = columns.flatMap((column, index) => {
    const width = widths[index] ?? 0;
    if (width === 0) return [];
    const text = row[index] ?? '';
    return [{ column, width, lines: linesOf(text, width, column) }];
  });
  const height = Math.max(1, ...cells.map(({ lines }) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    cells
      .map(({ column, width, lines }) => {
        const text = lines[line] ?? '';
        const blanks = ' '.repeat(Math.max(0, width - placesOf(text)));
        return column.align === 'right' ? `${blanks}${text}` : `${text}${blanks}`;
      })
      .join(' '.repeat(GAP))
      .trimEnd(),
  );
}

function linesOf(text: string, width: number, { wraps }: Column): string[] {
  if (placesOf(text) <= width) return [text];
  const look = OPENING.exec(text)?.[0] ?? '';
  const plain = text.replace(COLOURS, '');
  const lines = wraps ? wrapCell(plain, width).map((line) => cutTo(line, width)) : [cutWords(plain, width)];
  return lines.map((line) => paint(line, look !== '', look));
}

const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');
const OPENING = new RegExp(`^${String.fromCharCode(27)}\\[\\d+m`);
const PLAIN = /^[\x20-\x7e…–›]*$/;

/** Of ten thousand rows nearly every cell is plain. */
function placesOf(text: string): number {
  return PLAIN.test(text) ? text.length : widthOf(text);
}

function cell(text: Text, width: number | undefined, colour: boolean): string {
  const shown = render(text, colour).replace(/[\t\r\n]+/g, ' ');
  if (width === undefined || shown.length <= width) return shown;
  const plain = render(text, false).replace(/\s+/g, ' ').trim();
  return placesOf(plain) > width ? cutWords(plain, width) : shown;
}

function paint(text: string, colour: boolean, open: string): string {
  return colour ? `${open}${text}\u001b[0m` : text;
}

/** Text whose parts were neutralised one by one. */
function trusted(content: string): Styled {
  return { open: '', content };
}

/** Names and values under each other. */
export function fields(rows: readonly (readonly [name: string, value: Text])[]): Text {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.flatMap(([name, value], index) => [index === 0 ? '' : '\n', `${name.padEnd(width)}  `, value]);
}
