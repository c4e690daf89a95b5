/** Comments that tools obey. */
const DIRECTIVE = /noqa|type:|pragma|pylint|mypy|pyright|fmt:|isort|ruff|flake8|nosec|coding[:=]|^#!/;
const TOKEN =
  /((?:[rbuf]|rb|br|fr|rf)?(?:"""[\s\S]*?(?<!\\)(?:\\\\)*"""|'''[\s\S]*?(?<!\\)(?:\\\\)*'''|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'))|(#[^\n]*)|(\\\n)|(\n)|([ \t\f\r]+)|([^\W\d]\w*|\d[\w.]*)|([-+*/%@&|^=<>!:]{2,3}|[^\s\w])/giy;

/**
 * The tokens of a Python text without comments, blank lines, the width of its indentation and the line ends inside of brackets:
 * what a formatter changes. Imports that stand together are sorted.
 *
 * @returns `null` where the text cannot be cut into tokens
 */
export function pythonTokens(text: string): string[] | null {
  const lines = logicalLines(text.replaceAll('\r\n', '\n'));
  if (lines === null) return null;
  const found: string[] = [];
  let depths = [0];
  let imports: string[] = [];
  const flush = () => {
    found.push(...imports.sort());
    imports = [];
  };
  for (const { depth, tokens } of lines) {
    const code = tokens.join(' ');
    if (depth === 0 && /^(?:import|from) /.test(code) && !/ __future__ /.test(code)) {
      imports.push(importOf(tokens));
      continue;
    }
    flush();
    while (depth < (depths.at(-1) ?? 0)) {
      depths = depths.slice(0, -1);
      found.push('DEDENT');
    }
    if (depth > (depths.at(-1) ?? 0)) {
      depths.push(depth);
      found.push('INDENT');
    }
    found.push(code);
  }
  flush();
  return found;
}

/** Names of one `from` in order, without the brackets that may stand around them. */
function importOf(tokens: readonly string[]): string {
  const at = tokens.indexOf('import');
  if (tokens[0] !== 'from' || at < 0) return tokens.join(' ');
  const names = tokens
    .slice(at + 1)
    .filter((token) => token !== '(' && token !== ')')
    .join(' ')
    .split(' , ')
    .map((name) => name.replace(/ ,$/, ''))
    .sort();
  return [...tokens.slice(0, at + 1), ...names].join(' ');
}

interface LogicalLine {
  depth: number;
  tokens: string[];
}

function logicalLines(text: string): LogicalLine[] | null {
  const lines: LogicalLine[] = [];
  let line: LogicalLine = { depth: 0, tokens: [] };
  const open: { sign: string; call: boolean; commas: number }[] = [];
  let atStart = true;
  TOKEN.lastIndex = 0;
  const pattern = new RegExp(TOKEN);
  for (let at = 0; at < text.length; at = pattern.lastIndex) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null || found[0] === '') return null;
    const [, string, comment, joined, end, space, word, sign] = found;
    if (end !== undefined) {
      if (open.length > 0) continue;
      if (line.tokens.length > 0) lines.push(line);
      line = { depth: 0, tokens: [] };
      atStart = true;
    } else if (space !== undefined) {
      if (atStart && line.tokens.length === 0) line.depth = space.replaceAll('\t', ' '.repeat(8)).length;
    } else if (comment !== undefined) {
      if (DIRECTIVE.test(comment)) line.tokens.push(comment);
    } else if (joined === undefined) {
      atStart = false;
      take(line.tokens, open, string === undefined ? (word ?? sign ?? '') : quoted(string));
    }
  }
  if (open.length > 0) return null;
  if (line.tokens.length > 0) lines.push(line);
  return lines;
}

function take(
  tokens: string[],
  open: { sign: string; call: boolean; commas: number }[],
  token: string,
): void {
  const last = tokens.at(-1) ?? '';
  if (token !== '' && '([{'.includes(token)) {
    open.push({
      sign: token,
      call: /[\w)\]]$/.test(last) && !/^(?:return|in|not|and|or|if|is|yield|await|lambda)$/.test(last),
      commas: 0,
    });
  } else if (token === ',') {
    const inner = open.at(-1);
    if (inner !== undefined) inner.commas += 1;
  } else if (token !== '' && ')]}'.includes(token)) {
    const inner = open.pop();
    // A comma before the end of a list or a call means nothing; it makes a tuple of one thing in brackets.
    const means = inner?.sign === '(' && !inner.call && inner.commas === 1;
    if (last === ',' && !means && !(inner?.sign === '[' && inner.call)) tokens.pop();
  }
  tokens.push(token);
}

/** Formatters choose the quotes, where nothing in the text depends on them. */
function quoted(string: string): string {
  const [, prefix = '', inner] = /^([a-z]*)'([^'"\\]*)'$/i.exec(string) ?? [];
  return inner === undefined ? string : `${prefix}"${inner}"`;
}
