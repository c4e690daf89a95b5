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
  const drawn = new Table({
    chars: BARE,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: columns.map((column) => column.align ?? 'left'),
  });
  drawn.push(columns.map((column) => paint(column.head.toUpperCase(), colour, '\u001b[2m')));
  for (const row of rows) {
    drawn.push(columns.map((column, index) => cell(row[index] ?? '', column.width, colour)));
  }
  return trusted(
    drawn
      .toString()
      .split('\n')
      .map((line) => line.trimEnd())
      .join('\n'),
  );
}

function cell(text: Text, width: number | undefined, colour: boolean): string {
  const plain = render(text, false).replace(/\s+/g, ' ').trim();
  const letters = [...plain];
  if (width !== undefined && letters.length > width) return `${letters.slice(0, width - 1).join('')}…`;
  return render(text, colour).replace(/[\t\r\n]+/g, ' ');
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
