import { bodyAt } from '../test-source/brackets.ts';
import { testPlaces } from '../test-source/test-files.ts';
import { type Change, changed, changeOf, type Source, type Span } from './changes.ts';
import { type Loops, type Made, MOST_OF_A_TEST, STARTS } from './made.ts';

export function javascriptCopies(source: Source): Made[] {
  const { path, text, code } = source;
  return testPlaces(path, text).flatMap(({ title, start, end }) => {
    const head = /^[\w$]+(?:\.test)?\s*\(\s*(["'`])(?:\\.|(?!\1).)*\1/.exec(text.slice(start, end));
    if (title === '' || head === null || !standsAlone(code, start) || STARTS.test(code.slice(start, end)))
      return [];
    const from = start + head[0].length;
    const arrow =
      /^\s*,\s*(?:async\s+)?(?:(?:\([^()]*\)|[\w$]+)\s*=>|function\s*[\w$]*\s*\([^()]*\))\s*/.exec(
        code.slice(from, end),
      );
    if (arrow === null) return [];
    const body = from + arrow[0].length;
    const isBlock = code[body] === '{';
    const span = isBlock
      ? { start: body + 1, end: body + 1 + bodyAt(code, body + 1).length }
      : { start: body, end };
    return javascriptChanges(source, span)
      .slice(0, MOST_OF_A_TEST)
      .map((change, index) => ({
        at: start,
        of: `${title} ${index}`,
        make: (name: string) => {
          const call = text.slice(start, start + head[0].search(/["'`]/));
          return `${call}"${name}"${changed(text, change, from, end)};\n`;
        },
      }));
  });
}

/** Whether a statement begins there, that no condition or loop without brackets stands before. */
function standsAlone(code: string, at: number): boolean {
  const before = code.slice(0, at);
  const line = before.slice(before.lastIndexOf('\n') + 1);
  const above = before.trimEnd();
  if (line.trim() !== '' || !/(?:^|[;{})])$/.test(above)) return false;
  return !/^\s*(?:\}\s*)?(?:if|for|while|else)\b[^{]*$/.test(above.slice(above.lastIndexOf('\n') + 1));
}

/** Of the assertions that are statements of this part, or of loops in it. */
export function javascriptChanges(source: Source, span: Span, loops: Loops = 'with loops'): Change[] {
  const { code } = source;
  const changes: Change[] = [];
  const head = /(?:await\s+|return\s+)?([A-Za-z_$][\w$]*(?:\.[\w$]+)*)\(/y;
  const open: Bracket[] = [];
  let begins = true;
  for (let at = span.start; at < span.end; at += 1) {
    const sign = code[at] ?? '';
    head.lastIndex = at;
    const isRun =
      begins &&
      (loops === 'with loops' ? !open.includes('other') && open.at(-1) !== 'head' : open.length === 0);
    const callee = isRun && /\w|\$/.test(sign) ? head.exec(code)?.[1] : undefined;
    if (callee !== undefined) {
      const change = changeOf(source, { callee, open: head.lastIndex });
      if (change !== null && change.end <= span.end) changes.push(change);
    }
    begins = /[;{}\n]/.test(sign) || (begins && /\s/.test(sign));
    if ('([{'.includes(sign)) open.push(bracketAt(code, at, span.start, open.at(-1)));
    else if (')]}'.includes(sign)) {
      if (open.length === 0) break;
      begins ||= open.pop() === 'head';
    } else if (sign === '>' && code[at - 1] === '=' && open.at(-1) === 'each') begins = true;
  }
  return changes;
}

/** What stands between brackets: the head of a loop, the function that a loop calls, the body of either, or something else. */
type Bracket = 'head' | 'each' | 'body' | 'other';

function bracketAt(code: string, at: number, from: number, around: Bracket | undefined): Bracket {
  const before = code.slice(Math.max(from, at - 300), at).trimEnd();
  if (code[at] === '(') {
    if (/(?<![\w$.])for(?:\s+await)?$/.test(before)) return 'head';
    return /\.forEach$/.test(before) ? 'each' : 'other';
  }
  if (code[at] !== '{') return 'other';
  if (around === 'each') return /=>$|\bfunction\s*[\w$]*\s*\([^()]*\)$/.test(before) ? 'body' : 'other';
  return /(?<![\w$.])for(?:\s+await)?\s*\((?:[^()]|\([^()]*\))*\)$/.test(before) ? 'body' : 'other';
}
