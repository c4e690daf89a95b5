/** Most that a model is shown of one output, in bytes. */
export const OUTPUT_LIMIT = 16 * 1024;

/**
 * Head and tail of a text within a number of UTF-8 bytes, cut at line ends where one is near, with a line in between that
 * says how much is missing. A text that fits is returned as it is.
 */
export function clip(text: string, maxBytes = OUTPUT_LIMIT): string {
  const bytes = Buffer.byteLength(text);
  if (bytes <= maxBytes) return text;
  const room = Math.max(0, maxBytes - 80);
  const buffer = Buffer.from(text);
  const head = whole(buffer.subarray(0, Math.ceil(room / 2)).toString('utf8'), 'head');
  const tail = whole(buffer.subarray(buffer.length - Math.floor(room / 2)).toString('utf8'), 'tail');
  const missing = bytes - Buffer.byteLength(head) - Buffer.byteLength(tail);
  return `${head}\n[… ${missing} bytes left out here …]\n${tail}`;
}

/** Takes away half a character at the cut, and half a line where its end is within the last fifth. */
function whole(text: string, part: 'head' | 'tail'): string {
  if (part === 'head') {
    const clean = text.replace(/\uFFFD+$/, '');
    const end = clean.lastIndexOf('\n');
    return end > clean.length * 0.8 ? clean.slice(0, end) : clean;
  }
  const clean = text.replace(/^\uFFFD+/, '');
  const start = clean.indexOf('\n');
  return start >= 0 && start < clean.length * 0.2 ? clean.slice(start + 1) : clean;
}

/** The first `length` characters, never half of one: vendors refuse a request that holds half a surrogate pair. */
export function cut(text: string, length: number): string {
  return text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '');
}

/** Halves of surrogate pairs (from a program that printed rubbish) replaced by the sign for that. */
export function wellFormed(text: string): string {
  return text.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '\uFFFD');
}

/** One line, at most `length` characters, for lists and events. */
export function brief(text: string, length: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= length ? line : `${cut(line, Math.max(0, length - 1))}…`;
}

/** Nobody writes more backticks in a row but to make the marks around them longer than what they hold. */
const MOST_BACKTICKS = 32;
const TOO_MANY = /`{33,}/g;

/**
 * Somebody else's words between marks that the words themselves cannot close: the fence is longer than any run of
 * backticks in them.
 */
export function quote(text: string): string {
  const words = text.replace(TOO_MANY, '`'.repeat(MOST_BACKTICKS)).replace(/\s+$/, '');
  const longest = Math.max(2, ...[...words.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${words}\n${fence}`;
}

/** `%41` in an address as what it stands for; a text that is not spelled so stands for itself. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}

/** Characters; an argument may be 100 KB long. */
const SHOWN = 60;

/** What was typed, in quotation marks and cut, for messages. */
export function shown(text: string): string {
  const line = JSON.stringify(text);
  return line.length > SHOWN ? `${line.slice(0, SHOWN)}…"` : line;
}
