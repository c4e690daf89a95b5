import { appendFile, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as z from 'zod';
import type { DocumentStore, LogStore } from '../../src/factory/ports.ts';
import { documentHead, moment } from '../../src/lib/schema.ts';
import { withFolder } from '../state/support.ts';

export const sample = z.object({
  ...documentHead,
  items: z.array(z.object({ name: z.string(), note: z.string().optional() })).default([]),
  at: moment.optional(),
});
export type Sample = z.infer<typeof sample>;

export const EMPTY: Sample = { schemaVersion: 1, version: 0, items: [] };

export const add =
  (name: string) =>
  (current: Sample): Sample => ({ ...current, items: [...current.items, { name }] });

/** What every store of documents promises. @param openAt one more reader and writer of the file */
export function documentContract(openAt: (file: string) => DocumentStore<Sample>): void {
  const open = (folder: string) => {
    const file = join(folder, 'sample.yaml');
    return { file, store: openAt(file) };
  };

  it('gives back what was written, also to another reader, with the version counted up', () =>
    withFolder(async (folder) => {
      const { store } = open(folder);
      await store.update((now) => ({
        ...now,
        at: new Date(5),
        items: [{ name: 'a: "b"\n#c', note: ' x\n' }],
      }));
      await store.update(add('second'));
      const expected = {
        schemaVersion: 1,
        version: 2,
        at: new Date(5),
        items: [{ name: 'a: "b"\n#c', note: ' x\n' }, { name: 'second' }],
      };
      expect(await store.get()).toEqual(expected);
      expect(await open(folder).store.get()).toEqual(expected);
    }));

  it('returning the same object writes nothing', () =>
    withFolder(async (folder) => {
      const { store, file } = open(folder);
      await store.update(add('a'));
      const before = await stat(file, { bigint: true });
      await store.update((now) => now);
      expect((await stat(file, { bigint: true })).ino).toBe(before.ino);
      expect((await store.get()).version).toBe(1);
    }));

  it('a change that throws leaves it as it was', () =>
    withFolder(async (folder) => {
      const { store } = open(folder);
      await store.update(add('a'));
      await expect(
        store.update(() => {
          throw new Error('no');
        }),
      ).rejects.toThrow('no');
      expect((await store.get()).items).toEqual([{ name: 'a' }]);
      await store.update(add('b'));
      expect((await store.get()).version).toBe(2);
    }));

  it('a value that could not be read back is refused before it is written', () =>
    withFolder(async (folder) => {
      const { store } = open(folder);
      await store.update(add('a'));
      const wrong = { ...EMPTY, items: [{ name: 3 }] } as unknown as Sample;
      await expect(store.update(() => wrong)).rejects.toThrow(/refused to write .*items\.0\.name/);
      expect((await store.get()).items).toEqual([{ name: 'a' }]);
    }));

  it('what it hands out cannot be changed', () =>
    withFolder(async (folder) => {
      const { store } = open(folder);
      await store.update(add('a'));
      const value = await store.get();
      expect(() => value.items.push({ name: 'x' })).toThrow(TypeError);
      const first = value.items[0];
      expect(() => first !== undefined && Object.assign(first, { name: 'x' })).toThrow(TypeError);
      expect(await store.get()).toBe(value);
    }));

  it('sees what another writer wrote, at once and every time', () =>
    withFolder(async (folder) => {
      const one = open(folder).store;
      const two = open(folder).store;
      for (let i = 1; i <= 40; i += 1) {
        const writer = i % 2 === 0 ? one : two;
        const reader = i % 2 === 0 ? two : one;
        await writer.update((now) => ({ ...now, items: [{ name: `n${i % 10}` }] }));
        expect((await reader.get()).version).toBe(i);
        expect((await reader.get()).items).toEqual([{ name: `n${i % 10}` }]);
      }
    }));

  it('many updates at once in one process lose none', () =>
    withFolder(async (folder) => {
      const [one, two] = [open(folder).store, open(folder).store];
      await Promise.all(
        Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? one : two).update(add(String(i)))),
      );
      const value = await open(folder).store.get();
      expect(value.version).toBe(60);
      expect(new Set(value.items.map((item) => item.name)).size).toBe(60);
    }));
}

