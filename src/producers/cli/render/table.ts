import Table from 'cli-table3';
import { render, type Styled, type Text } from './output.ts';

const BARE = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

export interface Column {
  head: string;
  align?: 'left' | 'right';
  /** Characters; longer cells are cut. */
  width?: number;
}

/** A table for people: no frames, one line a row, two blanks between columns. */
export function table(columns: readonly Column[], rows: readonly (readonly Text[])[], colour: boolean): Text {
  const head = columns.map((column) => paint(column.head.toUpperCase(), colour, '\u001b[2m'));
  const body = rows.map((row) => columns.map(({ width }, index) => cell(row[index] ?? '', width, colour)));
  const all = [head, ...body];
  const lines = isNarrow(body) ? pad(columns, all) : draw(columns, all);
  return trusted(lines.map((line) => line.trimEnd()).join('\n'));
}

const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');
const visible = (text: string): string => (text.includes('\u001b') ? text.replace(COLOURS, '') : text);

/** Is every letter one place wide? Then blanks will do, which is a hundred times as fast for ten thousand rows. */
function isNarrow(rows: readonly (readonly string[])[]): boolean {
  return rows.every((row) => row.every((text) => /^[\x20-\x7e…–›]*$/.test(visible(text))));
}

function pad(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map((_, index) =>
    rows.reduce((most, row) => Math.max(most, visible(row[index] ?? '').length), 0),
  );
  return rows.map((row) =>
    row
      .map((text, index) => {
        // What is not seen of a text takes no place.
        const width = (widths[index] ?? 0) + text.length - visible(text).length;
        return columns[index]?.align === 'right' ? text.padStart(width) : text.padEnd(width);
      })
      .join('  '),
  );
}

/** With the width of every letter looked up. */
function draw(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const drawn = new Table({
    chars: BARE,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: columns.map((column) => column.align ?? 'left'),
  });
  for (const row of rows) drawn.push([...row]);
  return drawn.toString().split('\n');
}

function cell(text: Text, width: number | undefined, colour: boolean): string {
  const shown = render(text, colour).replace(/[\t\r\n]+/g, ' ');
  if (width === undefined || shown.length <= width) return shown;
  const letters = [...render(text, false).replace(/\s+/g, ' ').trim()];
  return letters.length > width ? `${letters.slice(0, width - 1).join('')}…` : shown;
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
