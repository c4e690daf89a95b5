import { mkdtempSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { spaceOf } from '../../src/lib/process/machine.ts';
import { scenario } from '../support/scenario.ts';

const SHM = '/dev/shm';
const MIB = 1024 * 1024;
const shm = await spaceOf(SHM);
const temporary = await spaceOf(tmpdir());
/** A file system of its own that can be filled without harm, with less room than where the repository lies. */
const small =
  shm !== null && temporary !== null && shm.free > 48 * MIB && shm.free < temporary.free ? shm : null;

describe.skipIf(small === null)('too little room', () => {
  it('A28 disk-full: no step begins below limits.diskFree; the project says so, attempts stay, and it goes on by itself', async () => {
    const folder = mkdtempSync(join(SHM, 'df-room-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const limit = (small?.free ?? 0) - 24 * MIB;
    const s = await scenario({
      config: ['limits:', `  diskFree: ${limit}`, `dataDir: ${join(folder, 'data')}`],
    });
    const projects = [await s.init('first'), await s.init('second')];
    const filler = join(folder, 'filler');
    await writeFile(filler, Buffer.alloc(40 * MIB));
    await s.worker();
    for (const { id } of projects) expect((await s.df('start', id)).code).toBe(0);
    for (const { id } of projects) {
      await s.when(id, 'waiting for the disk', ({ waiting }) => waiting?.for === 'disk');
    }
    expect((await s.df('status', projects[0]?.id ?? '')).stdout).toMatch(
      /Waiting\s+for disk since .* MiB are free/,
    );
    expect(s.model.requests).toHaveLength(0);

    await rm(filler);
    for (const { id } of projects) {
      await s.ends(id);
      expect((await s.status(id)).project.waiting).toBeUndefined();
    }
    const log = await readFile(join(folder, 'data/events.jsonl'), 'utf8');
    const types = [...log.matchAll(/"type":"(disk\.[a-z]+)"/g)].map(([, type]) => type);
    // Cleaned once or more, as long as there is too little; told once that there is, and once that it is over.
    expect([...new Set(types)]).toEqual(['disk.low', 'disk.cleaned', 'disk.enough']);
    expect(types.filter((type) => type !== 'disk.cleaned')).toEqual(['disk.low', 'disk.enough']);
  });
});