export const line = z.object({ n: z.number(), text: z.string().default('') });
export type Line = z.infer<typeof line>;
export const entry = (n: number, text = ''): Line => ({ n, text });

/** What every log promises. @param open one more reader and writer of the file */
export function logContract(open: (file: string) => LogStore<Line>): void {
  it('gives back what was appended, in order, also to another reader', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'x.jsonl');
      const log = open(file);
      expect(await log.readAll()).toEqual([]);
      await log.append(entry(1, 'line\nbreak'), entry(2));
      await log.append();
      await open(file).append(entry(3, 'ü\u2028'));
      const all = [entry(1, 'line\nbreak'), entry(2), entry(3, 'ü\u2028')];
      expect(await log.readAll()).toEqual(all);
      expect(await open(file).readAll()).toEqual(all);
      expect((await stat(file)).mode & 0o777).toBe(0o600);
    }));

  it('what it hands out cannot change what it knows', () =>
    withFolder(async (folder) => {
      const log = open(join(folder, 'x.jsonl'));
      await log.append(entry(1));
      const all = await log.readAll();
      all.push(entry(2));
      expect(() => Object.assign(all[0] ?? {}, { n: 9 })).toThrow(TypeError);
      expect(await log.readAll()).toEqual([entry(1)]);
    }));

  it('many appends at once in one process lose none', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'x.jsonl');
      const [one, two] = [open(file), open(file)];
      await Promise.all(Array.from({ length: 80 }, (_, i) => (i % 2 === 0 ? one : two).append(entry(i))));
      const seen = await open(file).readAll();
      expect(seen.map((one) => one.n).sort((a, b) => a - b)).toEqual(Array.from({ length: 80 }, (_, i) => i));
    }));

  it('an entry that does not fit its schema is refused and nothing is written', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'x.jsonl');
      const log = open(file);
      await log.append(entry(1));
      await expect(log.append(entry(2), { n: 'x' } as unknown as Line)).rejects.toThrow(/refused to append/);
      expect(await log.readAll()).toEqual([entry(1)]);
    }));

  it('an entry of more than 8 MiB is refused', () =>
    withFolder(async (folder) => {
      const log = open(join(folder, 'x.jsonl'));
      await expect(log.append(entry(1, 'x'.repeat(9 * 1024 * 1024)))).rejects.toMatchObject({
        code: 'entry_too_large',
      });
    }));

  it('drops the torn last line when reading, at whatever byte it was cut', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'x.jsonl');
      await open(file).append(entry(1, 'äö'), entry(2, 'xyz'));
      const whole = await readFile(file);
      const firstEnd = whole.indexOf('\n') + 1;
      for (let length = 0; length <= whole.length; length += 1) {
        await writeFile(file, whole.subarray(0, length));
        const expected = length === whole.length ? 2 : length >= firstEnd ? 1 : 0;
        expect(await open(file).readAll()).toHaveLength(expected);
      }
    }));

  it('is repaired by the next append, by a writer that read it before and by one that did not', () =>
    withFolder(async (folder) => {
      for (const reads of [true, false]) {
        const file = join(folder, `x${reads}.jsonl`);
        const log = open(file);
        await log.append(entry(1), entry(2));
        await truncate(file, (await stat(file)).size - 3);
        if (reads) await log.readAll();
        await log.append(entry(3));
        expect(await log.readAll()).toEqual([entry(1), entry(3)]);
        expect(await open(file).readAll()).toEqual([entry(1), entry(3)]);
      }
    }));

  it('any order of appends, cuts and reads by two writers keeps every entry whose append resolved and was not cut', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('a', 'b', 'read a', 'read b', 'tear'), { maxLength: 25 }),
        (steps) =>
          withFolder(async (folder) => {
            const file = join(folder, 'x.jsonl');
            const logs = { a: open(file), b: open(file) };
            const expected: Line[] = [];
            for (const [i, step] of steps.entries()) {
              if (step === 'tear') await appendFile(file, `{"n":${i},"te`);
              else if (step === 'a' || step === 'b') {
                await logs[step].append(entry(i));
                expected.push(entry(i));
              } else expect(await logs[step === 'read a' ? 'a' : 'b'].readAll()).toEqual(expected);
            }
            expect(await open(file).readAll()).toEqual(expected);
          }),
      ),
      { numRuns: 30 },
    ));
}
