import { appendFile, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { checkChain } from '../../../src/state/logs/chain-check.ts';
import { eventChain } from '../../../src/state/logs/event-chain.ts';
import { createLog } from '../../../src/state/logs/log-store.ts';
import { openStore, sampleFinance, sampleProject } from '../samples.ts';
import { stateDeps, withFolder } from '../support.ts';

const schema = z.object({ n: z.number(), text: z.string().default('ü') });
const open = (folder: string) => {
  const place = eventChain(folder, 'p');
  return { place, log: createLog(stateDeps(), { file: place.file, schema, chain: place }) };
};
const entries = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => ({ n: from + index, text: 'ü' }));

/** A log of six lines in three batches, by two writers. */
async function sample(folder: string) {
  const { place, log } = open(folder);
  await log.append(...entries(1, 2));
  await open(folder).log.append(...entries(3, 5));
  await log.append(...entries(6, 6));
  const lines = (await readFile(place.file, 'utf8')).trimEnd().split('\n');
  const put = (changed: readonly string[]) => writeFile(place.file, `${changed.join('\n')}\n`);
  const check = async () => (await checkChain(place)).findings;
  return { place, log, lines, put, check };
}

describe.concurrent('a chained log', () => {
  it('reads as one without hashes, is intact, and names the last hash', () =>
    withFolder(async (folder) => {
      const { place, log, lines } = await sample(folder);
      expect(await log.readAll()).toEqual(entries(1, 6));
      const report = await checkChain(place);
      expect(report).toMatchObject({ lines: 6, unchained: 0, torn: false, findings: [] });
      expect(lines[5]).toContain(`"chain":"${report.last}"`);
    }));

  it('an edited line is found at its number, also when only a space was added', () =>
    withFolder(async (folder) => {
      const { lines, put, check } = await sample(folder);
      for (const [index, line] of lines.entries()) {
        await put(lines.with(index, line.replace('"n":', '"n": ')));
        expect((await check())[0]?.line).toBe(index + 1);
      }
      await put(lines);
      expect(await check()).toEqual([]);
    }));

  it('a removed line is found where it was', () =>
    withFolder(async (folder) => {
      const { lines, put, check } = await sample(folder);
      for (const index of lines.keys()) {
        await put(lines.toSpliced(index, 1));
        expect((await check())[0]?.line).toBe(index + 1);
      }
    }));

  it('an inserted line is found, with a hash or without one, copied or empty', () =>
    withFolder(async (folder) => {
      const { lines, put, check } = await sample(folder);
      for (const inserted of ['{"n":9,"text":"x"}', lines[0] ?? '', lines[5] ?? '', '', 'no JSON']) {
        for (let index = 1; index < lines.length; index += 1) {
          await put(lines.toSpliced(index, 0, inserted));
          // A copy of the line that follows stands at its own place; then the original is the one too many.
          expect(
            (await check()).map(({ line }) => line - index).filter((n) => n === 1 || n === 2),
          ).not.toEqual([]);
        }
      }
    }));

  it('two lines that changed places are found', () =>
    withFolder(async (folder) => {
      const { lines, put, check } = await sample(folder);
      await put(lines.with(2, lines[3] ?? '').with(3, lines[2] ?? ''));
      expect((await check())[0]?.line).toBe(3);
    }));

  it('whole lines that are missing at the end are found, and go on being found after more is logged', () =>
    withFolder(async (folder) => {
      const { place, lines, put, check } = await sample(folder);
      await put(lines.slice(0, 4));
      expect(await check()).toEqual([{ line: 5, problem: expect.stringContaining('missing at the end') }]);
      await open(folder).log.append(...entries(7, 9));
      expect((await check())[0]?.line).toBe(5);
      await rm(place.file);
      expect((await check())[0]?.line).toBe(1);
    }));

  it('an end that was forged with fitting hashes does not fit the head', () =>
    withFolder(async (folder) => {
      const { place, lines, put, check } = await sample(folder);
      const head = await readFile(place.headFile);
      await put(lines.slice(0, 5));
      await rm(place.headFile);
      await open(folder).log.append({ n: 6, text: 'other' }, { n: 7, text: 'x' });
      await writeFile(place.headFile, head);
      expect(await check()).toEqual([{ line: 7, problem: expect.stringContaining('not the one') }]);
    }));

  it('a torn last line is no forgery, and the next append goes on', () =>
    withFolder(async (folder) => {
      const { place, log, check } = await sample(folder);
      await appendFile(place.file, '{"n":7,"te');
      expect(await checkChain(place)).toMatchObject({ torn: true, findings: [], lines: 6 });
      await log.append(...entries(7, 7));
      expect(await check()).toEqual([]);
    }));

  it('a head that is a batch behind, as after a crash, is no finding', () =>
    withFolder(async (folder) => {
      const { place, log, check } = await sample(folder);
      const head = await readFile(place.headFile);
      await log.append(...entries(7, 8));
      await writeFile(place.headFile, head);
      expect(await check()).toEqual([]);
      await open(folder).log.append(...entries(9, 9));
      expect(await check()).toEqual([]);
    }));

  it('without a head it says that it cannot tell about the end', () =>
    withFolder(async (folder) => {
      const { place, check } = await sample(folder);
      await truncate(place.headFile, 0);
      expect(await check()).toEqual([{ line: 7, problem: expect.stringContaining('cannot be told') }]);
    }));

  it('lines of before there were chains are counted, and covered by the first hash after them', () =>
    withFolder(async (folder) => {
      const { place, log } = open(folder);
      const plain = createLog(stateDeps(), { file: place.file, schema });
      await plain.append(...entries(1, 3));
      expect(await checkChain(place)).toMatchObject({ lines: 3, unchained: 3, findings: [] });
      await log.append(...entries(4, 5));
      expect(await checkChain(place)).toMatchObject({ lines: 5, unchained: 3, findings: [] });
      await writeFile(place.file, (await readFile(place.file, 'utf8')).replace('"n":2', '"n":8'));
      expect((await checkChain(place)).findings[0]?.line).toBe(4);
    }));

  it('lines that an older program adds meanwhile are named, and break nothing', () =>
    withFolder(async (folder) => {
      const { place, log, check } = await sample(folder);
      await createLog(stateDeps(), { file: place.file, schema }).append(...entries(7, 7));
      await log.append(...entries(8, 8));
      expect(await check()).toEqual([{ line: 7, problem: expect.stringContaining('no hash') }]);
    }));

  it('the log of one project put in the place of another one is found', () =>
    withFolder(async (folder) => {
      const { place } = await sample(folder);
      expect((await checkChain({ ...place, start: 'another' })).findings[0]?.line).toBe(1);
    }));

  it('every project has one, readable by its owner alone', () =>
    withFolder(async (folder) => {
      const { store } = openStore(folder);
      const { id } = sampleProject();
      await store.createProject(sampleProject({ id }), [], sampleFinance(id));
      const event = {
        timestamp: new Date(0).toISOString(),
        projectId: id,
        type: 'tool.ran',
        level: 'info',
      } as const;
      await store.events(id).append({ ...event, message: 'one' }, { ...event, message: 'two' });
      const place = eventChain(store.projectFolder(id), id);
      expect(await checkChain(place)).toMatchObject({ lines: 2, unchained: 0, findings: [] });
      expect((await stat(place.headFile)).mode & 0o777).toBe(0o600);
      expect((await store.events(id).readAll()).map(({ message }) => message)).toEqual(['one', 'two']);
    }));
});
