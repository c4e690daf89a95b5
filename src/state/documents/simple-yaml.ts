/**
 * Reads the plain part of YAML that nearly all state consists of: maps and lists in block style, each scalar on the line of
 * its key. A parser of all of YAML takes longer to be made than such a piece is long, and a list of thousands of projects
 * reads a hundred thousand of them.
 *
 * What it reads means what it means to that parser; whatever else stands in the text is left to it.
 */

/** @returns the map or list, or `undefined` for a text that is not of this kind */
export function parseSimpleYaml(text: string): object | undefined {
  if (!text.endsWith('\n')) return undefined;
  const lines = text.slice(0, -1).split('\n');
  const found = block(lines, 0, 0);
  return found !== undefined && found.next === lines.length ? found.value : undefined;
}

interface Block {
  value: object;
  /** The first line after it. */
  next: number;
}

/** `  - key: word`, each part but the last of them optional. */
const LINE = /^( *)((?:- )?)(?:([\w/][^:#"'[\]{}\n]*):(?: |$))?(.*)$/;

/** Columns. What stands further right is counted by the parser before it is parsed. */
const DEEPEST = 64;

function block(lines: string[], from: number, indent: number): Block | undefined {
  if (indent > DEEPEST) return undefined;
  return lines[from]?.startsWith('- ', indent) ? listAt(lines, from, indent) : mapAt(lines, from, indent);
}

function listAt(lines: string[], from: number, indent: number): Block | undefined {
  const value: unknown[] = [];
  let at = from;
  for (; at < lines.length; ) {
    const [, spaces = '', dash, key, word = ''] = LINE.exec(lines[at] ?? '') ?? [];
    if (spaces.length !== indent || dash === '') break;
    if (key === undefined) {
      const scalar = scalarOf(word);
      if (scalar === undefined) return undefined;
      value.push(scalar.value);
      at += 1;
      continue;
    }
    // A map that begins beside its dash goes on below its first key.
    lines[at] = `${' '.repeat(indent + 2)}${lines[at]?.slice(indent + 2)}`;
    const entry = mapAt(lines, at, indent + 2);
    if (entry === undefined) return undefined;
    value.push(entry.value);
    at = entry.next;
  }
  return at === from ? undefined : { value, next: at };
}

function mapAt(lines: string[], from: number, indent: number): Block | undefined {
  const value = new Map<string, unknown>();
  let at = from;
  for (; at < lines.length; ) {
    const [, spaces = '', dash, key, word = ''] = LINE.exec(lines[at] ?? '') ?? [];
    if (spaces.length !== indent || dash !== '' || key === undefined) break;
    if (value.has(key) || !isText(key)) return undefined;
    const inner = word === '' ? innerBlock(lines, at + 1, indent) : undefined;
    const scalar = word === '' ? inner : scalarOf(word);
    if (scalar === undefined) return undefined;
    value.set(key, scalar.value);
    at = inner?.next ?? at + 1;
  }
  return at === from ? undefined : { value: Object.fromEntries(value), next: at };
}

/** Of a key with nothing beside it: a list in its column, a deeper map, or nothing, which YAML calls null. */
function innerBlock(
  lines: string[],
  at: number,
  indent: number,
): { value: unknown; next: number } | undefined {
  const line = lines[at] ?? '';
  if (line.startsWith(' '.repeat(indent + 2))) return block(lines, at, indent + 2);
  return line.startsWith('- ', indent) && line.trimStart() === line.slice(indent)
    ? listAt(lines, at, indent)
    : { value: null, next: at };
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;
/** Words that need no quotes. */
const PLAIN = /^[\p{L}\d_/](?:[\p{L}\d_./@+,()[\]{}=;<>$!?*&%~^`|'"#\\-]|:(?=\S)| (?=[^\s#]))*$/u;
/** Other ways of writing numbers, and names of values. */
const PARTICULAR = /^(?:\d+(?:\.\d*)?(?:e[-+]?\d+)?|0[xo][\da-f]+|null|true|false)$/i;

function isText(word: string): boolean {
  return PLAIN.test(word) && !PARTICULAR.test(word);
}

function scalarOf(word: string): { value: unknown } | undefined {
  if (word.startsWith('"')) return quoted(word);
  if (NUMBER.test(word)) return { value: Number(word) };
  switch (word) {
    case '[]':
      return { value: [] };
    case '{}':
      return { value: {} };
    case 'null':
      return { value: null };
    case 'true':
      return { value: true };
    case 'false':
      return { value: false };
    default:
      return isText(word) ? { value: word } : undefined;
  }
}

/** The escapes of JSON mean the same in YAML. */
function quoted(word: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(word) };
  } catch {
    return undefined; // those that YAML alone has, or a comment behind it
  }
}
