import { describe, expect, it } from 'vitest';
import { diedAtIt, workersLost } from '../../../../src/factory/agent/memory/crashes.ts';
import type { Holder, JournalEntry, JournalRecord } from '../../../../src/factory/model/journal.ts';

const at = '2026-01-31T12:00:00.000Z';
const worker = (pid: number): Holder => ({ host: 'here/boot/1', pid, startedAt: '1' });

/** Entries of one step: a number is a lease by the worker with that pid, a text a kind of entry under it. */
function journal(step: number, ...parts: (number | 'reply' | 'result' | 'released' | 'forgiven' | 'done')[]) {
  let epoch = step * 100;
  return parts.map((part): JournalEntry => {
    if (typeof part === 'number') epoch += 1;
    return { at, epoch, step, ...record(part) };
  });
}

function record(part: number | string): JournalRecord {
  if (typeof part === 'number') return { type: 'lease', holder: worker(part) };
  if (part === 'released') return { type: 'released' };
  if (part === 'forgiven') return { type: 'note', key: 'given-up/4', text: 'Three workers.' };
  if (part === 'done') return { type: 'step_done', outcome: 'continue' };
  if (part === 'result')
    return { type: 'tool_result', callId: 'c', name: 'bash', output: '', isError: false };
  return {
    type: 'reply',
    requestId: 'r',
    provider: 'p',
    model: 'm',
    message: { role: 'assistant', parts: [] },
    usage: { input: 0, cacheWrite: 0, cacheRead: 0, output: 0 },
    cost: 0,
    stop: 'tool_calls',
  };
}

const lost = (entries: JournalEntry[], step = 2) =>
  workersLost(entries, step, Number.POSITIVE_INFINITY).map(({ pid }) => pid);

describe('workers that a step has cost', () => {
  it('A02 worker-kill-twice: every worker that left it open at the same place counts', () => {
    expect(lost(journal(2, 1, 'reply', 2, 3))).toEqual([1, 2, 3]);
  });

  it('one that got further died at another place, where it is the first', () => {
    expect(lost(journal(2, 1, 2, 'reply', 3, 'result', 4))).toEqual([3, 4]);
  });

  it('a step that was put down costs nobody, however often', () => {
    expect(lost(journal(2, 1, 'released', 2, 'released', 3, 'released'))).toEqual([]);
    expect(lost(journal(2, 1, 2, 'released', 3))).toEqual([1, 3]);
  });

  it('a worker that took the lease twice, for its job came twice, dies once, and not at all when it put the step down', () => {
    expect(lost(journal(2, 1, 2, 2))).toEqual([1, 2]);
    expect(lost(journal(2, 1, 2, 2, 'released'))).toEqual([1]);
  });

  it('what its owner was told of is forgiven', () => {
    expect(lost(journal(2, 1, 2, 3, 4, 'forgiven', 'released', 5))).toEqual([5]);
  });

  it('steps before it and whoever asks do not count', () => {
    const entries = [...journal(1, 7, 8, 9, 'done'), ...journal(2, 1, 2)];
    expect(lost(entries)).toEqual([1, 2]);
    expect(workersLost(entries, 2, 202).map(({ pid }) => pid)).toEqual([1]);
  });
});

describe('who died over a step', () => {
  it('a process that is gone, and a silent one in another container or on another machine', () => {
    expect(diedAtIt(worker(1), 'dead', worker(2))).toBe(true);
    expect(diedAtIt({ ...worker(1), host: 'here/boot/2' }, 'foreign', worker(2))).toBe(true);
    expect(diedAtIt({ ...worker(1), host: 'there/other/1' }, 'foreign', worker(2))).toBe(true);
  });

  it('not one that lives, and not one whose machine was started anew', () => {
    expect(diedAtIt(worker(1), 'alive', worker(2))).toBe(false);
    expect(diedAtIt({ ...worker(1), host: 'here/before/1' }, 'foreign', worker(2))).toBe(false);
  });
});
