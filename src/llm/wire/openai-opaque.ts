import { isRecord } from '../../lib/record.ts';

type Json = Record<string, unknown>;

/** Fields of a reply that vendors of compatible endpoints want back with it: their models' thoughts, and signatures of those. */
const MESSAGE_FIELDS: readonly string[] = [
  ...['reasoning_content', 'reasoning', 'reasoning_details', 'thinking_blocks', 'extra_content'],
];
/** Of a call everything is kept but what the format itself says of it. */
const CALL_FIELDS: ReadonlySet<string> = new Set(['index', 'id', 'type', 'function', 'name', 'arguments']);
/** These come in pieces; any other text comes whole. */
const GROWING: ReadonlySet<string> = new Set([
  'text',
  'summary',
  'thinking',
  'reasoning_content',
  'reasoning',
]);
/** One piece of thinking that comes whole, however many of them there are. */
const WHOLE = 'reasoning.encrypted';

/** What of a piece of a call, or of the `function` in it, is beside the format. */
export function besideCall(raw: Json): Json {
  const inner = isRecord(raw.function) ? without(raw.function, CALL_FIELDS) : {};
  const beside = without(raw, CALL_FIELDS);
  return Object.keys(inner).length > 0 ? { ...beside, function: inner } : beside;
}

function without(fields: Json, known: ReadonlySet<string>): Json {
  return Object.fromEntries(
    Object.entries(fields).filter(([name, value]) => !known.has(name) && says(value)),
  );
}

const says = (value: unknown): boolean =>
  value !== null &&
  value !== undefined &&
  value !== '' &&
  !(isRecord(value) && Object.keys(value).length === 0);

/** Adds a piece to what came before it: objects field by field, lists by their items, and the texts of thoughts grow. */
export function merge(known: Json, piece: Json): Json {
  const merged = { ...known };
  for (const [name, value] of Object.entries(piece)) {
    const old = merged[name];
    if (!says(value)) continue;
    if (isRecord(old) && isRecord(value)) merged[name] = merge(old, value);
    else if (Array.isArray(value)) merged[name] = mergeItems(Array.isArray(old) ? old : [], value);
    else if (typeof old === 'string' && typeof value === 'string' && GROWING.has(name))
      merged[name] = old + value;
    else merged[name] = value;
  }
  return merged;
}

function mergeItems(known: readonly unknown[], pieces: readonly unknown[]): unknown[] {
  const items = [...known];
  for (const piece of pieces) {
    const newest = items.length - 1;
    const at = isRecord(piece)
      ? items.findLastIndex((item, place) => isSame(item, piece, place === newest))
      : -1;
    const item = items[at];
    if (isRecord(item) && isRecord(piece)) items[at] = merge(item, piece);
    else items.push(piece);
  }
  return items;
}

/** Is it a piece of the same thought? By its number; without one, of the newest that is not signed yet. */
function isSame(item: unknown, piece: Json, isNewest: boolean): boolean {
  if (!isRecord(item) || item.type !== piece.type || piece.type === WHOLE) return false;
  if (says(item.id) && says(piece.id) && item.id !== piece.id) return false;
  if (says(item.index) || says(piece.index)) return item.index === piece.index;
  return isNewest && !says(item.signature);
}

/** What of a message, or of a piece of one, is to go back with it. */
export const besideMessage = (raw: Json): Json =>
  Object.fromEntries(MESSAGE_FIELDS.flatMap((name) => (says(raw[name]) ? [[name, raw[name]]] : [])));

/** Ids in the details of thoughts: calls that have them must keep them, or their thoughts are not found again. */
export function namedIds({ reasoning_details: details }: Json): ReadonlySet<string> {
  const ids = (Array.isArray(details) ? details : []).flatMap((detail): string[] =>
    isRecord(detail) && typeof detail.id === 'string' && detail.id !== '' ? [detail.id] : [],
  );
  return new Set(ids);
}

/** The same thought is told once: details are the fuller form, and `reasoning` is the newer name of `reasoning_content`. */
export function toldOnce(fields: Json): Json | undefined {
  const { reasoning, reasoning_content: content, ...rest } = fields;
  const whole =
    rest.reasoning_details !== undefined
      ? rest
      : content !== undefined
        ? { ...rest, reasoning_content: content }
        : reasoning !== undefined
          ? { ...rest, reasoning }
          : rest;
  return Object.keys(whole).length > 0 ? whole : undefined;
}
