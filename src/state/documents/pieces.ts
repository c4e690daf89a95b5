/**
 * A state document in pieces: the entries of its top-level lists, and its other top-level keys. A task list of a thousand
 * tasks of which one changed is then neither parsed nor formatted as a whole, also when another process wrote it.
 *
 * Only for text that this program wrote: there every line that begins in the first column begins a piece, since whatever
 * belongs to one is indented or blank.
 */
import { parseSimpleYaml } from './simple-yaml.ts';
import { DOCUMENT_LIMITS, parseYaml, stringifyYaml } from './yaml.ts';

export interface Pieces {
  /** Formats a frozen value. */
  format(value: object): string;
  /** Parses what `format` wrote. `null` when it does not look like that: then parse it as a whole. */
  parse(body: string): Record<string, unknown> | null;
}

/** Words that mean something else than themselves in some YAML. */
const TELLING = /^(?:null|true|false|yes|no|on|off|y|n)$/i;
const PLAIN = /^[a-z/][\w/.-]{0,60}$/i;

/** Most keys hold one plain word, for which the library would build a whole document. */
function formatKey(key: string, part: unknown): string {
  const word = part instanceof Date ? part.toISOString() : part;
  const isPlain =
    typeof word === 'boolean' ||
    (typeof word === 'number' && Number.isSafeInteger(word) && !Object.is(word, -0)) ||
    part instanceof Date ||
    (typeof word === 'string' && PLAIN.test(word) && !TELLING.test(word));
  return isPlain && PLAIN.test(key) && !TELLING.test(key)
    ? `${key}: ${word}\n`
    : stringifyYaml({ [key]: part });
}

export function createPieces(): Pieces {
  const formatted = new WeakMap<object, string>();
  // Texts of the last parsed body and what they mean; entries that are gone go with the next one.
  let meanings = new Map<string, unknown>();

  function formatEntry(entry: unknown): string {
    if (typeof entry !== 'object' || entry === null) return stringifyYaml([entry]);
    const before = formatted.get(entry);
    if (before !== undefined) return before;
    const text = stringifyYaml([entry]);
    formatted.set(entry, text);
    return text;
  }

  return {
    format(value) {
      let text = '';
      for (const [key, part] of Object.entries(value)) {
        if (part === undefined) continue;
        const isList = Array.isArray(part) && part.length > 0;
        text += isList ? `${key}:\n${part.map(formatEntry).join('')}` : formatKey(key, part);
      }
      return text === '' ? '{}\n' : text;
    },
    parse(body) {
      const next = new Map<string, unknown>();
      const value = new Map<string, unknown>();
      let list: { key: string; entries: unknown[] } | null = null;
      for (const text of split(body)) {
        const known = meanings.get(text) ?? parsePiece(text);
        if (known === undefined) return null;
        next.set(text, known);
        if (Array.isArray(known)) {
          if (list === null || known.length !== 1) return null;
          list.entries.push(known[0]);
          value.set(list.key, list.entries);
          continue;
        }
        const [entry, ...others] = Object.entries(known);
        if (entry === undefined || others.length > 0 || value.has(entry[0])) return null;
        value.set(entry[0], entry[1]);
        list = entry[1] === null ? { key: entry[0], entries: [] } : null;
      }
      meanings = next;
      return Object.fromEntries(value);
    },
  };
}

function split(body: string): string[] {
  const pieces: string[] = [];
  let start = 0;
  for (let at = body.indexOf('\n') + 1; at > 0 && at < body.length; at = body.indexOf('\n', at) + 1) {
    const first = body[at];
    if (first === ' ' || first === '\n' || first === '#') continue;
    pieces.push(body.slice(start, at));
    start = at;
  }
  if (start < body.length) pieces.push(body.slice(start));
  return pieces;
}

/** How `format` begins a piece: an entry, or a key as schemas have them. */
const BEGINNING = /^(?:- |[A-Za-z]\w*:[ \n])/;

/** @returns a map or a list, or `undefined` */
function parsePiece(text: string): object | undefined {
  if (!BEGINNING.test(text)) return undefined;
  const simple = parseSimpleYaml(text);
  if (simple !== undefined) return simple;
  const outcome = parseYaml(text, DOCUMENT_LIMITS);
  return outcome.ok && typeof outcome.value === 'object' && outcome.value !== null
    ? outcome.value
    : undefined;
}
