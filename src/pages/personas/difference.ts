/** Which lines of a text are gone, new, or as they were. */
export interface Line {
  kind: 'context' | 'insert' | 'delete';
  text: string;
}

/** By the longest common run of lines; what is equal at both ends is left out of the search. */
export function difference(before: string, after: string): Line[] {
  const [a, b] = [before.split('\n'), after.split('\n')];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  const same = (text: string): Line => ({ kind: 'context', text });
  return [
    ...a.slice(0, head).map(same),
    ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...a.slice(a.length - tail).map(same),
  ];
}

/** Longer changes are shown as all gone and all new: the search takes as many steps as the lines of both multiplied. */
const MOST_STEPS = 2_000_000;

function middle(a: readonly string[], b: readonly string[]): Line[] {
  const gone = a.map((text): Line => ({ kind: 'delete', text }));
  const fresh = b.map((text): Line => ({ kind: 'insert', text }));
  if (a.length === 0 || b.length === 0 || a.length * b.length > MOST_STEPS) return [...gone, ...fresh];
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  const at = (i: number, j: number) => lengths[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const row = lengths[i];
      if (row !== undefined)
        row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ kind: 'context', text: a[i] ?? '' });
      [i, j] = [i + 1, j + 1];
    } else if (j >= b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ kind: 'delete', text: a[i] ?? '' });
      i += 1;
    } else {
      lines.push({ kind: 'insert', text: b[j] ?? '' });
      j += 1;
    }
  }
  return lines;
}
