/** What ledgers and journals say was spent: the stuff from which the meter's books are made again. */

/** Handed to a source of facts; called once per fact, in any order. */
export interface FactVisitor {
  /** A billed request: a ledger row that counts. */
  spent(row: SpentFact): void;
  /** A request that was sent and has neither a reply, nor a failure, nor a ledger row: perhaps still on its way. */
  open(request: OpenFact): void;
  /** A request that was sent and failed: it counts for the rates alone. */
  failed(request: { requestId: string; providerId: string; at: Date }): void;
}

export interface SpentFact {
  requestId: string;
  providerId: string;
  projectId: string;
  usd: number;
  tokens: number;
  possible: boolean;
  at: Date;
}

export interface OpenFact {
  requestId: string;
  providerId: string;
  projectId: string;
  /** The worst case that was reserved for it. */
  usd: number;
  at: Date;
}

/** Reads everything and calls the visitor. Throws when a ledger cannot be read: then nothing may be granted. */
export type FactSource = (visit: FactVisitor) => Promise<void>;

/** Dollars as whole nano-dollars. Reservations are rounded up, so that rounding never opens a gap. */
export const NANO = 1_000_000_000;
export const toNano = (usd: number) => Math.round(usd * NANO);
/** A hair below a whole number is that number: 0.1 + 0.2 must not reserve a nano-dollar more than 0.3. */
export const toNanoUp = (usd: number) => Math.ceil(usd * NANO - 1e-6);
/** What limits a sum is rounded down. */
export const toNanoDown = (usd: number) => Math.floor(usd * NANO + 1e-6);

/** The spans of the sliding windows in milliseconds. */
export interface Windows {
  /** Rates per minute: a minute and a margin for the jitter between a grant and the request's arrival. */
  minute: number;
  hour: number;
  day: number;
}

/** The argument of the loading script. */
export interface LoadedBooks {
  /** Fields of the hash `money`. */
  sums: Record<string, string>;
  /** `[age, nano]` */
  spending: [number, number][];
  /** `[provider, age, requests]` */
  days: [string, number, number][];
  done: [string, number][];
  recent: { p: string; id: string; k: number; age: number }[];
  open: { p: string; j: string; id: string; n: number; age: number }[];
}

/**
 * Adds facts up for one load. What lies within the day is put together by a 1440th of it (a minute), so that the load
 * stays small however long the ledger is; ages are rounded to the younger side, which only counts longer.
 *
 * @param now this machine's clock, the one that wrote most of the facts; only differences to it are kept
 */
export function createFactSum(now: Date, windows: Windows): FactVisitor & { books(): LoadedBooks } {
  const sums = new Map<string, number>();
  const spending = new Map<number, number>();
  const days = new Map<string, Map<number, number>>();
  const done: [string, number][] = [];
  const recent: LoadedBooks['recent'] = [];
  const open: LoadedBooks['open'] = [];
  const grain = windows.day / 1_440;

  const add = <K>(map: Map<K, number>, key: K, n: number) => map.set(key, (map.get(key) ?? 0) + n);
  const ageOf = (at: Date) => Math.max(0, now.getTime() - at.getTime());
  const bucket = (age: number) => Math.floor(Math.floor(age / grain) * grain);

  function count(providerId: string, id: string, age: number, tokens: number): void {
    if (age < windows.minute) recent.push({ p: providerId, id, k: tokens, age });
    if (age >= windows.day) return;
    const perDay = days.get(providerId) ?? new Map<number, number>();
    days.set(providerId, perDay);
    add(perDay, bucket(age), 1);
  }

  return {
    spent(row) {
      const age = ageOf(row.at);
      const nano = toNano(row.usd);
      for (const holder of [`p:${row.providerId}`, `j:${row.projectId}`]) {
        add(sums, `spent:${holder}`, nano);
        if (row.possible) add(sums, `possible:${holder}`, nano);
      }
      if (age < windows.day) add(spending, bucket(age), nano);
      if (age < 3_600_000) done.push([row.requestId, age]);
      count(row.providerId, row.requestId, age, row.tokens);
    },
    open(request) {
      const age = ageOf(request.at);
      const { providerId: p, projectId: j, requestId: id } = request;
      open.push({ p, j, id, n: toNanoUp(request.usd), age });
      count(p, id, age, 0);
    },
    failed(request) {
      count(request.providerId, request.requestId, ageOf(request.at), 0);
    },
    books: () => ({
      sums: Object.fromEntries([...sums].map(([field, nano]) => [field, String(nano)])),
      spending: [...spending],
      days: [...days].flatMap(([p, perDay]) =>
        [...perDay].map(([age, n]): [string, number, number] => [p, age, n]),
      ),
      done,
      recent,
      open,
    }),
  };
}
