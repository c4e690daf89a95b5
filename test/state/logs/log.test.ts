import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createJsonLog } from '../../../src/state/logs/log.ts';
import { createLog } from '../../../src/state/logs/log-store.ts';
import { entry, type Line, line } from '../../contracts/state.suite.ts';
import { stateDeps, withFolder } from '../support.ts';

const open = (file: string) => createLog<Line>(stateDeps(), { file, schema: line });

describe.concurrent('a log', () => {
  it('a log that is only written is not kept in memory', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'x.jsonl');
      const log = createJsonLog<Line>(stateDeps(), { file, schema: line });
      await log.exclusively((held) => held.append([entry(1)], 'now'));
      const first = await log.entries();
      await log.exclusively((held) => held.append([entry(2)], 'now'));
      const second = await log.entries();
      expect(second).toBe(first);
      expect(second).toEqual([entry(1), entry(2)]);
    }));
});

describe.concurrent('a torn log', () => {
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

  it('a line of many opening brackets, or of nothing known, is an error, not a hang or a crash', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'x.jsonl');
      await writeFile(file, `${'['.repeat(1_000_000)}\n`);
      await expect(open(file).readAll()).rejects.toMatchObject({ code: 'state_unreadable' });
      await writeFile(file, 'x'.repeat(9_500_000));
      await expect(open(file).readAll()).rejects.toMatchObject({ code: 'state_unreadable' });
    }));
});

describe.concurrent('following a log', () => {
  it('goes on from an offset, entry by entry, without the torn end', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'x.jsonl');
      const log = open(file);
      expect(await log.readFrom(0)).toEqual({ entries: [], ends: [], offset: 0 });
      await log.append(entry(1));
      const first = await log.readFrom(0);
      expect(first).toEqual({ entries: [entry(1)], ends: [first.offset], offset: first.offset });
      expect(await log.readFrom(first.offset)).toEqual({ entries: [], ends: [], offset: first.offset });
      await log.append(entry(2));
      await appendFile(file, '{"n":3');
      const second = await log.readFrom(first.offset);
      expect(second.entries).toEqual([entry(2)]);
      await log.append(entry(4));
      expect((await log.readFrom(second.offset)).entries).toEqual([entry(4)]);
    }));
});
