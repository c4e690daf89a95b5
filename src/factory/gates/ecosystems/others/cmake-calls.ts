/** One command of a CMake file. */
export interface Call {
  /** In lower case: how it is written means nothing. */
  name: string;
  /** Without the quotation marks around them. */
  args: string[];
  /** The conditions, loops and functions that it stands in, the outermost first: their commands with what follows them. */
  within: string[][];
}

const TOKEN =
  /#\[(=*)\[[\s\S]*?\]\1\]|#[^\n]*|\s+|("(?:\\[\s\S]|[^"\\])*")|(\[(=*)\[[\s\S]*?\]\4\])|([()])|((?:\\.|"(?:\\[\s\S]|[^"\\])*"|[^\s()"#\\])+)/y;

/** Commands of a CMake file in order; `null` for what is none. */
export function callsIn(text: string): Call[] | null {
  const calls: Call[] = [];
  const blocks: string[][] = [];
  let open: Call | null = null;
  let name = '';
  let depth = 0;
  TOKEN.lastIndex = 0;
  const pattern = new RegExp(TOKEN);
  for (let at = 0; at < text.length; at = pattern.lastIndex) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null) return null;
    const [, , quoted, long, , bracket, word] = found;
    const value = quoted?.slice(1, -1) ?? long ?? bracket ?? word;
    if (value === undefined) continue;
    if (depth === 0) {
      if (word !== undefined && name === '') name = word.toLowerCase();
      else if (bracket === '(' && name !== '') {
        open = { name, args: [], within: [...blocks] };
        name = '';
        depth = 1;
      } else return null;
      continue;
    }
    if (bracket === '(') depth += 1;
    if (bracket === ')') depth -= 1;
    if (depth > 0) open?.args.push(value);
    else if (open !== null) {
      if (!inBlocks(blocks, open)) return null;
      calls.push(open);
    }
  }
  return depth === 0 && name === '' && blocks.length === 0 ? calls : null;
}

/** Notes where a block begins and ends. @returns whether it fits */
function inBlocks(blocks: string[][], { name, args }: Call): boolean {
  if (/^(?:if|foreach|while|function|macro|block)$/.test(name)) blocks.push([name, ...args]);
  else if (/^else(?:if)?$/.test(name)) {
    const last = blocks.pop();
    if (last === undefined) return false;
    blocks.push([...last, name, ...(name === 'else' ? [] : args)]);
  } else if (/^end(?:if|foreach|while|function|macro|block)$/.test(name)) return blocks.pop() !== undefined;
  return true;
}
