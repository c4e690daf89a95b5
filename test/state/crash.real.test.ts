import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDocument } from '../../src/state/documents/document.ts';
import { createJournal } from '../../src/state/logs/journal.ts';
import { createLog } from '../../src/state/logs/log-store.ts';
import { until } from '../support/until.ts';
import { type Children, compileChildren } from './children.ts';
import { openStore, sampleAgent, sampleFinance, sampleProject } from './samples.ts';
import { EMPTY_PILE, type Pile, pile, stateDeps, stone, withFolder } from './support.ts';

let script: Children;
beforeAll(async () => {
  script = await compileChildren();
});
afterAll(() => script.remove());

const read = (file: string): Promise<Pile> =>
  createDocument(stateDeps(), { file, schema: pile, initial: EMPTY_PILE }).get();

/** Kills a writer of `file` at a random moment, and checks what it left. */
async function killWriter(file: string, before: number): Promise<number> {
  const child = await script.start('replace', file);
  await until(() => child.lines().length > 0);
  await sleep(Math.random() * 20);
  await child.kill();
  const promised = Number(child.lines().at(-1));
  const { version, stones } = await read(file);
  expect(version).toBeGreaterThanOrEqual(Math.max(promised, before));
  expect(version).toBeLessThanOrEqual(promised + 1);
  expect(stones).toHaveLength(1 + (version % 7) * 40);
  expect(new Set(stones)).toEqual(new Set([`v${version} ${'x'.repeat(60)}`]));
  return version;
}

describe('documents and killed processes', () => {
  it('A04 kill-during-state-write: 200 kills at random moments leave the old or the new version, and nothing else', () =>
    withFolder(async (folder) => {
      const chains = Array.from({ length: 4 }, async (_, chain) => {
        const file = join(folder, `pile${chain}.yaml`);
        let version = 0;
        for (let kill = 0; kill < 50; kill += 1) version = await killWriter(file, version);
        // One orderly update clears away what the last one left.
        const document = createDocument(stateDeps(), { file, schema: pile });
        expect((await document.update((now) => ({ ...now }))).version).toBe(version + 1);
      });
      await Promise.all(chains);
      expect((await readdir(folder)).sort()).toEqual([
        'pile0.yaml',
        'pile1.yaml',
        'pile2.yaml',
        'pile3.yaml',
      ]);
    }));

  it('several processes that update one document lose no update', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'pile.yaml');
      const children = await Promise.all(Array.from({ length: 4 }, () => script.start('count', file, '40')));
      expect(await Promise.all(children.map((child) => child.ended))).toEqual([0, 0, 0, 0]);
      const versions = children.flatMap((child) => child.lines().map(Number)).sort((a, b) => a - b);
      expect(versions).toEqual(Array.from({ length: 160 }, (_, i) => i + 1));
      expect((await read(file)).version).toBe(160);
      expect(await readdir(folder)).toEqual(['pile.yaml']);
    }));
});

describe('projects that are made together and killed processes', () => {
  it('A104 kill-within-enqueue: killed at any rename, all of a file of projects are there or none', async () => {
    const left: number[] = [];
    let isWhole = false;
    for (let at = 1; !isWhole; at += 1) {
      await withFolder(async (folder) => {
        const child = await script.start('together', folder, String(at));
        await child.ended;
        isWhole = child.lines().at(-1) === 'made';
        const { store } = openStore(folder);
        // Whoever looks first, at whatever.
        const found = at % 2 === 0 ? await store.listOpenProjects() : (await store.listProjects()).projects;
        left.push(found.length);
        for (const { id } of found) expect((await store.agent(id, 'engineer').get()).status).toBe('idle');
        const one = sampleProject();
        await store.createProject(one, [sampleAgent(one.id)], sampleFinance(one.id));
        expect((await store.listProjects()).projects).toHaveLength(found.length + 1);
        const making = await readdir(join(folder, 'data', '.making'));
        expect(making.filter((name) => name.endsWith('.together'))).toEqual([]);
      });
    }
    // Of the note, then of each of three folders.
    expect(left).toEqual([0, 3, 3, 3, 3]);
  });
});

describe('logs and killed processes', () => {
  it('two writers of one log, killed again and again: what was acknowledged is there, once, and the log stays readable', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'log.jsonl');
      const promised: number[] = [];
      const writers = Array.from({ length: 2 }, async (_, writer) => {
        for (let kill = 0; kill < 15; kill += 1) {
          const child = await script.start('append', file, String(writer * 1_000_000 + kill * 10_000));
          await until(() => child.lines().length > 2);
          await sleep(Math.random() * 10);
          await child.kill();
          promised.push(...child.lines().map(Number));
          await createLog(stateDeps(), { file, schema: stone }).readAll();
        }
      });
      await Promise.all(writers);
      const log = createLog(stateDeps(), { file, schema: stone });
      await log.append({ n: -1, text: 'last' });
      const seen = (await log.readAll()).map((entry) => entry.n);
      expect(new Set(seen).size).toBe(seen.length);
      const known = new Set(seen);
      expect(promised.filter((n) => !known.has(n) || !known.has(n + 0.5))).toEqual([]);
      expect(seen.at(-1)).toBe(-1);
      expect((await readFile(file, 'utf8')).endsWith('\n')).toBe(true);
    }));
});

describe('journals and several processes', () => {
  it('each epoch goes to exactly one of them, and each step is done exactly once', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'journal.jsonl');
      const steps = 40;
      const children = await Promise.all(
        Array.from({ length: 3 }, () => script.start('steps', file, String(steps))),
      );
      expect(await Promise.all(children.map((child) => child.ended))).toEqual([0, 0, 0]);
      const said = children.flatMap((child) => child.lines());
      const epochs = said
        .filter((line) => line.startsWith('epoch'))
        .map((line) => Number(line.split(' ')[1]));
      expect(epochs.sort((a, b) => a - b)).toEqual(Array.from({ length: epochs.length }, (_, i) => i + 1));
      const closed = said.filter((line) => line.startsWith('closed')).map((line) => line.slice(7));
      const entries = await createJournal(
        { ...stateDeps(), clock: { now: () => new Date() } },
        file,
      ).entries();
      const done = entries.filter((entry) => entry.type === 'step_done');
      expect(done.map((entry) => entry.step)).toEqual(Array.from({ length: steps }, (_, i) => i + 1));
      expect(closed.sort()).toEqual(done.map((entry) => `${entry.step} ${entry.epoch}`).sort());
    }));
});

describe('a full disk', () => {
  it('A28 disk-full: writes are refused with a clear error, what was there stays, and nothing half is left', async () => {
    const disk = ['bwrap', '--dev-bind', '/', '/', '--size', '700000', '--tmpfs', '/mnt'] as const;
    const child = await script.startIn(disk, 'fill', '/mnt/pile.yaml');
    expect(await child.ended).toBe(0);
    const lines = child.lines();
    const log = lines.indexOf('log disk_full');
    const document = lines.indexOf('document disk_full');
    const written = Number(lines[log - 1]);
    const [version, entries] = JSON.parse(lines[document + 1] ?? '') as [number, number];
    expect(entries).toBe(written * 2);
    expect(version).toBe(document - log);
    expect(JSON.parse(lines[document + 2] ?? '').sort()).toEqual(['pile.yaml', 'pile.yaml.jsonl']);
  });
});
