/**
 * YAML in and out, for the whole program.
 *
 * What is read may be hostile (a persona in somebody's repository) or broken. The parser recurses and compares keys
 * pairwise, so nesting, size and number of nodes are counted from its token stream first; only a text within all limits
 * is parsed. Anchors, aliases, tags and directives are refused: nothing here writes them, and they are how a small text
 * becomes a large object.
 */
import { CST, type Document, isNode, Lexer, LineCounter, parseDocument, stringify } from 'yaml';

export interface YamlLimits {
  /** Bytes in UTF-8. */
  maxBytes: number;
  /** Nested collections, in block and flow style together. */
  maxDepth: number;
  /** Keys, items and scalars together. */
  maxNodes: number;
}

/** For files that people or repositories write: configuration, front matter. */
export const PEOPLE_LIMITS: YamlLimits = { maxBytes: 256 * 1024, maxDepth: 32, maxNodes: 20_000 };

/** For state documents, which the factory writes itself. */
export const DOCUMENT_LIMITS: YamlLimits = {
  maxBytes: 32 * 1024 * 1024,
  maxDepth: 64,
  maxNodes: 5_000_000,
};

export type YamlOutcome = { ok: true; value: unknown } | { ok: false; problem: string };

/**
 * Parses one YAML 1.2 document; never throws for what stands in the text.
 *
 * @returns plain objects, arrays, strings, numbers, booleans and `null` (an empty text is `null`), or what is wrong, with
 * the line where one is known
 */
export function parseYaml(text: string, limits: YamlLimits): YamlOutcome {
  const parsed = parseWithLines(text, limits);
  return parsed.ok ? { ok: true, value: parsed.value } : parsed;
}

/** The same, for messages about what stands there. */
export function parseWithLines(
  text: string,
  limits: YamlLimits,
  lines?: LineCounter,
): Exclude<YamlOutcome, { ok: true }> | { ok: true; value: unknown; lineOf(path: Path): number } {
  const bytes = Buffer.byteLength(text);
  if (bytes > limits.maxBytes) return refuse(`has ${bytes} bytes; at most ${limits.maxBytes} are read`);
  const excess = findExcess(text, limits);
  if (excess !== null) return refuse(excess);
  try {
    const document = parseDocument(text, {
      logLevel: 'error',
      version: '1.2',
      schema: 'core',
      merge: false,
      ...(lines === undefined ? {} : { lineCounter: lines }),
    });
    const error = document.errors[0] ?? document.warnings[0];
    if (error !== undefined) return refuse(firstLine(error.message));
    const lineOf = (path: Path) => lineAt(document, lines, path);
    return { ok: true, value: document.toJS({ maxAliasCount: 0 }), lineOf };
  } catch (error) {
    // The library reports through `errors`; whatever it throws instead is still only about this text.
    return refuse(error instanceof Error ? firstLine(error.message) : String(error));
  }
}

/** On which line of a text that can be parsed the value at a path stands, or the nearest above it that is there. */
export function lineOf(text: string, path: readonly PropertyKey[]): number {
  const lineCounter = new LineCounter();
  return lineAt(parseDocument(text, { logLevel: 'error', lineCounter }), lineCounter, path);
}

/** Writes an object or array: block style, one key a line, long lines unfolded. Dates become ISO 8601 text; `undefined` entries are left out. */
export function stringifyYaml(value: object): string {
  return stringify(value, { lineWidth: 0, indentSeq: false, aliasDuplicateObjects: false });
}

/** Where something is in a document: keys and places. */
type Path = readonly PropertyKey[];

/** The line of what is at a path, or of the nearest thing around it. */
function lineAt(document: Document.Parsed, lines: LineCounter | undefined, path: Path): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines?.linePos(node.range[0]).line ?? 1;
  }
  return 1;
}

function refuse(problem: string): { ok: false; problem: string } {
  return { ok: false, problem };
}

function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? text).replace(/:$/, '');
}

const REFUSED: Partial<Record<CST.TokenType, string>> = {
  anchor: 'anchors (&name) are not accepted',
  alias: 'aliases (*name) are not accepted',
  tag: 'tags (!name) are not accepted',
  'directive-line': 'directives (%NAME) are not accepted',
};

/** Tokens that begin a node or announce one; the first of a line and every indicator can open a deeper collection. */
const INDICATORS: ReadonlySet<CST.TokenType | null> = new Set<CST.TokenType | null>([
  'seq-item-ind',
  'explicit-key-ind',
  'map-value-ind',
]);

/**
 * Counts what the parser would have to build, in one pass over the tokens and without recursion.
 *
 * A block collection stands further right than the one around it (a sequence may share its key's column), so the number
 * of open columns bounds the block depth from above up to that factor of two.
 */
function findExcess(text: string, limits: YamlLimits): string | null {
  const columns: number[] = [];
  let line = 1;
  let column = 0;
  let flow = 0;
  let nodes = 0;
  let fresh = true;
  for (const source of new Lexer().lex(text)) {
    const type = CST.tokenType(source);
    const refused = type === null ? undefined : REFUSED[type];
    if (refused !== undefined) return `${refused} (line ${line})`;
    if (type === 'flow-seq-start' || type === 'flow-map-start') flow += 1;
    else if (type === 'flow-seq-end' || type === 'flow-map-end') flow = Math.max(0, flow - 1);
    const blank = type === 'space' || type === 'newline' || type === 'comment';
    if (!blank && !isControl(source)) {
      nodes += 1;
      if (fresh || INDICATORS.has(type)) enterColumn(columns, column);
      fresh = false;
    }
    if (columns.length + flow > limits.maxDepth)
      return `is nested deeper than ${limits.maxDepth} (line ${line})`;
    if (nodes > limits.maxNodes) return `has more than ${limits.maxNodes} entries (line ${line})`;
    if (isControl(source)) continue;
    const breaks = countBreaks(source);
    line += breaks;
    column = breaks > 0 ? source.length - source.lastIndexOf('\n') - 1 : column + source.length;
    if (breaks > 0) fresh = true;
  }
  return null;
}

/** The lexer's own one-character marks (document mode, "a scalar follows"), which are not in the text. */
function isControl(source: string): boolean {
  return source === '\u0002' || source === '\u0018' || source === '\u001f';
}

function enterColumn(columns: number[], column: number): void {
  while (columns.length > 0 && (columns.at(-1) ?? 0) > column) columns.pop();
  if (columns.length === 0 || (columns.at(-1) ?? 0) < column) columns.push(column);
}

function countBreaks(source: string): number {
  let count = 0;
  for (let at = source.indexOf('\n'); at !== -1; at = source.indexOf('\n', at + 1)) count += 1;
  return count;
}
