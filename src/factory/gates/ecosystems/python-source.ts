/*
 * As much of Python's grammar as is needed to tell where functions, classes and docstrings begin and end. Strings over several
 * lines, brackets, continued lines and comments are understood; nothing is run.
 */

export interface PythonBlock {
  kind: 'def' | 'class';
  name: string;
  /** Names of the blocks around it, and its own: `TestCart.test_total`. */
  path: string;
  /** Offsets: with its decorators, and to the end of its last line. */
  start: number;
  end: number;
  /** Its logical lines without header and docstring, strings and comments blanked. */
  body: string;
  /** Offsets of the literal with its quotes. */
  docstring: { start: number; end: number } | null;
  /** Bases of a class, or what a function is given. */
  bases: string;
  /** It stands in a function. */
  local: boolean;
}

const TOKEN =
  /#[^\n]*|(?:"""(?:\\[\s\S]|(?!""")[\s\S])*(?:"""|$)|'''(?:\\[\s\S]|(?!''')[\s\S])*(?:'''|$)|"(?:\\[\s\S]|[^"\\\n])*"?|'(?:\\[\s\S]|[^'\\\n])*'?)|\\\r?\n|[([{]|[)\]}]|\n/g;

/**
 * The same text, at the same length, in which each line is a logical one: strings become `"___"`, comments spaces, and ends of
 * lines that end no statement spaces as well.
 */
export function logicalPython(text: string): string {
  let depth = 0;
  return text.replace(TOKEN, (token) => {
    const sign = token[0] ?? '';
    if (sign === '#') return ' '.repeat(token.length);
    if (sign === '\\') return ' '.repeat(token.length);
    if (sign === '\n') return depth > 0 ? ' ' : token;
    if ('([{'.includes(sign)) depth += 1;
    else if (')]}'.includes(sign)) depth = Math.max(0, depth - 1);
    else return token.length < 2 ? token : `"${'_'.repeat(token.length - 2)}"`;
    return token;
  });
}

interface Line {
  at: number;
  end: number;
  text: string;
  indent: number;
}

export function pythonBlocks(text: string): PythonBlock[] {
  const lines = linesOf(logicalPython(text));
  const blocks: PythonBlock[] = [];
  const open: { indent: number; block: PythonBlock }[] = [];
  for (const [index, line] of lines.entries()) {
    while ((open.at(-1)?.indent ?? -1) >= line.indent) open.pop();
    const header = /^\s*(?:(?:async\s+)?def|class)\s+(\w+)/.exec(line.text);
    if (header === null) continue;
    const after = lines.slice(index + 1);
    const length = after.findIndex(({ indent }) => indent <= line.indent);
    const inside = length < 0 ? after : after.slice(0, length);
    const colon = colonAt(line.text, header[0].length);
    const inline = line.text.slice(colon + 1);
    const first = inside[0];
    const isDocstring = first !== undefined && /^\s*[rRuU]?"_*"\s*$/.test(first.text);
    let start = index;
    while (
      start > 0 &&
      lines[start - 1]?.indent === line.indent &&
      /^\s*@/.test(lines[start - 1]?.text ?? '')
    )
      start -= 1;
    const block: PythonBlock = {
      kind: /^\s*class\b/.test(line.text) ? 'class' : 'def',
      name: header[1] ?? '',
      path: [...open.map(({ block: each }) => each.name), header[1] ?? ''].join('.'),
      start: lines[start]?.at ?? line.at,
      end: inside.at(-1)?.end ?? line.end,
      body: [inline, ...inside.slice(isDocstring ? 1 : 0).map((each) => each.text)].join('\n'),
      docstring: isDocstring
        ? { start: first.at + first.text.search(/\S/), end: first.at + first.text.trimEnd().length }
        : null,
      bases: /\((.*)\)/.exec(line.text.slice(header[0].length, colon))?.[1] ?? '',
      local: open.some(({ block: each }) => each.kind === 'def'),
    };
    blocks.push(block);
    open.push({ indent: line.indent, block });
  }
  return blocks;
}

/** Lines with something in them. */
function linesOf(code: string): Line[] {
  const lines: Line[] = [];
  let at = 0;
  for (const text of code.split('\n')) {
    const indent = text.search(/\S/);
    const width = text.slice(0, Math.max(0, indent)).replaceAll('\t', ' '.repeat(8)).length;
    if (indent >= 0) lines.push({ at, end: at + text.length, text, indent: width });
    at += text.length + 1;
  }
  return lines;
}

/** The colon that ends a header: outside its brackets. */
function colonAt(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const sign = text[at] ?? '';
    if ('([{'.includes(sign)) depth += 1;
    else if (')]}'.includes(sign)) depth -= 1;
    else if (sign === ':' && depth === 0) return at;
  }
  return text.length;
}

/** Tests by the names that pytest and unittest look for; a function within a function is none. */
export function pythonTests(blocks: readonly PythonBlock[]): PythonBlock[] {
  return blocks.filter(({ kind, name, local }) => kind === 'def' && !local && name.startsWith('test'));
}

/** The same in a file of the product, where a method (`test_connection`) or a function with arguments may be called so and be none. */
export function pythonTestsInProduct(blocks: readonly PythonBlock[]): PythonBlock[] {
  const classes = blocks.filter(
    ({ kind, name, bases }) => kind === 'class' && (/Test/.test(bases) || /^Test|Tests?$/.test(name)),
  );
  const paths = new Set(classes.map(({ path }) => path));
  return pythonTests(blocks).filter(({ name, path, bases, body }) =>
    path === name
      ? bases.trim() === '' || /\bassert|\braises\b/.test(body)
      : paths.has(path.slice(0, -name.length - 1)),
  );
}

/** What a file imports beside its test runner, by the names that it has there. */
export function pythonImports(text: string): { local: string; module: string }[] {
  const found: { local: string; module: string }[] = [];
  const isOwn = (module: string) => !/^(?:unittest|pytest|_pytest|doctest|typing|__future__)\b/.test(module);
  for (const [, module = '', one = '', several = ''] of text.matchAll(
    /^from[ \t]+([\w.]+)[ \t]+import[ \t]+(?:([^(\n]+)|\(([^)]*)\))/gm,
  ))
    for (const part of (one || several).split(',')) {
      const [, name, local = name] = /^\s*(\w+)(?:\s+as\s+(\w+))?/.exec(part) ?? [];
      if (local !== undefined && isOwn(module)) found.push({ local, module });
    }
  for (const [, module = '', local = module] of text.matchAll(
    /^import[ \t]+([\w.]+)(?:[ \t]+as[ \t]+(\w+))?/gm,
  ))
    if (isOwn(module)) found.push({ local, module });
  return found;
}
