/**
 * Loaded once before the tests (`globalSetup`): where root may mount one, their temporary files live in memory.
 *
 * They make and remove files by the ten thousand. ext4 gives no inode out again in the minutes after it was freed, so for each
 * new file it looks through all of those first: a tenth of the processor time of a run. Elsewhere they are on the disk, as ever.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryNow } from '../../../src/lib/process/machine.ts';
import { isThere } from '../../../src/lib/process/others.ts';

/** Short, since Unix sockets live below it; named after the process that mounted it. */
const NAME = /^dfm-(\d+)$/;
/** Bytes. A run fills a tenth of it; memory is taken for what is stored alone. */
const SIZE = 4 * 1024 ** 3;

export default async function setup(): Promise<(() => void) | undefined> {
  const outer = tmpdir();
  if (process.getuid?.() !== 0 || process.platform !== 'linux') return undefined;
  if ((await memoryNow()).available < 2 * SIZE) return undefined;
  for (const name of readdirSync(outer)) {
    const [, pid] = NAME.exec(name) ?? [];
    // Of a run that was killed.
    if (pid !== undefined && !isThere(Number(pid))) unmount(join(outer, name));
  }
  const folder = join(outer, `dfm-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE},mode=1777`, 'tmpfs', folder]);
  if (status !== 0) {
    rmdirSync(folder);
    return undefined;
  }
  process.env['TMPDIR'] = folder;
  return () => {
    process.env['TMPDIR'] = outer;
    unmount(folder);
  };
}

/** What is no mount here is somebody else's: of a container that shares the folder of temporary files, for one. */
function unmount(folder: string): void {
  if (spawnSync('umount', ['--lazy', folder]).status === 0) rmdirSync(folder);
}
