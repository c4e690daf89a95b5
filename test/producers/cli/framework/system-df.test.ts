import { describe, expect, test } from 'vitest';
import { isForSystem } from '../../../../src/producers/cli/framework/system-df.ts';

const files = new Set(['folder', 'status', 'a file.txt']);
const meant = (...args: string[]) =>
  isForSystem(
    args,
    (path) => files.has(path),
    async (word) => ['status', 'list'].includes(word),
  );

describe('the system’s df', () => {
  test.each([
    [['-h']],
    [['-k', '.']],
    [['-hT', '/']],
    [['/path']],
    [['/no/such/path']],
    [['.']],
    [['..', '.']],
    [['./status']],
    [['-x', 'tmpfs']],
    [['--total']],
    [['--output=source,pcent', '/']],
    [['--', 'status']],
    [['folder']],
    [['a file.txt', '-h']],
  ])('is meant by %j', async (args) => {
    expect(await meant(...args)).toBe(true);
  });

  test.each([
    [[]],
    [['status', 'x']],
    // A folder of that name in this folder takes no command away.
    [['status']],
    [['list', '-h']],
    [['--help']],
    [['--version']],
    [['-V']],
    [['--json', 'list']],
    // Mistyped: its hint helps more than "No such file".
    [['stauts']],
    [['tidy up']],
  ])('is not meant by %j', async (args) => {
    expect(await meant(...args)).toBe(false);
  });
});
