import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Compiled, compile } from '../../support/compiled.ts';

const WATCH = new URL('../../../src/sandbox/run/watch-disk.ts', import.meta.url);

let compiled: Compiled;
beforeAll(async () => {
  compiled = await compile(WATCH);
});
afterAll(() => compiled?.remove());

/** Makes files as fast as it can on a disk that holds forty thousand. */
const command = () => `
  import { writeFileSync } from 'node:fs';
  import { setTimeout as wait } from 'node:timers/promises';
  import { watchDisk } from '${compiled.file(WATCH)}';
  let told = false;
  watchDisk(process.pid, { folder: '/mnt', reserve: 1 }, () => { told = true; });
  await wait(100);
  for (let made = 0; made < 39_000 && !told; made++) {
    writeFileSync('/mnt/' + made, '');
    if (made % 1_000 === 0) await wait(1);
  }
  for (let looks = 0; looks < 50 && !told; looks++) await wait(100);
  console.log(told ? 'ended' : 'not ended');
  process.exit();`;

it.runIf(process.platform === 'linux')(
  'A54 fill-disk: empty files that would use up all that the disk can hold end the command',
  async () => {
    const { stdout } = await promisify(execFile)('unshare', [
      ...['--user', '--map-root-user', '--mount', 'sh', '-c'],
      'mount -t tmpfs -o nr_inodes=40000 tmpfs /mnt && exec "$0" --input-type=module -e "$1"',
      ...[process.execPath, command()],
    ]);
    expect(stdout).toBe('ended\n');
  },
);
