import { cut } from '../../../lib/text/text.ts';

/** Most lines of one side, and characters of a line. */
const MOST_LINES = 30;
const LONGEST_LINE = 200;
/** Sides longer than this are not compared line by line. */
const MOST_COMPARED = 600;

/** What two texts do not share, line by line, each side within bounds. */
export function changedLines(before: string, after: string): { before: string; after: string } {
  const [old, now] = [before, after].map((text) => text.split('\n').filter((line) => line.trim() !== ''));
  const [one = [], two = []] = withoutEnds(old ?? [], now ?? []);
  if (one.length > MOST_COMPARED || two.length > MOST_COMPARED)
    return { before: bounded(one), after: bounded(two) };
  const shared = sharedLines(one, two);
  return {
    before: bounded(one.filter((_, index) => !shared.one.has(index))),
    after: bounded(two.filter((_, index) => !shared.two.has(index))),
  };
}

function withoutEnds(old: string[], now: string[]): [string[], string[]] {
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < old.length - head && tail < now.length - head && old.at(-1 - tail) === now.at(-1 - tail))
    tail += 1;
  return [old.slice(head, old.length - tail), now.slice(head, now.length - tail)];
}

/** Indexes of the lines of a longest common subsequence. */
function sharedLines(one: readonly string[], two: readonly string[]) {
  const lengths = Array.from({ length: one.length + 1 }, () => new Uint16Array(two.length + 1));
  const at = (row: number, column: number) => lengths[row]?.[column] ?? 0;
  for (let row = one.length - 1; row >= 0; row -= 1)
    for (let column = two.length - 1; column >= 0; column -= 1) {
      const longest =
        one[row] === two[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
      lengths[row]?.fill(longest, column, column + 1);
    }
  const shared = { one: new Set<number>(), two: new Set<number>() };
  for (let row = 0, column = 0; row < one.length && column < two.length; ) {
    if (one[row] === two[column]) {
      shared.one.add(row++);
      shared.two.add(column++);
    } else if (at(row + 1, column) >= at(row, column + 1)) row += 1;
    else column += 1;
  }
  return shared;
}

function bounded(lines: readonly string[]): string {
  const shown = lines.slice(0, MOST_LINES).map((line) => cut(line, LONGEST_LINE));
  const more = lines.length - shown.length;
  return [...shown, ...(more > 0 ? [`[… ${more} more changed lines]`] : [])].join('\n');
}
