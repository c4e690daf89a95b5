import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { spaceOf } from '../../src/lib/process/machine.ts';
import { scenario } from '../support/scenario.ts';

const MIB = 1024 * 1024;
/** Memory that others share, for who may mount none of their own. */
const SHM = '/dev/shm';

/** A disk that can be filled without harm, with less room than where the repository lies; `null`: there is none. */
async function smallDisk(): Promise<string | null> {
  const own = mkdtempSync(join(tmpdir(), 'df-room-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${256 * MIB}`, 'tmpfs', own]);
  onTestFinished(async () => {
    if (status === 0) spawnSync('umount', ['--lazy', own]);
    await rm(own, { recursive: true, force: true });
  });
  if (status === 0) return own;
  const [shared, temporary] = [await spaceOf(SHM), await spaceOf(tmpdir())];
  if (shared === null || temporary === null || shared.free >= temporary.free) return null;
  const folder = mkdtempSync(join(SHM, 'df-room-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

describe('too little room', () => {
  it('A28 disk-full: no step begins below limits.diskFree; the project says so, attempts stay, and it goes on by itself', async ({
    skip,
  }) => {
    const folder = (await smallDisk()) ?? skip('there is no small disk, and none can be mounted');
    const limit = ((await spaceOf(folder))?.free ?? 0) - 24 * MIB;
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
