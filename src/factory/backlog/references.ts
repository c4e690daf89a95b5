import { isFailure } from '../../lib/failure.ts';
import type { StateStore } from '../ports.ts';
import { cut, type Entry, type Fault } from './backlog-file.ts';
import { listOf } from './project-order.ts';

/** Projects that one comes after: of the same file by their place in it, others by their id. */
export interface Before {
  after: (number | string)[];
  on?: number | string;
}

/** What each entry comes after. Names of the file come before those of projects that are there. */
export async function resolveReferences(
  state: Pick<StateStore, 'resolveProject'>,
  entries: readonly Entry[],
): Promise<{ before: Before[]; faults: Fault[] }> {
  const places = new Map(entries.map(({ order }, index) => [order.name.trim(), index] as const));
  const known = new Map<string, string | null>();
  const faults: Fault[] = [];
  const find = async (reference: string): Promise<number | string | null> => {
    const place = places.get(reference);
    if (place !== undefined) return place;
    const before = known.get(reference);
    if (before !== undefined) return before;
    const id = await state.resolveProject(reference).catch((error: unknown) => {
      if (isFailure(error)) return null;
      throw error;
    });
    known.set(reference, id);
    return id;
  };
  const before: Before[] = [];
  for (const { order, lineOf, place } of entries) {
    const look = async (key: 'after' | 'on', reference: string) => {
      const found = await find(reference);
      if (found === null) {
        const message = `${cut(order.name)}: ${key}: neither this file nor the factory has one project ${JSON.stringify(cut(reference))}`;
        faults.push({ line: lineOf(key), message, projects: [place] });
      }
      return found;
    };
    const mine: Before = { after: [] };
    for (const reference of listOf(order.after)) {
      const found = await look('after', reference);
      if (found !== null) mine.after.push(found);
    }
    const on = order.on === undefined ? null : await look('on', order.on.trim());
    if (on !== null) Object.assign(mine, { on, after: [...mine.after, on] });
    before.push(mine);
  }
  return { before, faults };
}

/**
 * The places of entries in an order in which each comes after those that it waits for, and a fault for each circle. Pure, and without
 * recursion: a file may be a chain of thousands.
 */
export function sortByReferences(
  entries: readonly Entry[],
  before: readonly Before[],
): { order: number[]; faults: Fault[] } {
  const order: number[] = [];
  const faults: Fault[] = [];
  const state = new Map<number, 'under way' | 'done'>();
  for (const start of entries.keys()) {
    const path: { at: number; rest: number[] }[] = [];
    const enter = (at: number) => {
      state.set(at, 'under way');
      path.push({ at, rest: (before[at]?.after ?? []).filter((each) => typeof each === 'number') });
    };
    if (!state.has(start)) enter(start);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.rest.pop();
      if (next === undefined) {
        state.set(top.at, 'done');
        order.push(top.at);
        path.pop();
      } else if (state.get(next) === 'under way') {
        const circle = path.slice(path.findIndex(({ at }) => at === next)).map(({ at }) => at);
        faults.push(circleFault(entries, circle));
      } else if (!state.has(next)) enter(next);
    }
  }
  return { order, faults };
}

const MOST_NAMES = 10;

function circleFault(entries: readonly Entry[], circle: readonly number[]): Fault {
  const names = circle.map((at) => cut(entries[at]?.order.name ?? ''));
  const shown = names.length > MOST_NAMES ? [...names.slice(0, MOST_NAMES), '…'] : names;
  const first = entries[circle[0] ?? 0];
  return {
    projects: circle.flatMap((at) => entries[at]?.place ?? []),
    line: first?.lineOf(first.order.after === undefined ? 'on' : 'after') ?? 1,
    message: `${[...shown, names[0]].join(' → ')}: each waits for the next, so none could begin`,
  };
}
