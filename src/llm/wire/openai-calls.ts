import { merge } from './openai-opaque.ts';
import { sameArguments, withoutSeed } from './text.ts';

/** What one event says of a tool call: a piece of it, or the whole. */
export interface CallPiece {
  index: number | undefined;
  /** Empty when none was sent. */
  id: string;
  name: string;
  /** Text of JSON, or the object itself. */
  arguments: unknown;
  /** Fields beside the call: see `besideCall`. */
  beside?: Record<string, unknown>;
}

const LONGEST_SEED = 8;

interface OpenCall {
  /** Which event of the stream began it. */
  event: number;
  index: number | undefined;
  id: string;
  name: string;
  arguments: string;
  beside: Record<string, unknown>;
}

/**
 * Puts tool calls together from their pieces.
 *
 * By the format each call has an index and an id. Servers that go their own way leave out either or both, give all calls
 * the same of them, another id or index with every piece, send the name again with every piece, or arguments as an object. What
 * tells calls apart then: a name with another id; a name that comes after arguments that are whole already; two entries with names
 * in one event. A piece without a name belongs to a call that has begun, unless it has
 * an id and an index of its own and the one before is whole.
 */
export function createCallCollector() {
  const calls: OpenCall[] = [];
  let event = 0;

  function find(piece: CallPiece, touched: ReadonlySet<OpenCall>): OpenCall | undefined {
    const { index, id, name } = piece;
    const open = index === undefined ? calls.at(-1) : calls.findLast((call) => call.index === index);
    if (name === '') {
      const own = open?.id === id ? open : calls.findLast((call) => id !== '' && call.id === id);
      const last = calls.at(-1);
      // Its name is still to come.
      const begins = open === undefined && id !== '' && last !== undefined && isWhole(last.arguments);
      return own ?? (begins ? undefined : (open ?? last));
    }
    if (open === undefined || (id !== '' && open.id !== '' && open.id !== id)) return undefined;
    if (touched.has(open)) return undefined;
    if (open.name !== '' && isWhole(open.arguments) && (hasArguments(piece) || name !== open.name))
      return undefined;
    if (open.arguments === '' && open.name !== '' && name !== open.name && isWhole(textOf(piece)))
      return undefined;
    return index === undefined && id === '' && open.name !== '' ? undefined : open;
  }

  return {
    /** The pieces of one event. */
    add(pieces: readonly CallPiece[]): void {
      const touched = new Set<OpenCall>();
      event += 1;
      for (const piece of pieces) {
        let open = find(piece, touched);
        if (open === undefined) {
          open = { event, index: piece.index, id: '', name: '', arguments: '', beside: {} };
          calls.push(open);
        }
        touched.add(open);
        open.id = open.id || piece.id;
        if (piece.beside !== undefined) open.beside = merge(open.beside, piece.beside);
        if (open.name !== piece.name) open.name += piece.name;
        if (typeof piece.arguments === 'string') open.arguments = joined(open.arguments, piece.arguments);
        else if (hasArguments(piece)) open.arguments = textOf(piece);
      }
    },
    all: (): readonly Omit<OpenCall, 'index' | 'event'>[] =>
      withoutRepeats(calls.filter(({ name, arguments: given }) => name !== '' || given !== '')),
  };
}

/** One that a later event tells again, whole and under its id, is one call: it must not be run twice. */
function withoutRepeats(calls: readonly OpenCall[]): OpenCall[] {
  const told: OpenCall[] = [];
  for (const call of calls) {
    const first = told.find((before) => call.id !== '' && isToldAgain(before, call));
    if (first === undefined) told.push({ ...call });
    else first.beside = merge(first.beside, call.beside);
  }
  return told;
}

const isToldAgain = (one: OpenCall, other: OpenCall): boolean =>
  one.event < other.event &&
  one.id === other.id &&
  one.name === other.name &&
  sameArguments(one.arguments, other.arguments);

/** Arguments that are empty so far are a seed where others follow. Long ones are not looked at again with every piece. */
function joined(before: string, piece: string): string {
  const together = before + piece;
  return before.length > LONGEST_SEED ? together : withoutSeed(together);
}

function hasArguments({ arguments: given }: CallPiece): boolean {
  return typeof given === 'string' ? given.trim() !== '' : typeof given === 'object' && given !== null;
}

function textOf({ arguments: given }: CallPiece): string {
  return typeof given === 'string' ? given : JSON.stringify(given ?? '');
}

function isWhole(json: string): boolean {
  if (!json.trimStart().startsWith('{')) return false;
  try {
    JSON.parse(json);
    return true;
  } catch {
    // It goes on in the next piece.
    return false;
  }
}
