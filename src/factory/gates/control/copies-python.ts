import { literal } from '../../../lib/text/literal.ts';
import { pythonBlocks, pythonTests } from '../ecosystems/python-source.ts';
import { type Change, changed, changeOf, otherValue, type Source, type Span } from './changes.ts';
import { type Loops, type Made, MOST_OF_A_TEST, STARTS } from './made.ts';

export function pythonCopies(source: Source): Made[] {
  const { text, code } = source;
  return pythonTests(pythonBlocks(text)).flatMap(({ name, path: title, start, end }) => {
    const whole = text.slice(start, end);
    const header = new RegExp(`\\bdef\\s+${literal(name)}\\b`).exec(whole);
    if (header === null || STARTS.test(code.slice(start, end))) return [];
    const lines = code
      .slice(start + header.index, end)
      .split('\n')
      .slice(1);
    const indent = /^[ \t]+(?=\S)/.exec(lines.find((line) => line.trim() !== '') ?? '')?.[0];
    if (indent === undefined) return [];
    const from = start + header.index + header[0].length;
    return pythonChanges(source, { start: from, end, indent })
      .slice(0, MOST_OF_A_TEST)
      .map((change, index) => ({
        at: end,
        of: `${title} ${index}`,
        make: (other: string) =>
          `\n\n${text.slice(start, from - name.length)}${other}${changed(text, change, from, end)}`,
      }));
  });
}

/** Of the assertions that stand at this indent, or in loops and `with` blocks that do. */
export function pythonChanges(
  source: Source,
  { start, end, indent }: Span & { indent: string },
  loops: Loops = 'with loops',
): Change[] {
  const changes: Change[] = [];
  const text = source.code.slice(start, end);
  const line = /^([ \t]*)(?:([A-Za-z_][\w.]*)\(|(assert\s+\S.*?\s==\s*))/gm;
  for (const found of text.matchAll(line)) {
    const [whole, own = '', callee] = found;
    if (own !== indent && (loops !== 'with loops' || !isRun(text.slice(0, found.index), own, indent)))
      continue;
    const behind = start + found.index + whole.length;
    const stop = source.code.indexOf('\n', behind);
    const change =
      callee === undefined
        ? otherValue(source, { start: behind, end: stop < 0 ? source.text.length : stop })
        : changeOf(source, { callee, open: behind });
    if (change !== null) changes.push(change);
  }
  return changes;
}

/** Whether a line that is indented so comes to its turn whatever happens: nothing but loops and `with` stands around it. */
function isRun(before: string, own: string, indent: string): boolean {
  let inner = own;
  for (const line of before.split('\n').reverse()) {
    const found = /^[ \t]*(?=\S)/.exec(line)?.[0];
    if (found === undefined || found.length >= inner.length) continue;
    if (!/^\s*(?:async\s+)?(?:for|with)\b.*:\s*$/.test(line)) return false;
    if (found === indent) return true;
    inner = found;
  }
  return false;
}
