import type { Holder, JournalEntry } from '../../model/journal.ts';
import type { AgentMemory } from './memory-types.ts';

/** Start of the key of the note under which a step stands that was put before its owner. */
export const GIVEN_UP = 'given-up/';

/**
 * Workers that had a step and neither ended it nor put it down, since the step last got further, oldest first. A reply or the
 * result of a tool call is "further": a worker that dies after it dies at another place.
 *
 * @param entries an agent's journal, those that count
 * @param before the epoch of whoever asks: its own lease is no such
 */
export function workersLost(entries: readonly JournalEntry[], step: number, before: number): Holder[] {
  let lost: Holder[] = [];
  const begin = entries.findLastIndex((entry) => entry.step !== step) + 1;
  for (const entry of entries.slice(begin)) {
    if (entry.epoch >= before) break;
    // A job that is delivered twice makes one worker take the lease twice; it dies once, or not at all.
    if (entry.type === 'lease')
      lost = [...lost.filter((each) => !isSameProcess(each, entry.holder)), entry.holder];
    // Its lease is the only one since the step got further.
    if (entry.type === 'reply' || entry.type === 'tool_result') lost = lost.slice(-1);
    // Its owner was told, and has it tried again.
    if (entry.type === 'note' && entry.key.startsWith(GIVEN_UP)) lost = [];
    if (entry.type === 'released') lost = lost.slice(0, -1);
  }
  return lost;
}

/** Whatever job each has its lease for. */
export function isSameProcess(one: Holder, other: Holder): boolean {
  return one.pid === other.pid && one.startedAt === other.startedAt && one.host === other.host;
}

/**
 * Did the worker die by itself? One whose machine went down did not: a laptop that is switched off three times over the same
 * step says nothing about the step. One in another container or on another machine cannot be asked; it was silent for so long
 * that its step went to somebody else, and counts.
 *
 * @param liveness what is known of the process
 * @param self whoever asks; `host` reads `name/boot/process namespace`
 */
export function diedAtIt(holder: Holder, liveness: 'alive' | 'dead' | 'foreign', self: Holder): boolean {
  if (liveness !== 'foreign') return liveness === 'dead';
  const [name, boot] = holder.host.split('/');
  const [ownName, ownBoot] = self.host.split('/');
  return name !== ownName || boot === ownBoot;
}

/** What a step was at when its worker was lost, for people. */
export function underWay({ position, openRequests }: AgentMemory): string {
  if (position.at === 'acting') {
    const open = position.calls.find(({ state }) => state !== 'done');
    return open === undefined ? 'the end of the turn' : `the tool call ${open.call.name} (${open.call.id})`;
  }
  const request = openRequests.at(-1);
  return request === undefined ? 'its beginning' : `a request to the provider ${request.provider}`;
}
