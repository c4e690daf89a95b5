import { mkdir, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packedWithBranch, withBranch } from '../../../src/sandbox/mounts/packed-refs.ts';

const ONE = '1'.repeat(40);
const TWO = '2'.repeat(40);
const HEADER = '# pack-refs with: peeled fully-peeled sorted ';
const packed = (...lines: string[]) => [HEADER, ...lines, ''].join('\n');

describe('the branch of a worktree among packed references', () => {
  const tag = [`${ONE} refs/tags/a`, `^${TWO}`];

  it.each([
    ['first', [`${ONE} refs/heads/e`, ...tag], [`${TWO} refs/heads/df/1`, `${ONE} refs/heads/e`, ...tag]],
    ['between', [`${ONE} refs/heads/a`, ...tag], [`${ONE} refs/heads/a`, `${TWO} refs/heads/df/1`, ...tag]],
    [
      'last',
      [`${ONE} refs/heads/a`, `^${ONE}`],
      [`${ONE} refs/heads/a`, `^${ONE}`, `${TWO} refs/heads/df/1`],
    ],
    ['instead of an older one', [`${ONE} refs/heads/df/1`, ...tag], [`${TWO} refs/heads/df/1`, ...tag]],
    [
      'beside one that ends like it',
      [`${ONE} refs/x/refs/heads/df/1`],
      [`${TWO} refs/heads/df/1`, `${ONE} refs/x/refs/heads/df/1`],
    ],
  ])('stands in its place by name: %s', (_, before, after) => {
    expect(withBranch(packed(...before), 'refs/heads/df/1', TWO)).toBe(packed(...after));
  });

  it('is the only line where there is no file', () => {
    expect(withBranch('', 'refs/heads/ä', ONE)).toBe(`${ONE} refs/heads/Ã¤\n`);
  });
});

describe('packedWithBranch', () => {
  let root: string;
  const at = (...parts: string[]) => join(root, ...parts);
  const make = () => packedWithBranch(at('git'), at('git/worktrees/p1'), at('private'));
  const copies = () => readdir(at('private'));

  async function put(path: string, text: string): Promise<void> {
    await mkdir(dirname(at(path)), { recursive: true });
    // As git does it.
    await writeFile(at(`${path}.lock`), text);
    await rename(at(`${path}.lock`), at(path));
  }

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'df-packed-'));
    await mkdir(at('private'));
    await put('git/worktrees/p1/HEAD', 'ref: refs/heads/df/1\n');
    await put('git/refs/heads/df/1', `${ONE}\n`);
  });
  afterEach(() => rm(root, { recursive: true }));

  it('makes one copy for as long as branch and packed references stay as they are', async () => {
    await put('git/packed-refs', packed(`${TWO} refs/heads/main`));
    const copy = make();
    expect(await readFile(copy ?? '', 'utf8')).toBe(
      packed(`${ONE} refs/heads/df/1`, `${TWO} refs/heads/main`),
    );
    expect(make()).toBe(copy);
    await put('git/refs/heads/df/1', `${TWO}\n`);
    expect(make()).not.toBe(copy);
    expect(await copies()).toHaveLength(2);
  });

  it('removes copies that no command has asked for lately, and none that one has', async () => {
    const forgotten = make();
    await put('git/refs/heads/df/1', `${TWO}\n`);
    const used = make();
    for (const copy of [forgotten, used]) await utimes(copy ?? '', 1_000, 1_000);
    make();
    await put('git/refs/heads/df/1', `${'3'.repeat(40)}\n`);
    const last = make();
    expect((await copies()).map((name) => at('private', name)).sort()).toEqual([used, last].sort());
  });

  it.each([
    ['HEAD names a commit', () => put('git/worktrees/p1/HEAD', `${ONE}\n`)],
    ['the branch is packed', () => rm(at('git/refs/heads/df/1'))],
    [
      'a folder is left where it was',
      async () => {
        await rm(at('git/refs/heads/df/1'));
        await mkdir(at('git/refs/heads/df/1'));
      },
    ],
    [
      'the branches are in a reftable',
      async () => {
        await rm(at('git/refs/heads'), { recursive: true });
        await put('git/refs/heads', 'this repository uses the reftable format\n');
        await put('git/worktrees/p1/HEAD', 'ref: refs/heads/.invalid\n');
      },
    ],
    ['the branch is another name of one', () => put('git/refs/heads/df/1', 'ref: refs/heads/main\n')],
  ])('makes none where %s', async (_, change) => {
    await change();
    expect(make()).toBeNull();
    expect(await copies()).toEqual([]);
  });
});
