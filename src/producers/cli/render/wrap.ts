import widthOf from 'fast-string-width';

/** Deeper than this share of the line nothing is aligned: too little room would be left. */
const DEEPEST = 0.5;

/**
 * A line for a terminal, broken between words where it is too long; what follows stands below the line's last column (behind two
 * blanks), or else below its beginning. A word that fits on no line is left to the terminal, which breaks it so that it can
 * still be copied whole.
 *
 * @param line rendered, colours included
 * @param end stands behind each line but the last
 */
export function wrapLine(line: string, width: number, end = ''): string {
  if (width < 1 || widthOf(line) <= width) return line;
  const indent = ' '.repeat(indentOf(line, width));
  const lines: string[] = [];
  let current = '';
  for (const [, blanks = '', word = ''] of line.matchAll(/( *)([^ ]*)/g)) {
    if (word === '') continue;
    const longer = `${current}${blanks}${word}`;
    const isFirst = current.replace(COLOURS, '').trim() === '';
    if (isFirst || widthOf(longer) + end.length <= width) {
      current = longer;
      continue;
    }
    lines.push(`${current}${end}`);
    current = `${indent}${word}`;
  }
  return [...lines, current].join('\n');
}

function indentOf(line: string, width: number): number {
  const plain = line.replace(COLOURS, '');
  const own = plain.length - plain.trimStart().length;
  const ends = [...plain.matchAll(/\S {2,}(?=\S)/g)].map(({ index, 0: gap }) =>
    widthOf(plain.slice(0, index + gap.length)),
  );
  return Math.min(ends.findLast((end) => end <= width * DEEPEST) ?? own, Math.floor(width * DEEPEST));
}

const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');

/** Words of a text in lines of at most so many places. A longer word has a line that is longer. */
export function wrapCell(text: string, width: number): string[] {
  return pack(text.split(/ +/), width, ' ');
}

/** Parts one after the other, in lines of at most so many places; each part is on one line. */
export function pack(parts: readonly string[], width: number, between = ' · '): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    const longer = `${last ?? ''}${between}${part}`;
    if (last === undefined || widthOf(longer) > width) lines.push(part);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

/** On one line of at most so many places, cut between two words where there are several. */
export function cutWords(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  const [first = ''] = wrapCell(text, width - 2);
  if (first !== '' && widthOf(first) > width / 2 && widthOf(first) <= width - 2) return `${first} …`;
  return cutTo(text, width);
}

/** At most so many places, the last of which is `…` when something was left out. */
export function cutTo(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = '';
  let places = 1;
  for (const letter of text) {
    places += widthOf(letter);
    if (places > width) break;
    kept += letter;
  }
  return `${kept}…`;
}

export { widthOf };
