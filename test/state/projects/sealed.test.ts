import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readSealed, writeSealed } from '../../../src/state/projects/sealed.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'df-sealed-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const texts = async () =>
  (await readSealed(folder))?.map(({ path, content }) => [path, content.toString('utf8')]) ?? null;

it('sealed files are written one by one, replaced whole and taken out', async () => {
  expect(await texts()).toBeNull();
  await writeSealed(folder, 'test/deep/b.test.js', Buffer.from('b'));
  await writeSealed(folder, 'a_test.py', Buffer.from('a'));
  await writeSealed(folder, 'a_test.py', Buffer.from('aa'));
  expect(await texts()).toEqual([
    ['a_test.py', 'aa'],
    ['test/deep/b.test.js', 'b'],
  ]);
  await writeSealed(folder, 'test/deep/b.test.js', null);
  await writeSealed(folder, 'test/deep/b.test.js', null);
  expect(await texts()).toEqual([['a_test.py', 'aa']]);
});

it('what a crash left of a half-written file is none of them', async () => {
  await writeSealed(folder, 'test/a.test.js', Buffer.from('a'));
  const before = await readdir(join(folder, 'sealed/test'));
  expect(before).toEqual(['a.test.js']);
  expect((await readdir(folder)).filter((name) => name.startsWith('.sealed'))).toEqual([]);
  await writeFile(join(folder, '.sealed-0123456789abcdef'), 'half');
  expect(await texts()).toEqual([['test/a.test.js', 'a']]);
});

it('taking out what lies in no folder yet changes nothing', async () => {
  await mkdir(join(folder, 'sealed'));
  await expect(writeSealed(folder, 'a.test.js', null)).resolves.toBeUndefined();
});
