import { appendFile, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JournalRecord } from '../../../src/factory/model/journal.ts';
import { type JournalWriter, LeaseLost } from '../../../src/factory/ports.ts';
import { createJournal } from '../../../src/state/logs/journal.ts';
import { endOfEntries, journalEnd } from '../../../src/state/logs/open-lease.ts';
import { createPrivacy } from '../../../src/state/secrets/privacy.ts';
import { stateDeps, withFolder } from '../support.ts';

const masterKey = () => Promise.reject(new Error('nothing is encrypted'));
const NO_PRIVACY = createPrivacy({ encrypt: false, masterKey, longestCommand: 0 } as never);
const clock = { now: () => new Date(1_000) };
const open = (file: string) => createJournal({ ...stateDeps(), clock }, file);
const holder = { host: 'h', pid: 1, startedAt: 's' };
const note = (key: string): JournalRecord => ({ type: 'note', key, text: key });
const done: JournalRecord = { type: 'step_done', outcome: 'continue' };

async function leased(journal: ReturnType<typeof open>, step: number): Promise<JournalWriter> {
  const writer = await journal.lease(step, holder);
  if (writer === null) throw new Error(`no lease for step ${step}`);
  return writer;
}

const keysOf = async (journal: ReturnType<typeof open>): Promise<string[]> =>
  (await journal.entries()).flatMap((entry) => (entry.type === 'note' ? [entry.key] : []));

