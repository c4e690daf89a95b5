import { appendFile, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createJsonLog, createLog } from '../../src/state/logs/log.ts';
import { stateDeps, withFolder } from './support.ts';

const schema = z.object({ n: z.number(), text: z.string().default('') });
type Entry = z.infer<typeof schema>;
const entry = (n: number, text = ''): Entry => ({ n, text });
const open = (file: string) => createLog<Entry>(stateDeps(), { file, schema });

describe('a log', () => {
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

  it('what it deps out cannot change what it knows', () =>
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
      await expect(log.append(entry(2), { n: 'x' } as unknown as Entry)).rejects.toThrow(/refused to append/);
      expect(await log.readAll()).toEqual([entry(1)]);
    }));

  it('an entry of more than 8 MiB is refused', () =>
    withFolder(async (folder) => {
      const log = open(join(folder, 'x.jsonl'));
      await expect(log.append(entry(1, 'x'.repeat(9 * 1024 * 1024)))).rejects.toMatchObject({
        code: 'entry_too_large',
      });
    }));

  it('a log that is only written is not kept in memory', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'x.jsonl');
      const log = createJsonLog<Entry>(stateDeps(), { file, schema });
      await log.exclusively((held) => held.append([entry(1)]));
      const first = await log.entries();
      await log.exclusively((held) => held.append([entry(2)]));
      const second = await log.entries();
      expect(second).toBe(first);
      expect(second).toEqual([entry(1), entry(2)]);
    }));
});

describe('a torn log', () => {
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

  it('a torn line longer than the search window is found whole', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'x.jsonl');
      await open(file).append(entry(1));
      await appendFile(file, `{"n":2,"text":"${'x'.repeat(300_000)}`);
      await open(file).append(entry(3));
      expect(await open(file).readAll()).toEqual([entry(1), entry(3)]);
    }));

  it('damage in the middle is an error that names file and line', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'x.jsonl');
      await open(file).append(entry(1), entry(2), entry(3));
      const text = await readFile(file, 'utf8');
      await writeFile(file, text.replace('"n":2', '"n":2,'));
      await expect(open(file).readAll()).rejects.toMatchObject({
        code: 'state_unreadable',
        message: expect.stringMatching(/x\.jsonl: line 2 is damaged/),
      });
      await writeFile(file, text.replace('"n":3', '"n":"3"'));
      await expect(open(file).readAll()).rejects.toMatchObject({
        message: expect.stringContaining('line 3'),
      });
      await writeFile(file, Buffer.concat([Buffer.from([0xff, 0xfe, 0x0a]), Buffer.from(text)]));
      await expect(open(file).readAll()).rejects.toMatchObject({
        message: expect.stringContaining('line 1'),
      });
    }));

  it('5 MB of garbage is an error, not a hang or a crash', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'x.jsonl');
      await writeFile(file, `${'['.repeat(5_000_000)}\n`);
      await expect(open(file).readAll()).rejects.toMatchObject({ code: 'state_unreadable' });
      await writeFile(file, 'x'.repeat(9_500_000));
      await expect(open(file).readAll()).rejects.toMatchObject({ code: 'state_unreadable' });
    }));

  it('any order of appends, cuts and reads by two writers keeps every entry whose append resolved and was not cut', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('a', 'b', 'read a', 'read b', 'tear'), { maxLength: 25 }),
        (steps) =>
          withFolder(async (folder) => {
            const file = join(folder, 'x.jsonl');
            const logs = { a: open(file), b: open(file) };
            const expected: Entry[] = [];
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
});

describe('following a log', () => {
  it('goes on from an offset, entry by entry, without the torn end', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'x.jsonl');
      const log = open(file);
      expect(await log.readFrom(0)).toEqual({ entries: [], offset: 0 });
      await log.append(entry(1));
      const first = await log.readFrom(0);
      expect(first.entries).toEqual([entry(1)]);
      expect(await log.readFrom(first.offset)).toEqual({ entries: [], offset: first.offset });
      await log.append(entry(2));
      await appendFile(file, '{"n":3');
      const second = await log.readFrom(first.offset);
      expect(second.entries).toEqual([entry(2)]);
      await log.append(entry(4));
      expect((await log.readFrom(second.offset)).entries).toEqual([entry(4)]);
    }));
});
