/** First and last line, as the head has them. */
export type LineRange = readonly [first: number, last: number];

/**
 * Which lines of which files a patch shows: what was changed and the few lines around it. Of a file that is gone the lines of
 * the base.
 */
export function changedLines(patch: string): ReadonlyMap<string, readonly LineRange[]> {
  const files = new Map<string, LineRange[]>();
  let old: string | null = null;
  let ranges: LineRange[] | null = null;
  let isGone = false;
  // Lines of hunks still to come: what looks like a header in there is text of the files.
  let left = { old: 0, new: 0 };
  for (const line of patch.split('\n')) {
    if (left.old > 0 || left.new > 0) {
      if (!line.startsWith('+') && !line.startsWith('\\')) left.old -= 1;
      if (!line.startsWith('-') && !line.startsWith('\\')) left.new -= 1;
    } else if (line.startsWith('--- ')) {
      old = nameOf(line.slice(4));
    } else if (line.startsWith('+++ ')) {
      const now = nameOf(line.slice(4));
      isGone = now === null;
      const name = now ?? old;
      ranges = name === null ? null : (files.get(name) ?? []);
      if (name !== null && ranges !== null) files.set(name, ranges);
    } else {
      const [, oldStart, oldCount = '1', newStart, newCount = '1'] =
        /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line) ?? [];
      if (oldStart === undefined || newStart === undefined) continue;
      left = { old: Number(oldCount), new: Number(newCount) };
      const [start, count] = isGone ? [oldStart, oldCount] : [newStart, newCount];
      ranges?.push([Number(start), Number(start) + Math.max(1, Number(count)) - 1]);
    }
  }
  return files;
}

/** `a/path`, `b/path`, `"b/with \"quotes\""` or `/dev/null`. */
function nameOf(written: string): string | null {
  const plain = written.startsWith('"') ? unquoted(written) : written.replace(/\t$/, '');
  return plain === '/dev/null' ? null : plain.replace(/^[ab]\//, '');
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '"': '"', '\\': '\\' };

function unquoted(written: string): string {
  return written
    .replace(/^"|"$/g, '')
    .replace(/\\([ntr"\\])/g, (whole, letter: string) => ESCAPES[letter] ?? whole);
}