describe.concurrent('a journal', () => {
  it('stamps entries with time, epoch and step', () =>
    withFolder(async (folder) => {
      const journal = open(join(folder, 'j.jsonl'));
      const writer = await leased(journal, 1);
      await writer.append(note('a'), done);
      const head = { at: '1970-01-01T00:00:01.000Z', epoch: 1, step: 1 };
      expect(await journal.entries()).toEqual([
        { ...head, type: 'lease', holder },
        { ...head, type: 'note', key: 'a', text: 'a' },
        { ...head, type: 'step_done', outcome: 'continue' },
      ]);
    }));

  it('tells its end from memory as it stands in the file, and not where another process wrote', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'j.jsonl');
      const journal = open(file);
      const same = async () => {
        const known = journal.known();
        expect(known).not.toBeNull();
        const end = endOfEntries(known ?? []);
        expect(end).toEqual(await journalEnd(file, NO_PRIVACY));
        return end;
      };
      expect(journal.known()).toBeNull();
      const writer = await leased(journal, 1);
      expect(await same()).toEqual({ lease: { epoch: 1, holder }, nextStep: 1 });
      await writer.append({ type: 'released' });
      expect(await same()).toEqual({ lease: null, nextStep: 1 });
      await (await leased(journal, 1)).append(note('a'), done);
      expect(await same()).toEqual({ lease: null, nextStep: 2 });
      await (await leased(journal, 2)).append({ type: 'step_done', outcome: 'finish' });
      expect(await same()).toEqual({ lease: null });
      await leased(open(file), 3);
      expect(journal.known()).toBeNull();
    }));

  it('gives no lease for a step that is done or is not the next', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'j.jsonl');
      const journal = open(file);
      expect(await journal.lease(2, holder)).toBeNull();
      await (await leased(journal, 1)).append(done);
      expect(await journal.lease(1, holder)).toBeNull();
      expect(await open(file).lease(1, holder)).toBeNull();
      expect(await open(file).lease(3, holder)).toBeNull();
      expect((await leased(open(file), 2)).epoch).toBe(2);
    }));

  it('a holder that was overtaken loses its lease before any effect, and writes nothing', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'j.jsonl');
      const journal = open(file);
      const old = await leased(journal, 1);
      await old.append(note('before'));
      await old.check();
      const newer = await leased(open(file), 1);
      const { size } = await stat(file);
      await expect(old.check()).rejects.toThrow(LeaseLost);
      await expect(old.append(note('late'))).rejects.toThrow(LeaseLost);
      expect((await stat(file)).size).toBe(size);
      await newer.append(note('after'));
      expect(newer.epoch).toBe(2);
      expect(await keysOf(journal)).toEqual(['before', 'after']);
    }));

  it('entries of an older epoch after a newer lease do not count', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'j.jsonl');
      const journal = open(file);
      await (await leased(journal, 1)).append(note('one'));
      const stale = (await readFile(file, 'utf8')).split('\n')[1]?.replaceAll('one', 'stale');
      const newer = await leased(open(file), 1);
      await appendFile(
        file,
        `${stale}\n{"at":"1970-01-01T00:00:01.000Z","epoch":1,"step":1,"type":"step_done","outcome":"continue"}\n`,
      );
      await newer.append(note('two'));
      expect(await keysOf(journal)).toEqual(['one', 'two']);
      expect(await keysOf(open(file))).toEqual(['one', 'two']);
      expect(await open(file).lease(2, holder)).toBeNull();
    }));

  it('a second lease of the same epoch does not count', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'j.jsonl');
      await leased(open(file), 1);
      await appendFile(file, await readFile(file));
      expect(await open(file).entries()).toHaveLength(1);
    }));

  it('an entry whose lease is not there is damage', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'j.jsonl');
      await appendFile(
        file,
        '{"at":"1970-01-01T00:00:01.000Z","epoch":4,"step":1,"type":"note","key":"x","text":"x"}\n',
      );
      await expect(open(file).entries()).rejects.toMatchObject({ code: 'state_unreadable' });
    }));

  it('a torn last entry is dropped and the next lease repairs it', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'j.jsonl');
      await (await leased(open(file), 1)).append(note('whole'));
      await appendFile(file, '{"at":"1970-01-01T00:00:01.000Z","epoch":1,"step":1,"ty');
      const next = await leased(open(file), 1);
      await next.append(note('next'));
      expect(await keysOf(open(file))).toEqual(['whole', 'next']);
    }));

  it('entries read before stay as they were, and cannot be changed', () =>
    withFolder(async (folder) => {
      const journal = open(join(folder, 'j.jsonl'));
      const writer = await leased(journal, 1);
      const early = await journal.entries();
      await writer.append(note('a'));
      expect(early).toHaveLength(1);
      expect(await journal.entries()).toHaveLength(2);
      expect(await journal.entries()).toBe(await journal.entries());
      expect(() => Object.assign(early[0] ?? {}, { step: 7 })).toThrow(TypeError);
    }));

  it('two workers in any order: each epoch once, each step done once, and both read the same', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(0, 1), fc.constantFrom('lease', 'append', 'done')), {
          maxLength: 30,
        }),
        (moves) =>
          withFolder(async (folder) => {
            const file = join(folder, 'j.jsonl');
            const journals = [open(file), open(file)];
            const writers: (JournalWriter | null)[] = [null, null];
            const accepted: string[] = [];
            let step = 1;
            let newest = 0;
            for (const [i, [who, move]] of moves.entries()) {
              const writer = writers[who];
              if (move === 'lease') {
                writers[who] = (await journals[who]?.lease(step, holder)) ?? null;
                newest += 1;
                expect(writers[who]?.epoch).toBe(newest);
              } else if (writer) {
                const records = move === 'done' ? [note(`${i}`), done] : [note(`${i}`)];
                if (writer.epoch !== newest) {
                  await expect(writer.append(...records)).rejects.toThrow(LeaseLost);
                } else {
                  await writer.append(...records);
                  accepted.push(`${i}`);
                  if (move === 'done') step = writer.step + 1;
                }
              }
            }
            for (const journal of [...journals, open(file)]) {
              expect(await keysOf(journal as ReturnType<typeof open>)).toEqual(accepted);
            }
          }),
      ),
      { numRuns: 30 },
    ));
});
