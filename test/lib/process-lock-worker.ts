/** Counts up `rounds` times under the lock in a folder; with -1 it takes the lock and never gives it back. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withProcessLock } from '../../src/lib/process-lock.ts';

const [folder = '', rounds = '0'] = process.argv.slice(2);
if (rounds === '-1') {
  await withProcessLock(folder, 'lock', async () => {
    await writeFile(join(folder, 'holding'), 'yes');
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  });
}
for (let round = 0; round < Number(rounds); round += 1) {
  await withProcessLock(folder, 'lock', async () => {
    const count = Number(await readFile(join(folder, 'count'), 'utf8'));
    await writeFile(join(folder, 'count'), String(count + 1));
  });
}
