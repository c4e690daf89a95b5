/** News of all projects for everybody who listens: each log is read once, however many pages are open. */
import type { FactoryEvent } from '../../../factory/model/event.ts';
import type { StateStore } from '../../../factory/ports.ts';
import { createTurn } from '../../../lib/async/turns.ts';
import type { Place } from './cursor.ts';

export interface Feed {
  /**
   * Sends what happened after `place`, then what happens, in the order of each project's log, until `signal`.
   *
   * @param projectId this one alone. Missing: all
   * @param send is given where the event ends in its project's log, in bytes, and the event as one line of JSON
   */
  follow(options: { projectId?: string; place: Place }, send: Send, signal: AbortSignal): Promise<void>;
}

type Send = (event: FactoryEvent, end: number, text: string) => void;

interface Listener {
  projectId: string | undefined;
  send: Send;
}

export interface FeedDeps {
  state: Pick<StateStore, 'events' | 'listOpenProjects' | 'listSummaries'>;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Something cannot be read; the others go on. */
  onProblem(error: unknown): void;
}

/** Between two looks at the logs, in milliseconds. What is written at leisure is written within 250: a person waits for half a second at most. */
const LOOK_MS = 100;
/** Looks between two searches for projects that were opened. */
const LOOKS_PER_SEARCH = 8;
/** The same for what is still written of projects that have ended: seldom, and there may be thousands. */
const LOOKS_PER_ROUND = 50;

export function createFeed({ state, sleep, onProblem }: FeedDeps): Feed {
  const listeners = new Set<Listener>();
  /** Up to where each log was read, in bytes. */
  const heads = new Map<string, number>();
  let open: readonly string[] = [];
  let looking: AbortController | null = null;
  // Reading, joining and leaving take turns, so that nobody misses an event or has it twice.
  const inTurn = createTurn();

  /** @param from where the reading begins, in bytes; up to `to` */
  async function read(id: string, from: number, to: number, take: Send): Promise<number> {
    let at = from;
    while (at < to) {
      const { entries, ends, offset } = await state.events(id).readFrom(at);
      for (const [index, event] of entries.entries())
        take(event, ends[index] ?? offset, JSON.stringify(event));
      if (offset <= at) break;
      at = offset;
    }
    return at;
  }

  /** Tells all listeners what is new in a log. */
  async function look(id: string): Promise<void> {
    const size = state.events(id).size()?.bytes ?? 0;
    const head = heads.get(id) ?? 0;
    if (size === head) return;
    const told = [...listeners].filter((each) => each.projectId === undefined || each.projectId === id);
    // Shorter than it was: a torn line was cut off.
    const end = await read(id, Math.min(head, size), size, (event, place, text) => {
      for (const each of told) each.send(event, place, text);
    });
    heads.set(id, end);
  }

  async function lookAtAll(looks: number): Promise<void> {
    if (looks % LOOKS_PER_SEARCH === 0) open = (await state.listOpenProjects()).map(({ id }) => id);
    const ended = looks % LOOKS_PER_ROUND === 0 ? (await state.listSummaries()).projects : [];
    const asked = [...listeners].flatMap(({ projectId }) => (projectId === undefined ? [] : [projectId]));
    const ids = new Set([...open, ...asked, ...ended.map((each) => each.id)]);
    for (const id of ids) await look(id).catch(onProblem);
  }

  async function lookUntil(signal: AbortSignal): Promise<void> {
    for (let looks = 0; !signal.aborted; looks += 1) {
      await inTurn(() => lookAtAll(looks)).catch(onProblem);
      await sleep(LOOK_MS, signal);
    }
  }

  /** Nobody looked until now: from here on all that is written is news. */
  async function begin(): Promise<void> {
    heads.clear();
    for (const { id } of (await state.listSummaries()).projects)
      heads.set(id, state.events(id).size()?.bytes ?? 0);
    looking = new AbortController();
    void lookUntil(looking.signal);
  }

  /** Nobody listens any more. */
  function rest(): void {
    if (listeners.size > 0) return;
    looking?.abort();
    looking = null;
  }

  /** What was written before the listener came, after its place. */
  async function catchUp({ projectId, send }: Listener, { sent, floor }: Place): Promise<void> {
    const { projects } =
      projectId === undefined ? await state.listSummaries() : { projects: [{ id: projectId }] };
    for (const { id } of projects) {
      const size = state.events(id).size();
      if (size === null) continue;
      const head = heads.get(id) ?? size.bytes;
      heads.set(id, head);
      const from = sent.get(id);
      if (from !== undefined) await read(id, from, head, send);
      else if (size.changedAt > floor)
        await read(id, 0, head, (event, end, text) => {
          if (new Date(event.timestamp) > floor) send(event, end, text);
        });
    }
  }

  return {
    async follow({ projectId, place }, send, signal) {
      const listener: Listener = { projectId, send };
      try {
        await inTurn(async () => {
          if (looking === null) await begin();
          await catchUp(listener, place);
          if (!signal.aborted) listeners.add(listener);
        });
        if (!signal.aborted)
          await new Promise<void>((resolve) =>
            signal.addEventListener('abort', () => resolve(), { once: true }),
          );
      } finally {
        listeners.delete(listener);
        // In turn as well: whoever is catching up listens after it, and nobody would look for them.
        await inTurn(async () => rest());
      }
    },
  };
}
