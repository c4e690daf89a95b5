import { expect, it } from 'vitest';
import { sharedIn } from '../../../src/sandbox/run/held-memory.ts';

it('finds what processes share without a name in a map of memory, and no file that is called so', () => {
  const maps = [
    '00400000-00401000 rw-s 00001000 00:01 272633                             /dev/zero (deleted)',
    '7f7007783000-7f700b783000 rw-s 00000000 00:01 18                         /dev/zero (deleted)',
    '7f700b783000-7f700b784000 rw-s 00000000 00:01 19                         /tmp/dev/zero (deleted)',
    '7f700b784000-7f700b785000 rw-p 00000000 00:00 0 ',
    '7fffa5428000-7fffa5549000 rw-p 00000000 00:00 0                          [stack]',
    '',
  ].join('\n');
  expect(sharedIn(maps)).toEqual([
    { inode: '272633', range: '400000-401000', reach: 0x2000 },
    { inode: '18', range: '7f7007783000-7f700b783000', reach: 0x4000000 },
  ]);
});
